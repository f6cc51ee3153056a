"""What a stranger's sending does, once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.forms import actions, receive
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form, FormSubmission
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform import jobs
from baton.platform.notifications.models import Notification
from baton.platform.organisation import organisation
from baton.tracking.collect.models import Site
from baton.tracking.collect.rates import Rates
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> Form:
    monkeypatch.setattr("baton.marketing.forms.public.HUMAN_SECONDS", 0)
    monkeypatch.setattr(receive, "rates", Rates(per_second=0.2, burst=20))
    topic = ConsentTopic.objects.create(key="news", label="News")
    values = {"name": "Guide", "slug": "guide", "title": "The guide", "fields": DEFAULT_FIELDS, "topic": topic,
              "consent_wording": "Yes, write to me."}  # fmt: skip
    return save_form(Form(), values, actor=None, now=timezone.now())


def opened(client: Client) -> str:
    page = client.get("/f/guide/")
    assert page.status_code == 200
    return re.search(r'name="page_key" value="([^"]+)"', page.content.decode())[1]


def sent(**fields: str) -> dict[str, str]:
    return {"last_name": "Lovelace", "email": "ada@engine.example", "interest": "sensors", **fields}


def test_sending_makes_a_contact_a_lead_and_consent_with_its_wording(client: Client, form: Form) -> None:
    page = "https://site.example/guide?utm_source=google&utm_medium=cpc&utm_campaign=spring"
    answer = client.post("/f/guide/", sent(page_key=opened(client), consent="1", company="Engine Ltd", page=page))
    assert answer.status_code == 200
    contact, lead = Contact.objects.get(), Lead.objects.get()
    assert (contact.email, contact.company.name, contact.source) == ("ada@engine.example", "Engine Ltd", "paid_search")
    assert (lead.source, lead.campaign_code, lead.interest) == (
        "paid_search", "spring", "What are you looking for?: sensors")  # fmt: skip
    assert Consent.objects.get().state == "given"
    assert contact.consent_evidence.get().wording == "Yes, write to me."


def test_a_topic_that_asks_for_confirmation_waits_for_it(client: Client, form: Form) -> None:
    ConsentTopic.objects.update(needs_confirmation=True)
    answer = client.post("/f/guide/", sent(page_key=opened(client), consent="1"), headers={"User-Agent": "Phone/1"})
    assert "Look into your mailbox" in answer.content.decode()
    assert Consent.objects.get().state == "pending"
    kept, submission = Contact.objects.get().consent_evidence.get(), FormSubmission.objects.get()
    assert (kept.how, kept.wording, kept.ip) == ("form guide v1", "Yes, write to me.", "127.0.0.1")
    assert kept.proof == {
        "form": form.pk,
        "form_version": 1,
        "submission": submission.pk,
        "page": "",
        "agent": "Phone/1",
    }
    answer = client.post("/f/guide/", sent(page_key=opened(client)))
    assert "Look into your mailbox" not in answer.content.decode()


def test_a_topic_that_a_form_asks_for_is_not_deleted(client: Client, form: Form) -> None:
    client.force_login(a_user("administrator"))
    page = client.post(f"/topics/{form.topic_id}/delete/", follow=True)
    assert "is in use" in page.content.decode()
    assert Form.objects.get().topic


def test_a_double_click_adds_nothing(client: Client, form: Form) -> None:
    key = opened(client)
    client.post("/f/guide/", sent(page_key=key))
    client.post("/f/guide/", sent(page_key=key))
    assert FormSubmission.objects.count() == Contact.objects.count() == Lead.objects.count() == 1


def test_a_typed_address_fills_what_is_empty_and_overwrites_nothing(client: Client, form: Form) -> None:
    a_contact(email="ada@engine.example", first_name="Ada", last_name="Byron", job_title="")
    client.post("/f/guide/", sent(page_key=opened(client), last_name="Impostor", first_name="Eve"))
    assert Contact.objects.get().name == "Ada Byron"


def test_wrong_answers_are_said_beside_the_field_and_nothing_is_kept(client: Client, form: Form) -> None:
    answer = client.post("/f/guide/", sent(page_key=opened(client), email="not an address", last_name=""))
    assert answer.status_code == 422
    assert "Please fill this in." in answer.content.decode()
    assert not FormSubmission.objects.exists()


@pytest.mark.parametrize("key", ["", "forged", "eyJrIjoxfQ:1abc:forged"])
def test_a_forged_page_key_is_refused_and_nothing_is_kept(client: Client, form: Form, key: str) -> None:
    assert client.post("/f/guide/", sent(page_key=key)).status_code == 422
    assert not FormSubmission.objects.exists()


def test_a_machine_that_fills_the_hidden_field_is_turned_away(client: Client, form: Form) -> None:
    assert client.post("/f/guide/", sent(page_key=opened(client), website_url="x")).status_code == 422
    assert not FormSubmission.objects.exists()


def test_a_form_is_of_the_organisation_and_inside_another_page_it_stands_alone(client: Client, form: Form) -> None:
    ours = organisation()
    ours.name, ours.postal_address = "Acme & Sons", "1 Long Way"
    ours.save()
    page, embedded = (client.get(f"/f/{form.slug}/{query}").content.decode() for query in ("", "?embed=1"))
    said = ["Acme &amp; Sons", "1 Long Way", f"<h1>{form.title}</h1>"]
    assert all(words in page for words in said)
    assert not any(words in embedded for words in [*said, "<span>Baton</span>"])


def test_only_the_embedded_form_may_stand_in_other_pages(client: Client, form: Form) -> None:
    assert "frame-ancestors 'none'" in client.get("/f/guide/").headers["Content-Security-Policy"]
    embedded = client.get("/f/guide/?embed=1")
    assert "frame-ancestors *" in embedded.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in embedded.headers


def test_only_known_websites_may_hold_the_form_once_there_is_one(client: Client, form: Form) -> None:
    Site.objects.create(name="Site", domain="site.example")
    policy = client.get("/f/guide/?embed=1").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://site.example https://*.site.example" in policy
    assert "https://baton.site.example" not in policy


def test_a_fault_of_ours_is_not_the_senders_and_the_job_makes_it_good(
    client: Client, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object, **_named: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(actions, "open_lead", breaks)
    answer = client.post("/f/guide/", sent(page_key=opened(client)))
    assert answer.status_code == 200
    assert "Thank you" in answer.content.decode()
    assert not Contact.objects.exists()
    monkeypatch.undo()
    jobs.run_due()
    assert FormSubmission.objects.get().taken_at
    assert Contact.objects.count() == Lead.objects.count() == 1


def test_the_job_after_the_page_adds_nothing(client: Client, form: Form) -> None:
    client.post("/f/guide/", sent(page_key=opened(client), consent="1"))
    jobs.run_due()
    assert Contact.objects.get().consent_evidence.count() == 1


def test_a_flood_from_one_address_waits(client: Client, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "rates", Rates(per_second=0.001, burst=1))
    client.post("/f/guide/", sent(page_key=opened(client)))
    answer = client.post("/f/guide/", sent(page_key=opened(client), email="b@engine.example"))
    assert answer.status_code == 422
    assert FormSubmission.objects.count() == 1


def test_the_form_goes_on_to_a_page_and_tells_its_owner(client: Client, form: Form) -> None:
    owner = a_user("marketer")
    Form.objects.update(redirect_to="https://site.example/thanks", notify_owner=True, owner=owner)
    assert "form-action 'self' https://site.example;" in client.get("/f/guide/").headers["Content-Security-Policy"]
    answer = client.post("/f/guide/", sent(page_key=opened(client)))
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://site.example/thanks")
    assert Notification.objects.filter(user=owner, kind="form.submitted").count() == 1


def test_a_choice_is_one_of_its_options(client: Client, form: Form) -> None:
    size = {"name": "size", "label": "Size", "kind": "choice", "options": ["small", "large"]}
    save_form(form, {"fields": [*DEFAULT_FIELDS, size]}, actor=None, now=timezone.now())
    assert client.post("/f/guide/", sent(page_key=opened(client), size="huge")).status_code == 422
    assert client.post("/f/guide/", sent(page_key=opened(client), size="large")).status_code == 200
    assert "Size: large" in Lead.objects.get().interest


def as_json(client: Client, told: object, **headers: str):
    return client.post("/f/guide/send.json", told, content_type="application/json", headers=headers)


def test_json_from_a_program_is_taken_once_per_key(client: Client, form: Form) -> None:
    told = {"email": "ada@engine.example", "last_name": "Lovelace", "consent": True, "key": "order-7"}
    assert [as_json(client, told).status_code for _twice in range(2)] == [201, 201]
    assert FormSubmission.objects.count() == Contact.objects.count() == 1
    assert Consent.objects.get().state == "given"


@pytest.mark.parametrize(
    ("told", "status"),
    [("no object", 400), ([1], 400), ({}, 422), ({"email": "x", "last_name": "y"}, 422),
     ({"email": "a@b.example", "last_name": "y", "website_url": "spam"}, 422), ({"email": {"a": 1}}, 422)],
)  # fmt: skip
def test_bad_json_is_refused_with_a_reason_and_nothing_is_kept(client, form, told, status) -> None:
    answer = as_json(client, told)
    assert answer.status_code == status
    assert answer.json()
    assert not FormSubmission.objects.exists()


def test_json_comes_from_known_websites_only(client: Client, form: Form) -> None:
    Site.objects.create(name="Site", domain="site.example")
    told = {"email": "ada@engine.example", "last_name": "Lovelace"}
    assert as_json(client, told, origin="https://evil.example").status_code == 403
    assert as_json(client, told, origin="https://site.example.evil.example").status_code == 403
    answer = as_json(client, told, origin="https://www.site.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.site.example"
    asked = client.options("/f/guide/send.json", headers={"origin": "https://www.site.example"})
    assert asked.status_code == 204
    assert FormSubmission.objects.count() == 1


def test_one_line_of_script_puts_the_form_where_it_stands(client: Client, form: Form) -> None:
    Form.objects.update(title='The "guide" </script>')
    script = client.get("/f/guide/embed.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "/f/guide/" in script.content.decode()
