"""Clicks and opens: where they lead, whom they are held for, and what a forged token gets."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email import actions
from baton.marketing.email.models import MailHit
from baton.marketing.email.tests.conftest import an_email
from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from baton.tracking.identity import read_link_token
from baton.tracking.store.projector import project_some
from tests.cast import NOW, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36"}


def arrived(sent_to, *, is_measured: bool = False) -> str:
    """The HTML of one mail that was handed over a while ago."""
    broadcast = an_email(1)
    if is_measured:
        tracking, _ = ConsentTopic.objects.get_or_create(key="tracking", defaults={"label": "M", "purpose": "tracking"})
        give_consent(Contact.objects.get(), tracking, evidence=Evidence(how="t"), now=timezone.now())
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    Delivery.objects.update(handed_at=NOW)
    return sent_to()[0].get_body(("html",)).get_content()


def path(html: str, kind: str) -> str:
    return re.search(rf'http://127.0.0.1:8000(/{kind}/[^"]+)"', html)[1]


def test_a_click_leads_on_and_says_who_came(client: Client, sent_to) -> None:
    answer = client.get(path(arrived(sent_to), "c"), headers=BROWSER)
    assert answer.status_code == 302
    assert answer["Location"].startswith("https://www.acme.example/guide?x=1&y=2&utm_source=email")
    assert read_link_token(answer["Location"].partition("&b=")[2].replace("%3A", ":")) == Contact.objects.get().pk
    assert Delivery.objects.get().clicked_at
    assert MailHit.objects.get().label == "human"


def test_a_persons_click_scores_and_a_machines_does_not(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    client.get(link, headers={"User-Agent": "Googlebot/2.1"})
    assert _engagement_after_work() == 0
    client.get(link, headers=BROWSER)
    assert _engagement_after_work() == 12


def _engagement_after_work() -> float:
    project_some()
    jobs.run_due(limit=50)
    return round(Contact.objects.get().engagement_score)


def test_machines_are_kept_apart(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    assert "b=" not in client.head(link, headers=BROWSER)["Location"]
    client.get(link, headers={"User-Agent": "Googlebot/2.1"})
    client.get(link, headers={**BROWSER, "Sec-Purpose": "prefetch"})
    Delivery.objects.update(handed_at=timezone.now())
    client.get(link, headers=BROWSER)
    assert set(MailHit.objects.values_list("label", flat=True)) == {"machine"}
    assert MailHit.objects.count() == 4
    assert Delivery.objects.get().clicked_at is None


def test_a_foreign_site_does_not_learn_who_came(client: Client, sent_to) -> None:
    html = arrived(sent_to)
    from baton.marketing.email.models import BroadcastLink

    BroadcastLink.objects.update(url="https://elsewhere.example/")
    assert client.get(path(html, "c"), headers=BROWSER)["Location"] == "https://elsewhere.example/"


def test_the_pixel_is_only_for_who_agreed(client: Client, sent_to) -> None:
    assert "/o/" not in arrived(sent_to)


def test_an_open_counts_only_while_consent_stands(client: Client, sent_to) -> None:
    pixel = path(arrived(sent_to, is_measured=True), "o")
    assert client.get(pixel, headers=BROWSER)["Content-Type"] == "image/gif"
    assert Delivery.objects.get().opened_at
    Contact.objects.get().consents.filter(topic__key="tracking").update(state="withdrawn")
    client.get(pixel, headers=BROWSER)
    assert MailHit.objects.count() == 1


@pytest.mark.parametrize("address", ["/c/x", "/c/AAAA", "/o/AAAA.gif", "/c/é", f"/c/{'A' * 500}"])
def test_forged_tokens_are_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_click_settles_what_was_unknown(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    Delivery.objects.update(state="unknown", handed_at=None)
    client.get(link, headers=BROWSER)
    assert Delivery.objects.get().state == "delivered"
