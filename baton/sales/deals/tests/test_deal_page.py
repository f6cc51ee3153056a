"""The deal's page and its verbs: who may, what is refused, what a late change says."""

from datetime import date

import pytest

from baton.sales.activities.models import Activity
from baton.sales.deals.actions import SoldLine, change_deal, set_lines
from baton.sales.deals.models import Deal
from baton.sales.tasks.models import Task
from tests.cast import NOW, a_company, a_contact, a_deal, a_pipeline, a_product, a_user

pytestmark = pytest.mark.django_db

VERBS = ["move", "change", "win", "lose", "reopen", "contacts"]


@pytest.fixture
def rep(client):
    user = a_user()
    client.force_login(user)
    return user


@pytest.mark.parametrize("verb", ["", *[f"{verb}/" for verb in VERBS]])
def test_another_reps_deal_does_not_exist_for_one(client, rep, verb):
    deal = a_deal(owner=a_user())
    answer = client.post(f"/deals/{deal.pk}/{verb}", {"reason": "price"}) if verb else client.get(f"/deals/{deal.pk}/")
    deal.refresh_from_db()
    assert answer.status_code == 404
    assert (deal.state, deal.revision) == ("open", 1)


@pytest.mark.parametrize("verb", VERBS[1:])
def test_get_changes_nothing(client, rep, verb):
    deal = a_deal(owner=rep)
    assert client.get(f"/deals/{deal.pk}/{verb}/").status_code == 405


def test_the_page_says_plainly_that_there_is_no_next_step(client, rep):
    page = client.get(f"/deals/{a_deal(owner=rep).pk}/").content.decode()
    assert "No next step" in page


def test_the_page_stays_within_its_queries(client, rep, django_assert_max_num_queries):
    deal = a_deal(owner=rep, company=a_company())
    for _ in range(5):
        client.post("/activities/log/", {"deal": deal.pk, "kind": "note", "body": "Said"})
    client.get(f"/deals/{deal.pk}/")
    with django_assert_max_num_queries(24):
        client.get(f"/deals/{deal.pk}/")


def test_an_unknown_cost_leaves_the_margin_unknown(client, rep):
    deal = a_deal(owner=rep)
    set_lines(deal, [SoldLine(a_product(), 5_000, 2_000), SoldLine(a_product(), 2_500, None)])
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert "The cost of at least one product is unknown" in page
    set_lines(deal, [SoldLine(a_product(), 5_000, 2_000)])
    assert "$30.00" in client.get(f"/deals/{deal.pk}/").content.decode()


def test_inline_change_keeps_what_was_typed_in_the_readers_way(client, rep):
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/change/", {"amount": "12,400.50", "currency": "USD", "revision": 1})
    deal.refresh_from_db()
    assert deal.amount_minor == 1_240_050


def test_a_change_that_comes_too_late_is_shown_and_not_saved(client, rep):
    deal = a_deal(owner=rep, name="Before")
    change_deal(deal, {"name": "Theirs"}, actor=None, now=NOW)
    answer = client.post(f"/deals/{deal.pk}/change/", {"name": "Mine", "revision": 1})
    deal.refresh_from_db()
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert deal.name == "Theirs"


@pytest.mark.parametrize("amount", ["-5", "abc", "1e999", "NaN", "9" * 30])
def test_an_impossible_amount_changes_nothing(client, rep, amount):
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/change/", {"amount": amount, "currency": "USD", "revision": 1})
    deal.refresh_from_db()
    assert deal.amount_minor == 100_000


def test_a_slipped_close_date_shows_on_the_page(client, rep):
    deal = a_deal(owner=rep, expected_close_on=date(2026, 3, 31))
    client.post(f"/deals/{deal.pk}/change/", {"expected_close_on": "2026-05-31", "revision": 1})
    assert "slipped once" in client.get(f"/deals/{deal.pk}/").content.decode()


def test_a_rep_gives_a_deal_to_nobody_outside_their_sight(client, rep):
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/change/", {"owner": a_user().pk, "revision": 1})
    deal.refresh_from_db()
    assert deal.owner == rep


def test_win_lose_and_reopen_by_their_buttons(client, rep):
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/win/", {"revision": 1})
    client.post(f"/deals/{deal.pk}/win/", {"revision": 1})
    assert Deal.objects.get().state == "won"
    client.post(f"/deals/{deal.pk}/reopen/")
    client.post(f"/deals/{deal.pk}/lose/", {"reason": "timing", "note": "Next year"})
    deal.refresh_from_db()
    assert (deal.state, deal.lost_reason) == ("lost", "timing")
    assert "Next year" in client.get(f"/deals/{deal.pk}/").content.decode()


def test_losing_without_a_reason_is_refused(client, rep):
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/lose/", {"reason": ""})
    deal.refresh_from_db()
    assert deal.is_open


def test_opening_by_form_twice_makes_one_deal(client, rep):
    a_pipeline()
    contact = a_contact(owner=rep, company=a_company(owner=rep))
    body = {"name": "Fleet", "amount": "900", "currency": "EUR", "contact": contact.pk, "once": "k1"}
    first, second = (client.post("/deals/open/", body) for _ in range(2))
    deal = Deal.objects.get()
    assert first.url == second.url == f"/deals/{deal.pk}/"
    assert (deal.owner, deal.company, deal.amount_minor) == (rep, contact.company, 90_000)


def test_the_form_finds_a_contact_by_email_among_ones_own(client, rep):
    a_pipeline()
    mine, foreign = a_contact(owner=rep, company=a_company()), a_contact(owner=a_user())
    assert client.post("/deals/open/", {"name": "No", "contact_email": foreign.email}).status_code == 422
    client.post("/deals/open/", {"name": "Yes", "contact_email": mine.email})
    deal = Deal.objects.get()
    assert (deal.company, deal.parts.get().contact) == (mine.company, mine)


def test_a_bad_form_keeps_what_was_typed(client, rep):
    a_pipeline()
    answer = client.post("/deals/open/", {"name": "Fleet", "amount": "lots"})
    assert answer.status_code == 422
    assert 'value="Fleet"' in answer.content.decode()


def test_a_contact_joins_by_email_only_if_one_may_see_them(client, rep):
    deal = a_deal(owner=rep)
    mine, foreign = a_contact(owner=rep), a_contact(owner=a_user())
    client.post(f"/deals/{deal.pk}/contacts/", {"email": foreign.email})
    client.post(f"/deals/{deal.pk}/contacts/", {"email": mine.email.upper(), "role": "champion"})
    part = deal.parts.get()
    assert (part.contact, part.role) == (mine, "champion")
    client.post(f"/deals/{deal.pk}/contacts/{mine.pk}/remove/")
    assert not deal.parts.exists()


def test_log_and_next_by_one_form_and_only_once(client, rep):
    deal = a_deal(owner=rep)
    body = {
        "deal": deal.pk,
        "kind": "call",
        "outcome": "reached",
        "body": "Wants a pilot",
        "next_title": "Send the offer",
        "next_on": "2026-12-01",
        "once": "k1",
    }
    for _ in range(2):
        client.post("/activities/log/", body)
    assert Activity.objects.get().body == "Wants a pilot"
    assert Task.objects.get().title == "Send the offer"


def test_a_day_without_words_sets_no_next_step(client, rep):
    client.post("/activities/log/", {"deal": a_deal(owner=rep).pk, "kind": "call", "next_on": "2026-12-01"})
    assert Activity.objects.count() == 1
    assert not Task.objects.exists()


@pytest.mark.parametrize("name", ["deal", "contact", "company"])
def test_nothing_is_logged_about_what_one_may_not_see(client, rep, name):
    other = a_user()
    foreign = {"deal": a_deal, "contact": a_contact, "company": a_company}[name](owner=other)
    assert client.post("/activities/log/", {name: foreign.pk, "kind": "note", "body": "x"}).status_code == 404
    body = {name: foreign.pk, "title": "x", "due_on": "2026-12-01"}
    assert client.post("/tasks/add/", body).status_code == 404
    assert not Activity.objects.exists()
    assert not Task.objects.exists()


def test_another_reps_task_cannot_be_ticked_off(client, rep):
    task = Task.objects.create(title="Theirs", owner=a_user(), due_at=NOW)
    for verb in ("done", "reopen", "move", "snooze"):
        assert client.post(f"/tasks/{task.pk}/{verb}/").status_code == 404
    task.refresh_from_db()
    assert task.done_at is None
