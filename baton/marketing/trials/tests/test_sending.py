"""Who gets which mail, when the rest goes out, and that a kill or a repeat moves nobody."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from baton.marketing.email import actions as emails
from baton.marketing.email import sending
from baton.marketing.email.audience import audience_counts
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.trials import actions, assigning
from baton.marketing.trials.models import Trial
from baton.marketing.trials.tests.conftest import VALUES, a_trial, click, parts
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery, Suppression
from baton.people.deliveries.tokens import address_hash
from baton.people.leads.actions import open_lead
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.notifications.models import Notification
from tests.cast import NOW, a_user

pytestmark = pytest.mark.django_db(transaction=True)


def begin(trial: Trial) -> Trial:
    emails.send_email(trial.broadcast, at=None, actor=trial.broadcast.owner, now=timezone.now())
    jobs.run_due(limit=50)
    return again(trial)


def again(trial: Trial) -> Trial:
    return Trial.objects.select_related("broadcast").get(pk=trial.pk)


def after(trial: Trial, hours: float = 24.1):
    """The moment so many hours after the last mail."""
    last = trial.broadcast.message.rows().exclude(handed_at=None).order_by("handed_at").last()
    return last.handed_at + timedelta(hours=hours)


def test_each_variant_goes_to_its_people_and_says_its_own_words(sent_to) -> None:
    own = {
        "B": {"subject": "Or {{ contact.first_name }}", "sender_name": "Bea"},
        "C": {"fields": {"headline": "Other"}},
    }
    trial = begin(a_trial(30, own))
    said = Counter(mail["Subject"].split()[0] for mail in sent_to())
    told = Counter(parts(trial.broadcast).values())
    assert set(told) == {"A", "B", "C"}
    assert said == {"Hi": told["A"] + told["C"], "Or": told["B"]}
    by_name = Counter(mail["From"].addresses[0].display_name for mail in sent_to())
    assert by_name == {"Acme": told["A"] + told["C"], "Bea": told["B"]}
    assert trial.broadcast.state == "sent"


def test_the_rest_waits_until_the_test_is_decided_then_gets_the_winner(sent_to, monkeypatch) -> None:
    trial = begin(a_trial(40, test_percent=50))
    told = Counter(parts(trial.broadcast).values())
    assert trial.broadcast.state == "sending"
    assert len(sent_to()) == told["A"] + told["B"] == 40 - told["*"]
    assert told["*"]
    click(trial.broadcast, "B", 5)
    jobs.run_due(limit=50)
    assert len(sent_to()) == 40 - told["*"]
    assert not actions.is_due(trial, after(trial, 23))
    assert actions.is_due(trial, after(trial))
    actions.judge_trial(trial, now=timezone.now())
    jobs.run_due(limit=50)
    trial = again(trial)
    assert (trial.winner, trial.verdict) == ("B", "leader")
    assert Counter(parts(trial.broadcast).values())["b"] == told["*"]
    said = Counter(mail["Subject"].split()[0] for mail in sent_to())
    assert said == {"Hi": told["A"], "Or": told["B"] + told["*"]}
    assert trial.broadcast.state == "sent"


def test_the_rest_may_wait_for_a_person_who_is_told(sent_to) -> None:
    trial = begin(a_trial(40, test_percent=50, if_unclear="person"))
    actions.judge_trial(trial, now=timezone.now())
    actions.judge_trial(again(trial), now=timezone.now())
    trial = again(trial)
    assert (trial.winner, trial.verdict, trial.decided_at) == ("", "unclear", None)
    assert Notification.objects.filter(kind="trial.unclear").count() == 1
    boss = a_user("marketer")
    actions.choose_winner(trial, "B", actor=boss, now=timezone.now())
    jobs.run_due(limit=50)
    trial = again(trial)
    assert (trial.winner, trial.verdict, trial.decided_by) == ("B", "person", boss)
    entry = JournalEntry.objects.get(verb="trial.decided")
    assert (entry.actor, entry.facts["winner"]) == (boss, "B")
    assert "*" not in parts(trial.broadcast).values()


def test_a_person_may_change_the_winner_for_who_has_not_had_theirs(sent_to) -> None:
    trial = begin(a_trial(40, test_percent=50))
    before = parts(trial.broadcast)
    boss = a_user("marketer")
    actions.choose_winner(trial, "A", actor=boss, now=timezone.now())
    actions.choose_winner(again(trial), "B", actor=boss, now=timezone.now())
    assert {contact for contact, part in parts(trial.broadcast).items() if part == "b"} == {
        contact for contact, part in before.items() if part == "*"
    }
    jobs.run_due(limit=50)
    with pytest.raises(actions.CannotTest, match="had their mail"):
        actions.choose_winner(again(trial), "A", actor=boss, now=timezone.now())
    with pytest.raises(actions.CannotTest, match="no such variant"):
        actions.choose_winner(again(trial), "E", actor=boss, now=timezone.now())
    assert again(trial).winner == "B"


def test_a_clear_winner_is_sent_even_where_a_person_was_to_be_asked(sent_to) -> None:
    trial = begin(a_trial(200, test_percent=50, if_unclear="person"))
    click(trial.broadcast, "A", 5)
    click(trial.broadcast, "B", 30)
    assert actions.judge_trial(trial, now=timezone.now()).verdict == "clear"
    assert JournalEntry.objects.get(verb="trial.decided").facts["chances"]["A"] < 0.05


def test_who_is_held_out_gets_nothing_and_is_on_the_ledger(sent_to) -> None:
    trial = a_trial(60, {}, held_percent=50)
    dead = Contact.objects.filter(email__in=[f"p{n}@them.example" for n in range(60)])[:40]
    Suppression.objects.bulk_create(
        Suppression(address_hash=address_hash(one.email), reason="dead", at=NOW) for one in dead
    )
    trial = begin(trial)
    held = trial.broadcast.message.rows().filter(variant="-")
    assert {(row.state, row.reason) for row in held} == {("skipped", "held_out"), ("skipped", "dead")}
    assert len(sent_to()) == trial.broadcast.message.rows().filter(state="handed").count()
    assert set(parts(trial.broadcast).values()) == {"A", "-"}
    assert trial.broadcast.state == "sent"


def test_a_kill_in_mid_filling_and_a_repeat_move_nobody(sent_to, monkeypatch) -> None:
    trial = a_trial(60, test_percent=30, held_percent=20)
    broadcast = trial.broadcast
    emails.send_email(broadcast, at=None, actor=broadcast.owner, now=timezone.now())
    fill, calls = assigning.fill, []

    def killed(*given):
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return fill(*given)

    monkeypatch.setattr(assigning, "fill", killed)
    with pytest.raises(KeyboardInterrupt):
        sending.fill_email(None, email_id=broadcast.pk)
    first = parts(broadcast)
    assert 0 < len(first) < 60
    monkeypatch.setattr(assigning, "fill", fill)
    started = again(trial).started_at
    sending.fill_email(None, email_id=broadcast.pk)
    second = parts(broadcast)
    assert len(second) == 60
    assert second.items() >= first.items()
    assert again(trial).started_at == started
    trial = again(trial)
    assigning.enter_audience(broadcast, second, timezone.now())
    assert parts(broadcast) == second
    assert {assigning.part_of(trial.plan, assigning.lot(trial.salt, one)) == part for one, part in second.items()} == {
        True
    }


def test_a_decision_killed_before_its_end_is_made_again_whole(sent_to, monkeypatch) -> None:
    trial = begin(a_trial(40, test_percent=50))
    before = parts(trial.broadcast)

    def killed(*words, **told):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(actions.journal, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            actions.judge_trial(trial, now=timezone.now())
    assert parts(trial.broadcast) == before
    assert again(trial).decided_at is None
    actions.judge_trial(again(trial), now=timezone.now())
    actions.judge_trial(again(trial), now=timezone.now())
    jobs.run_due(limit=50)
    assert len(sent_to()) == len({mail["Delivered-To"] for mail in sent_to()}) == 40
    assert JournalEntry.objects.filter(verb="trial.decided").count() == 1


def test_a_variant_of_a_later_hour_waits_and_so_does_the_rest_for_that_hour(sent_to) -> None:
    trial = begin(a_trial(40, {"B": {"hours_later": 5}}, test_percent=50))
    rows = trial.broadcast.message.rows()
    assert set(rows.filter(variant="B").values_list("state", "next_at")) == {
        ("waiting", trial.started_at + timedelta(hours=5))
    }
    assert rows.filter(variant="A", state="handed").count() == len(sent_to())
    assert not actions.is_due(trial, trial.started_at + timedelta(hours=28))
    actions.choose_winner(trial, "B", actor=a_user("marketer"), now=trial.started_at + timedelta(hours=30))
    assert set(rows.filter(variant="b").values_list("next_at", flat=True)) == {trial.started_at + timedelta(hours=53)}


def test_conversions_decide_when_they_are_chosen(sent_to) -> None:
    trial = begin(a_trial(40, test_percent=50, metric="conversions"))
    rows = trial.broadcast.message.rows()
    soon, late = rows.filter(variant="B").first(), rows.filter(variant="A").first()
    open_lead(soon.contact, actor=None, now=soon.handed_at + timedelta(minutes=5))
    open_lead(late.contact, actor=None, now=late.handed_at + timedelta(hours=25))
    told = actions.tallies(trial, late.handed_at + timedelta(days=2))
    assert (told["A"].did, told["B"].did) == (0, 1)


def test_a_draft_without_anything_to_compare_is_refused(sent_to) -> None:
    broadcast = an_email(1)
    boss = a_user("marketer")
    with pytest.raises(actions.CannotTest, match="something of its own"):
        actions.save_trial(broadcast, VALUES, {}, actor=boss, now=NOW)
    with pytest.raises(actions.CannotTest, match=r"B: .*unsubscribe"):
        actions.save_trial(broadcast, VALUES, {"B": {"mjml": "<mjml><mj-body></mj-body></mjml>"}}, actor=boss, now=NOW)
    assert not Trial.objects.exists()


def test_a_test_is_frozen_once_the_email_is_on_its_way(sent_to) -> None:
    trial = a_trial(2)
    emails.send_email(trial.broadcast, at=None, actor=trial.broadcast.owner, now=timezone.now())
    with pytest.raises(actions.CannotTest, match="on its way"):
        actions.save_trial(trial.broadcast, VALUES, {"B": {"subject": "x"}}, actor=trial.broadcast.owner, now=NOW)
    with pytest.raises(actions.CannotTest, match="on its way"):
        actions.drop_trial(trial.broadcast, actor=trial.broadcast.owner, now=NOW)
    assert again(trial).letters == "AB"


def test_what_breaks_a_variant_later_stops_the_sending(sent_to) -> None:
    trial = a_trial(2)
    trial.variants.update(mjml="<mjml><mj-body></mj-body></mjml>")
    with pytest.raises(emails.CannotSend, match="B: "):
        emails.send_email(trial.broadcast, at=None, actor=trial.broadcast.owner, now=timezone.now())
    assert not Job.objects.filter(kind="email.fill").exists()
    assert not Delivery.objects.exists()


def test_cancelling_skips_the_rest_and_nothing_is_decided(sent_to) -> None:
    trial = begin(a_trial(40, test_percent=50))
    rest = [contact for contact, part in parts(trial.broadcast).items() if part == "*"]
    emails.cancel_email(trial.broadcast, actor=trial.broadcast.owner, now=timezone.now())
    assert trial.broadcast.message.rows().filter(reason="cancelled").count() == len(rest)
    actions.judge_due(None)
    assert again(trial).decided_at is None


def test_a_copy_of_the_email_has_the_test_as_it_was_set_up_and_none_of_its_figures(sent_to) -> None:
    own = {"B": {"subject": "Or so", "fields": {"headline": "Other words"}}, "C": {"hours_later": 3}}
    trial = a_trial(6, own, test_percent=50, held_percent=10)
    Trial.objects.update(started_at=NOW, judged_at=NOW, decided_at=NOW, winner="B", verdict="person")
    copy = emails.copy_email(trial.broadcast, actor=a_user("marketer"), now=timezone.now()).trial
    assert (copy.letters, copy.test_percent, copy.held_percent, copy.metric) == ("ABC", 50, 10, "clicks")
    assert copy.variants.get(letter="B").fields == {"headline": "Other words"}
    assert copy.variants.get(letter="C").hours_later == 3
    assert (copy.started_at, copy.judged_at, copy.decided_at, copy.winner, copy.verdict) == (None, None, None, "", "")
    assert copy.salt != trial.salt


def test_who_is_held_out_is_told_before_as_it_comes_to_be(sent_to) -> None:
    trial = a_trial(40, {}, held_percent=30)
    told = audience_counts(trial.broadcast, timezone.now())
    begin(trial)
    rows = trial.broadcast.message.rows()
    assert told["held"] == rows.filter(reason="held_out").count() > 0
    assert told["mailable"] == 40 - told["held"] == rows.filter(state="handed").count()


def test_a_decision_asks_nothing_of_each_row(sent_to, django_assert_max_num_queries) -> None:
    trial = begin(a_trial(80, test_percent=20))
    with django_assert_max_num_queries(20):
        actions.judge_trial(trial, now=after(trial))
    assert trial.broadcast.message.rows().filter(variant="a", state="queued").count() > 40
