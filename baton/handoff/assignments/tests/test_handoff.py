"""The handoff's way: assigned, accepted, rejected, expired."""

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.handoff.agreement.actions import agreement_in_force
from baton.handoff.assignments.actions import (
    NotWaiting,
    accept,
    assign,
    expire,
    miss_attempt,
    note_first_attempt,
    reject,
    remind,
)
from baton.handoff.assignments.jobs import consider, watch_clocks
from baton.handoff.assignments.models import Handoff
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.leads.actions import bin_lead, move_lead, note_attempt
from baton.people.leads.models import Lead
from baton.platform import jobs
from baton.platform.notifications.models import Notification
from tests.cast import NOW, a_company, a_contact, a_lead, a_team, a_user

pytestmark = pytest.mark.django_db


def ready_contact(**fields: object) -> Contact:
    return a_contact(fit_score=60, engagement_score=80.0, **fields)


def test_a_ready_contact_is_handed_to_the_sdr_who_waited_longest_and_told_once() -> None:
    first, second = a_user("sdr"), a_user("sdr")
    handoffs = [consider(ready_contact().pk) for _ in range(3)]
    assert [handoff.owner for handoff in handoffs] == [first, second, first]
    assert Notification.objects.filter(user=first, kind="handoff.assigned").count() == 2


def test_considering_a_contact_again_changes_nothing() -> None:
    a_user("sdr")
    contact = ready_contact()
    consider(contact.pk)
    assert consider(contact.pk) is None
    assert Handoff.objects.count() == Lead.objects.count() == 1


def test_a_contact_below_the_terms_is_left_to_marketing() -> None:
    a_user("sdr")
    assert consider(a_contact(fit_score=60, engagement_score=10).pk) is None
    assert not Lead.objects.exists()


def test_who_objected_to_marketing_is_not_handed_over_by_their_scores() -> None:
    contact = ready_contact()
    suppress(contact.email, "objected", evidence="a letter", now=NOW)
    assert consider(contact.pk) is None
    assert not Lead.objects.exists()


def test_the_evidence_stays_as_it_was_when_the_scores_change_later() -> None:
    a_user("sdr")
    contact = ready_contact(company=a_company("Nordwind", employees=300))
    handoff = consider(contact.pk)
    Contact.objects.filter(pk=contact.pk).update(fit_score=5)
    handoff.refresh_from_db()
    assert handoff.evidence["fit"]["score"] == 60
    assert handoff.evidence["company"]["name"] == "Nordwind"


def test_a_lead_that_sales_found_itself_is_worked_without_a_handoff() -> None:
    a_user("sdr")
    contact = ready_contact()
    a_lead(contact, origin="outbound")
    assert consider(contact.pk) is None


def test_a_lead_put_in_the_bin_takes_its_waiting_handoff_off_the_clock() -> None:
    boss = a_user("operations")
    a_user("sdr")
    handoff = consider(ready_contact().pk)
    bin_lead(handoff.lead, actor=boss, now=NOW)
    jobs.run_due()
    handoff.refresh_from_db()
    assert handoff.state == Handoff.State.WITHDRAWN


def test_accepting_moves_the_lead_on_and_gives_contact_and_lead_to_the_rep() -> None:
    rep = a_user("sdr")
    contact = ready_contact()
    handoff = accept(consider(contact.pk), actor=rep, now=NOW)
    contact.refresh_from_db()
    assert handoff.state == "accepted"
    assert handoff.lead.status == "attempting"
    assert (contact.lifecycle, contact.owner) == ("sal", rep)
    assert handoff.lead.first_attempt_at is None


def test_accepting_twice_is_harmless_and_another_cannot_take_it() -> None:
    rep, other = a_user("sdr"), a_user("rep")
    handoff = consider(ready_contact().pk)
    accept(handoff, actor=rep, now=NOW)
    assert accept(handoff, actor=rep, now=NOW).state == "accepted"
    with pytest.raises(NotWaiting):
        accept(handoff, actor=other, now=NOW)
    assert Handoff.objects.get().owner == rep


def test_wrong_territory_goes_to_the_next_rep_at_once() -> None:
    first, second = a_user("sdr"), a_user("sdr")
    handoff = consider(ready_contact().pk)
    reject(handoff, reason="not_mine", note="", actor=first, now=NOW)
    following = Handoff.objects.get(state="assigned")
    assert (following.owner, following.previous_id) == (second, handoff.pk)


def test_too_early_rests_and_is_not_handed_over_again_meanwhile() -> None:
    rep = a_user("sdr")
    contact = ready_contact()
    handoff = reject(consider(contact.pk), reason="too_early", note="next year", actor=rep, now=NOW)
    contact.refresh_from_db()
    assert (handoff.state, contact.lifecycle) == ("recycled", "recycled")
    assert handoff.rests_until == NOW + timedelta(days=agreement_in_force().rest_days)
    Handoff.objects.update(rests_until=handoff.assigned_at + timedelta(days=1000))
    assert consider(contact.pk) is None


def test_not_our_market_is_disqualified_for_good() -> None:
    rep = a_user("sdr")
    contact = ready_contact()
    reject(consider(contact.pk), reason="not_icp", note="", actor=rep, now=NOW)
    assert consider(contact.pk) is None
    assert Lead.objects.get().status == "unqualified"


def test_bad_data_returns_once_the_data_is_mended() -> None:
    rep, operations = a_user("sdr"), a_user("operations")
    contact = ready_contact()
    handoff = reject(consider(contact.pk), reason="bad_data", note="no phone", actor=rep, now=NOW)
    Contact.objects.filter(pk=contact.pk).update(changed_at=handoff.answered_at - timedelta(minutes=1))
    assert consider(contact.pk) is None
    assert Notification.objects.filter(user=operations, kind="handoff.returned").exists()
    Contact.objects.filter(pk=contact.pk).update(changed_at=handoff.answered_at + timedelta(minutes=1))
    assert consider(contact.pk).state == "assigned"


def test_an_unknown_reason_changes_nothing() -> None:
    rep = a_user("sdr")
    handoff = consider(ready_contact().pk)
    with pytest.raises(Exception, match="agreed reasons"):
        reject(handoff, reason="because", note="", actor=rep, now=NOW)
    assert Handoff.objects.get().state == "assigned"


def test_at_half_time_the_rep_is_reminded_once() -> None:
    rep = a_user("sdr")
    handoff = consider(ready_contact().pk)
    assert remind(handoff, now=NOW)
    assert not remind(handoff, now=NOW)
    assert Notification.objects.filter(user=rep, kind="handoff.reminded").count() == 1


def test_when_time_is_over_the_next_rep_gets_it_and_the_manager_is_told() -> None:
    manager = a_user("sales_manager")
    team = a_team(manager=manager)
    first, second = a_user("sdr", team=team), a_user("sdr", team=team)
    handoff = consider(ready_contact().pk)
    following = expire(handoff, now=handoff.accept_by)
    handoff.refresh_from_db()
    assert (handoff.state, handoff.owner, following.owner) == ("expired", first, second)
    assert Notification.objects.filter(user=manager, kind="handoff.expired").count() == 1


def test_before_time_nothing_expires() -> None:
    a_user("sdr")
    handoff = consider(ready_contact().pk)
    assert expire(handoff, now=handoff.accept_by - timedelta(seconds=1)) is None
    assert Handoff.objects.get().state == "assigned"


def test_the_last_one_asked_has_no_clock_that_runs_out() -> None:
    a_user("sdr"), a_user("sales_manager")
    handoff = consider(ready_contact().pk)
    last = expire(handoff, now=handoff.accept_by)
    assert (last.chosen_because, last.accept_by) == ("catch_all", None)


def test_the_first_attempt_stops_the_second_clock() -> None:
    rep = a_user("sdr")
    handoff = accept(consider(ready_contact().pk), actor=rep, now=NOW)
    note_attempt(handoff.lead, reached=False, actor=rep, now=NOW)
    jobs.run_due()
    handoff.refresh_from_db()
    assert handoff.first_attempt_at == NOW
    assert not miss_attempt(handoff, now=NOW)


def test_a_missed_first_attempt_is_told_to_rep_and_manager_once() -> None:
    manager, rep = a_user("sales_manager"), a_user("sdr")
    handoff = accept(consider(ready_contact().pk), actor=rep, now=NOW)
    Handoff.objects.update(attempt_by=handoff.assigned_at - timedelta(minutes=1))
    watch_clocks()
    watch_clocks()
    told = Notification.objects.filter(kind="handoff.attempt_missed").values_list("user_id", flat=True)
    assert sorted(told) == sorted([manager.pk, rep.pk])


def test_an_attempt_before_any_acceptance_stops_no_clock() -> None:
    a_user("sdr")
    handoff = consider(ready_contact().pk)
    assert note_first_attempt(handoff.lead, now=NOW) is None


def test_assigning_a_waiting_lead_again_keeps_its_handoff() -> None:
    a_user("sdr")
    handoff = consider(ready_contact().pk)
    assert assign(handoff.lead, now=NOW) == handoff


def test_a_lead_that_ended_lately_is_not_opened_again_by_scores_that_are_still_high() -> None:
    rep = a_user("sdr")
    contact = ready_contact()
    lead = accept(consider(contact.pk), actor=rep, now=timezone.now()).lead
    move_lead(lead, "unqualified", actor=rep, now=timezone.now(), reason="no need")
    assert consider(contact.pk) is None
    assert Lead.objects.count() == 1
