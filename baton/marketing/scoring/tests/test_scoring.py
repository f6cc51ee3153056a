"""Points have reasons, fade, are capped, and a rise is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from baton.marketing.scoring.actions import score_contacts
from baton.marketing.scoring.models import ScoreReason, ScoreRule
from baton.marketing.scoring.reads import reasons_of, scores_now
from baton.marketing.scoring.rules import Point, engagement
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress_by_hand
from baton.people.preferences.choosing import end_objection, object_to_marketing
from baton.platform import jobs
from baton.platform.journal.models import JournalEntry
from baton.platform.visitor import Visitor
from baton.tracking.store import record_event
from tests.cast import NOW, a_company, a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(-50, 50)), max_size=8), st.floats(1, 400))
def test_points_halve_after_every_half_life(given_points: list[tuple[int, int]], half_life: float) -> None:
    points = [Point(NOW - timedelta(days=days), worth) for days, worth in given_points]
    later = NOW + timedelta(days=half_life)
    now_worth = engagement(points, now=NOW, half_life_days=half_life)
    assert engagement(points, now=later, half_life_days=half_life) == pytest.approx(now_worth / 2, abs=1e-6)


def test_no_points_are_zero_and_the_future_counts_in_full() -> None:
    assert engagement([], now=NOW, half_life_days=14) == 0.0
    assert engagement([Point(NOW + timedelta(days=9), 10)], now=NOW, half_life_days=14) == 10.0


def a_visitor_who_looked(days: list[int]) -> Contact:
    contact = a_contact(seniority="head", job_title="Head of Sensors", company=a_company(employees=80))
    for day in days:
        record_event("pageview", at=NOW - timedelta(days=day), contact=contact, path="/pricing")
    return contact


def test_both_scores_stand_apart_with_their_reasons() -> None:
    contact = a_visitor_who_looked([0])
    score_contacts([contact.pk], now=NOW)
    contact.refresh_from_db()
    assert contact.fit_score == 35 + 25 + 15 + 15
    assert contact.engagement_score == pytest.approx(24, abs=0.01)
    assert [reason["text"] for reason in reasons_of(contact, "engagement")] == [
        "Looked at pricing",
        "Visited the website",
    ]


def test_a_rule_counts_each_day_once_and_only_the_latest_days() -> None:
    contact = a_visitor_who_looked([0, 0, 14, 15, 16, 17, 18])
    score_contacts([contact.pk], now=NOW)
    reason = ScoreReason.objects.get(contact=contact, rule__name="Looked at pricing")
    assert (reason.times, reason.last_at) == (4, NOW)
    assert reason.points == pytest.approx(20 * (1 + sum(0.5 ** (days / 14) for days in (14, 15, 16))), abs=0.01)


def test_a_rise_is_told_once_and_fading_tells_nothing() -> None:
    contact = a_visitor_who_looked([0])
    for later in (0, 0, 5, 40):
        score_contacts([contact.pk], now=NOW + timedelta(days=later))
    assert JournalEntry.objects.filter(verb="score.rose").count() == 1
    contact.refresh_from_db()
    assert 0 < contact.engagement_score < 5


def test_scoring_again_writes_nothing_that_is_there(django_assert_num_queries) -> None:
    contact = a_visitor_who_looked([0])
    score_contacts([contact.pk], now=NOW)
    kept = list(ScoreReason.objects.values_list("pk", flat=True))
    score_contacts([contact.pk], now=NOW)
    assert list(ScoreReason.objects.values_list("pk", flat=True)) == kept


def test_a_new_rule_scores_everyone_anew(client: Client) -> None:
    contact = a_contact(country="DE", job_title="")
    client.force_login(a_user("marketer"))
    assert client.get("/scoring/new/fit/").status_code == 200
    row = {"row": ["0", "1"], "depth-0": 0, "mode-0": "all", "depth-1": 1, "what-1": "attribute:country", "op-1": "is",
           "value-1": "de"}  # fmt: skip
    for _twice in range(2):
        client.post("/scoring/new/fit/", {"name": "From Germany", "points": "-7", **row})
    assert ScoreRule.objects.filter(name="From Germany").count() == 1
    jobs.run_due()
    contact.refresh_from_db()
    assert contact.fit_score == -7
    page = client.get("/scoring/", {"who": contact.email}).content.decode()
    assert "From Germany" in page
    assert "Country is de" in page


@pytest.mark.parametrize("bad", [{"points": "x"}, {"points": "0"}, {"points": "5000"}, {"name": " "}, {"most": "0"},
                                 {"half_life_days": ""}, {"event": "nothing of the kind"}])  # fmt: skip
def test_a_bad_rule_is_refused_and_nothing_is_kept(client: Client, bad: dict[str, str]) -> None:
    client.force_login(a_user("marketer"))
    rule = {"name": "Read", "points": "3", "event": "pageview", "path": "", "half_life_days": "14", "most": "3"}
    assert client.post("/scoring/new/engagement/", {**rule, **bad}).status_code == 422
    assert not ScoreRule.objects.filter(name="Read").exists()
    assert client.post("/scoring/new/engagement/", rule).status_code == 302


def test_who_objected_keeps_no_score_and_no_reason_and_gets_both_back_with_their_word(client: Client) -> None:
    contact, other = a_visitor_who_looked([0]), a_visitor_who_looked([0])
    score_contacts([contact.pk, other.pk], now=NOW)
    object_to_marketing(contact, visitor=Visitor("203.0.113.9", "Phone/1"), now=NOW)
    jobs.run_due()
    contact.refresh_from_db()
    assert (contact.fit_score, contact.engagement_score) == (0, 0)
    assert not ScoreReason.objects.filter(contact=contact).exists()
    assert ScoreReason.objects.filter(contact=other).exists()
    assert [score for _kind, score, _reasons in scores_now(contact, now=NOW)] == [0, 0]
    client.force_login(a_user("marketer"))
    assert "no score is worked out" in client.get(f"/contacts/{contact.pk}/").content.decode()
    end_objection(contact)
    jobs.run_due()
    contact.refresh_from_db()
    assert contact.fit_score


def test_objections_put_on_the_list_by_hand_clear_the_scores_too() -> None:
    contact = a_visitor_who_looked([0])
    score_contacts([contact.pk], now=NOW)
    suppress_by_hand([contact.email], "objected", evidence="a letter", actor=a_user("marketer"), now=NOW)
    jobs.run_due()
    contact.refresh_from_db()
    assert contact.fit_score == 0
