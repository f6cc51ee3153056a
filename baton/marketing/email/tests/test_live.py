"""An email of a journey: it goes live, sends to whom the journey puts on its ledger, and ends with the journey."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.marketing.email import actions, sending
from baton.marketing.email.models import KIND, Broadcast
from baton.marketing.email.tests.conftest import an_email, of_a_journey
from baton.marketing.email.tests.test_pages import marketer, typed
from baton.marketing.journeys.models import Journey
from baton.marketing.preflight.reads import before
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.models import Segment, SegmentMember, TouchedContact
from baton.marketing.trials.actions import CannotTest, save_trial
from baton.marketing.trials.models import Trial
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.actions import Entry
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import counts
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from tests.cast import a_user

__all__ = ["marketer"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def pages_of_journeys(monkeypatch) -> None:
    monkeypatch.setattr(Journey, "get_absolute_url", lambda journey: f"/journeys/{journey.pk}/")


def live(email: Broadcast) -> Broadcast:
    now = timezone.now()
    assert actions.blocks_live(email, now) == []
    actions.go_live(email, actor=a_user("marketer"), now=now)
    email.refresh_from_db()
    return email


def reached(email: Broadcast, *names: str, occasion: int = 0) -> int:
    """These come to its step; then whatever is due is done."""
    people = Contact.objects.filter(first_name__in=names).values_list("pk", flat=True)
    added = ledger.fill(email.message, people, Entry(occasion=occasion))
    jobs.enqueue("email.send_batch", email_id=email.pk)
    jobs.run_due(limit=50)
    email.refresh_from_db()
    return added


def subjects(mails: list[Any]) -> list[str]:
    return sorted(mail["Subject"] for mail in mails)


def test_who_reaches_it_gets_it_and_it_stays_live(sent_to) -> None:
    email = live(of_a_journey())
    assert (email.state, email.started_at, email.ended_at) == ("live", email.filled_at, None)
    reached(email, "Ada0")
    assert (email.state, subjects(sent_to())) == ("live", ["Hi Ada0"])
    reached(email, "Ada1", "Ada2")
    assert (email.state, subjects(sent_to())) == ("live", ["Hi Ada0", "Hi Ada1", "Hi Ada2"])
    assert not Job.objects.filter(state="waiting", kind="email.send_batch").exists()


def test_on_a_second_way_through_the_journey_it_comes_again_and_on_the_same_it_does_not(sent_to) -> None:
    email = live(of_a_journey())
    assert [reached(email, "Ada0", occasion=way) for way in (0, 0, 1, 1)] == [1, 0, 1, 0]
    assert subjects(sent_to()) == ["Hi Ada0", "Hi Ada0"]


def test_taken_back_it_keeps_people_waiting_and_live_again_it_goes_out_with_its_new_words(sent_to) -> None:
    email, user = live(of_a_journey()), a_user("marketer")
    began = email.started_at
    reached(email, "Ada0")
    assert actions.take_back(email, actor=user, now=timezone.now())
    reached(email, "Ada1")
    assert (email.state, counts(email.message)["queued"], len(sent_to())) == ("draft", 1, 1)
    actions.save_email(email, {"subject": "Dear {{ contact.first_name }}"}, [], actor=user, now=timezone.now())
    email = live(Broadcast.objects.get(pk=email.pk))
    jobs.run_due(limit=50)
    assert (email.started_at, subjects(sent_to())) == (began, ["Dear Ada1", "Hi Ada0"])
    assert list(JournalEntry.objects.filter(verb__in=["email.live", "email.taken_back"]).values_list("verb", flat=True)
                .order_by("pk")) == ["email.live", "email.taken_back", "email.live"]  # fmt: skip


def test_changed_since_it_was_looked_at_it_does_not_go_live(sent_to) -> None:
    seen, user = of_a_journey(), a_user("marketer")
    actions.save_email(seen, {"topic": None}, [], actor=user, now=timezone.now())
    stale = Broadcast.objects.get(pk=seen.pk)
    actions.save_email(seen, {"subject": ""}, [], actor=user, now=timezone.now())
    with pytest.raises(actions.CannotSend, match="just changed"):
        actions.go_live(stale, actor=user, now=timezone.now())
    assert Broadcast.objects.get().state == "draft"


def test_live_once_more_changes_nothing_and_paused_it_stays_paused(sent_to) -> None:
    email, user = live(of_a_journey()), a_user("marketer")
    assert actions.go_live(email, actor=user, now=timezone.now()).state == "live"
    actions.pause_email(email, actor=user, now=timezone.now())
    assert actions.go_live(email, actor=user, now=timezone.now()).state == "paused"
    assert JournalEntry.objects.filter(verb="email.live").count() == 1


def test_an_email_of_no_journey_does_not_go_live() -> None:
    email = an_email(1)
    with pytest.raises(actions.CannotSend, match="no journey"):
        actions.go_live(email, actor=a_user("marketer"), now=timezone.now())
    assert not actions.take_back(email, actor=a_user("marketer"), now=timezone.now())
    assert not actions.retire(email, actor=None, now=timezone.now())
    assert Broadcast.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        ({"topic": None}, "no topic"),
        ({"sender_email": ""}, "no sender"),
        (
            {
                "has_own_source": True,
                "mjml": "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body>"
                "</mjml>",
            },
            "postal address",
        ),
    ],
)
def test_what_stands_in_the_way_is_told_before_it_goes_live(
    marketer: Client, sent_to, lacks: dict[str, Any], says: str
) -> None:
    email = of_a_journey(1, **lacks)
    assert says in " ".join(actions.blocks_live(email, timezone.now()))
    page = marketer.post(f"/emails/{email.pk}/live/", follow=True).content.decode()
    assert says in page
    assert "Make it live" not in page
    email.refresh_from_db()
    assert (email.state, email.started_at) == ("draft", None)


def test_the_journeys_end_skips_who_waits(sent_to) -> None:
    email = live(of_a_journey())
    reached(email, "Ada0")
    actions.pause_email(email, actor=None, now=timezone.now())
    reached(email, "Ada1")
    assert actions.retire(email, actor=None, now=timezone.now())
    assert not actions.retire(email, actor=None, now=timezone.now())
    email.refresh_from_db()
    assert (email.state, bool(email.ended_at), len(sent_to())) == ("sent", True, 1)
    assert Delivery.objects.get(state="skipped").reason == "journey_over"


def test_the_journeys_end_ends_a_draft_that_was_live_and_leaves_one_that_never_was(sent_to) -> None:
    email, user = live(of_a_journey()), a_user("marketer")
    actions.take_back(email, actor=user, now=timezone.now())
    assert actions.retire(email, actor=user, now=timezone.now())
    never = of_a_journey(0)
    assert not actions.retire(never, actor=user, now=timezone.now())
    never.refresh_from_db()
    assert (email.state, never.state) == ("sent", "draft")


def test_who_leaves_the_journey_is_withdrawn(sent_to) -> None:
    email = of_a_journey()
    reached(email, "Ada0", "Ada1")
    leaver = Contact.objects.get(first_name="Ada1")
    assert ledger.withdraw(email.message, [leaver.pk], reason="left_journey") == 1
    assert ledger.withdraw(email.message, [leaver.pk], reason="left_journey") == 0
    live(email)
    jobs.run_due(limit=50)
    assert subjects(sent_to()) == ["Hi Ada0"]
    assert ledger.withdraw(email.message, Contact.objects.values_list("pk", flat=True), reason="left_journey") == 0
    assert Delivery.objects.get(contact=leaver).reason == "left_journey"


def test_it_is_not_scheduled_cancelled_or_tested_by_variants(marketer: Client, sent_to) -> None:
    email, user, now = of_a_journey(), a_user("marketer"), timezone.now()
    with pytest.raises(actions.CannotSend, match="by its journey"):
        actions.send_email(email, at=None, actor=user, now=now)
    values = {"test_percent": 20, "held_percent": 0, "wait_hours": 24, "metric": "clicks", "if_unclear": "leader"}
    with pytest.raises(CannotTest, match="no A/B test"):
        save_trial(email, values, {"B": {"subject": "Or"}}, actor=user, now=now)
    assert marketer.get(f"/emails/{email.pk}/ab-test/edit/")["Location"] == f"/emails/{email.pk}/"
    live(email)
    assert not actions.cancel_email(email, actor=user, now=now)
    actions.pause_email(email, actor=user, now=now)
    assert not actions.cancel_email(email, actor=user, now=now)
    assert (Broadcast.objects.get().state, Trial.objects.count(), Delivery.objects.count()) == ("paused", 0, 0)


def test_a_pause_holds_who_reaches_it_and_resumed_it_is_live(sent_to) -> None:
    email, user = live(of_a_journey()), a_user("marketer")
    assert actions.pause_email(email, actor=user, now=timezone.now())
    reached(email, "Ada0")
    assert sent_to() == []
    assert actions.resume_email(email, actor=user, now=timezone.now())
    jobs.run_due(limit=50)
    email.refresh_from_db()
    assert (email.state, len(sent_to())) == ("live", 1)


def test_a_copy_is_an_ordinary_draft(sent_to) -> None:
    copy = actions.copy_email(live(of_a_journey()), actor=a_user("marketer"), now=timezone.now())
    assert (copy.state, copy.journey, copy.started_at) == ("draft", None, None)


def watched(monkeypatch) -> int:
    """How many questions the watch asks."""
    monkeypatch.setattr(sending, "_watched", -1000.0)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        sending.watch_emails()
    return len(asked)


def test_the_watch_sees_to_a_live_email_when_something_of_it_is_due_and_quiet_ones_cost_nothing(
    sent_to, monkeypatch
) -> None:
    email = live(of_a_journey())
    Job.objects.all().delete()
    few = watched(monkeypatch)
    quiet = {field.name: getattr(email, field.name) for field in Broadcast._meta.fields} | {"id": None}
    for _one in range(20):
        Broadcast.objects.create(**{**quiet, "token": Broadcast._meta.get_field("token").get_default()})
    assert watched(monkeypatch) == few
    later = timezone.now() + timedelta(hours=1)
    people = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    ledger.fill(email.message, people[:1], Entry(state="waiting", next_at=later))
    Delivery.objects.create(
        message_kind=KIND, message_id=email.pk, contact_id=people[1], state="deferred", next_at=later
    )
    watched(monkeypatch)
    assert not Job.objects.exists()
    for state in ("waiting", "deferred"):
        Delivery.objects.filter(state=state).update(next_at=timezone.now())
        watched(monkeypatch)
        watched(monkeypatch)
        job = Job.objects.get()
        assert job.payload == {"email_id": email.pk}
        jobs.run_due(limit=50)
        Job.objects.all().delete()
    ledger.fill(email.message, people[2:])
    watched(monkeypatch)
    jobs.run_due(limit=50)
    assert len(sent_to()) == 3


def test_one_job_waits_for_what_waits_however_many_came(sent_to) -> None:
    email = live(of_a_journey())
    later = timezone.now() + timedelta(hours=1)
    ledger.fill(email.message, [Contact.objects.earliest("pk").pk], Entry(state="waiting", next_at=later))
    for name in ("Ada1", "Ada2"):
        reached(email, name)
    assert (len(sent_to()), Job.objects.filter(state="waiting", kind="email.send_batch").count()) == (2, 1)


def test_segments_look_at_who_was_mailed(sent_to) -> None:
    email = live(of_a_journey())
    TouchedContact.objects.all().delete()
    reached(email, "Ada1")
    touched = TouchedContact.objects.filter(aspect="message").values_list("contact_id", flat=True)
    assert list(touched) == [Contact.objects.get(first_name="Ada1").pk]


def test_who_clicked_one_of_two_copies_is_not_among_those_who_did_not_click(sent_to) -> None:
    email, user = live(of_a_journey()), a_user("marketer")
    for way in (0, 1):
        reached(email, "Ada0", "Ada1", occasion=way)
    twice = Delivery.objects.filter(contact__first_name="Ada0").earliest("pk")
    Delivery.objects.filter(pk=twice.pk).update(clicked_at=timezone.now())
    Delivery.objects.update(handed_at=timezone.now() - timedelta(hours=1))
    rule = actions.rule_of_silent(email)
    silent = save_segment(None, name="Silent", rule=rule, actor=user, now=timezone.now())
    refresh(silent, now=timezone.now())
    members = SegmentMember.objects.filter(segment=silent, left_at=None)
    assert list(members.values_list("contact__first_name", flat=True)) == ["Ada1"]


def test_its_form_asks_for_no_audience(marketer: Client, sent_to) -> None:
    email = of_a_journey()
    page = marketer.get(f"/emails/{email.pk}/edit/").content.decode()
    assert f'Sent by the journey <a class="link" href="/journeys/{email.journey_id}/">Welcome</a>' in page
    assert 'name="segments"' not in page
    others = Segment.objects.get()
    marketer.post(f"/emails/{email.pk}/edit/", {**typed(email, name="First"), "segments": [others.pk]})
    email.refresh_from_db()
    assert (email.name, email.segments.count(), email.is_of_journey) == ("First", 0, True)


def test_fields_are_looked_at_for_those_its_journey_begins_with(sent_to) -> None:
    email = of_a_journey(3, subject="Hi {{ contact.city }}")
    (finding,) = [one for one in before(email, timezone.now(), asks=False).told if one.key == "fields.empty.city"]
    assert finding.what.startswith("3 people of 3")


def test_the_draft_says_what_it_waits_for(marketer: Client, sent_to) -> None:
    email = of_a_journey(journey="draft")
    page = marketer.get(f"/emails/{email.pk}/").content.decode()
    assert "goes live when the journey is started" in page
    assert "p0@them.example" in page
    for words in ("Make it live", "A/B test", "Audience", "It has no audience", "will get it", "Schedule"):
        assert words not in page
    marketer.post(f"/emails/{email.pk}/live/")
    email.refresh_from_db()
    assert email.state == "draft"
    Journey.objects.update(state="running")
    assert "Make it live" in marketer.get(f"/emails/{email.pk}/").content.decode()
    Journey.objects.update(state="ended")
    assert "The journey has ended" in marketer.get(f"/emails/{email.pk}/").content.decode()


def test_it_is_made_live_watched_and_taken_back_on_its_pages(marketer: Client, sent_to) -> None:
    email = of_a_journey()
    assert "It is live." in marketer.post(f"/emails/{email.pk}/live/", follow=True).content.decode()
    reached(email, "Ada0")
    page = marketer.get(f"/emails/{email.pk}/").content.decode()
    for words in ("Live", "Take back to edit", "Pause", "How fast", "1 of 1", "Sent by the journey"):
        assert words in page
    for words in ("Cancel the email", "A/B test", 'hx-trigger="every 2s"', "How far it is"):
        assert words not in page
    assert "Take it back first" in marketer.get(f"/emails/{email.pk}/edit/", follow=True).content.decode()
    assert "Welcome: Hi" in marketer.get("/emails/").content.decode()
    marketer.post(f"/emails/{email.pk}/pause/")
    page = marketer.get(f"/emails/{email.pk}/").content.decode()
    assert "Resume" in page
    assert "Cancel the email" not in page
    marketer.post(f"/emails/{email.pk}/take-back/")
    reached(email, "Ada1")
    page = marketer.get(f"/emails/{email.pk}/").content.decode()
    assert "One person has reached it and waits" in page
    assert "1 of 2" in page
    for _press in range(2):
        marketer.post(f"/emails/{email.pk}/live/")
    jobs.run_due(limit=50)
    assert len(sent_to()) == 2


def test_who_may_not_send_does_not_make_it_live(client: Client, sent_to) -> None:
    email = of_a_journey()
    client.force_login(a_user("operations"))
    assert "Make it live" not in client.get(f"/emails/{email.pk}/").content.decode()
    assert client.post(f"/emails/{email.pk}/live/").status_code == 403
    email.refresh_from_db()
    assert email.state == "draft"
