"""Opening, joining, moving, changing and ending deals."""

from datetime import date, timedelta

import pytest

from baton.people.leads.actions import move_lead
from baton.people.leads.rules import QUALIFIED
from baton.people.timeline.models import TimelineEntry
from baton.platform.errors import Refusal
from baton.platform.journal.models import JournalEntry
from baton.sales.deals.actions import (
    SoldLine,
    add_contact,
    change_deal,
    lose_deal,
    move_to_stage,
    open_deal,
    open_or_join_deal,
    remove_contact,
    reopen_deal,
    win_deal,
)
from baton.sales.deals.errors import (
    ChangedMeanwhile,
    DealIsClosed,
    NoPipeline,
    StageDemandsMissing,
    StageOfOtherPipeline,
)
from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.tasks.actions import add_task
from tests.cast import NOW, a_company, a_contact, a_deal, a_lead, a_pipeline, a_product, a_stage, a_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=2)


def verbs(deal):
    return list(
        JournalEntry.objects.filter(thing="sales.deal", thing_id=deal.pk).order_by("pk").values_list("verb", flat=True)
    )


def test_a_new_deal_enters_the_first_stage_and_raises_its_contacts():
    a_pipeline()
    rep, contact = a_user(), a_contact()
    deal = open_deal(name="Fleet", actor=rep, now=NOW, owner=rep, currency="EUR", contacts=[contact])
    contact.refresh_from_db()
    assert (deal.stage.name, deal.probability, deal.state) == ("Discovery", 10, "open")
    assert deal.parts.get().is_primary
    assert contact.lifecycle == "opportunity"
    assert "deal.opened" in verbs(deal)
    assert TimelineEntry.objects.filter(deal_id=deal.pk, kind="deal.opened").count() == 1


def test_without_a_pipeline_opening_is_refused_and_nothing_is_made():
    with pytest.raises(NoPipeline):
        open_deal(name="Fleet", actor=None, now=NOW, owner=None, currency="EUR")
    assert not Deal.objects.exists()


def test_a_qualified_lead_makes_a_deal_once():
    a_pipeline()
    lead = a_lead(a_contact(company=a_company("Acme")), source="paid_search", campaign_code="spring", owner=a_user())
    move_lead(lead, QUALIFIED, actor=None, now=NOW)
    deal = open_or_join_deal(lead, actor=None, now=NOW)
    assert open_or_join_deal(lead, actor=None, now=LATER) == deal
    assert (deal.name, deal.source, deal.campaign_code, deal.owner) == ("Acme", "paid_search", "spring", lead.owner)
    assert Deal.objects.count() == 1


def test_a_second_lead_of_the_company_joins_its_open_deal():
    company = a_company("Acme")
    deal = a_deal(company=company)
    lead = a_lead(a_contact(company=company), source="organic_search")
    joined = open_or_join_deal(lead, actor=None, now=NOW)
    assert joined == deal
    assert joined.lead == lead
    assert [part.contact for part in deal.parts.all()] == [lead.contact]
    lead.contact.refresh_from_db()
    assert lead.contact.lifecycle == "opportunity"


def test_a_closed_deal_is_not_joined():
    company = a_company("Acme")
    deal = a_deal(company=company, state="lost")
    assert open_or_join_deal(a_lead(a_contact(company=company)), actor=None, now=NOW) != deal


def test_moving_sets_time_probability_history_and_timeline():
    deal, rep = a_deal(), a_user()
    move_to_stage(deal, a_stage("Proposal"), actor=rep, now=LATER)
    deal.refresh_from_db()
    assert (deal.stage.name, deal.probability, deal.entered_stage_at) == ("Proposal", 40, LATER)
    assert deal.stage_moves.get().from_stage.name == "Discovery"
    assert verbs(deal) == ["deal.moved"]
    assert TimelineEntry.objects.get(deal_id=deal.pk).title.endswith("Discovery to Proposal")


def test_a_probability_set_by_hand_does_not_follow_the_stage():
    deal = change_deal(a_deal(), {"probability": 55}, actor=None, now=NOW)
    move_to_stage(deal, a_stage("Proposal"), actor=None, now=LATER)
    assert deal.probability == 55
    change_deal(deal, {"probability": None}, actor=None, now=LATER)
    assert deal.probability == 40


def test_a_stage_names_all_it_lacks_and_the_deal_stays():
    Stage.objects.filter(pk=a_stage("Proposal").pk).update(demands=["amount", "next_step", "close_date"])
    deal = a_deal(amount_minor=None)
    with pytest.raises(StageDemandsMissing) as caught:
        move_to_stage(deal, a_stage("Proposal"), actor=None, now=LATER)
    deal.refresh_from_db()
    assert caught.value.fields == ["amount", "next_step", "close_date"]
    assert "a next step" in str(caught.value)
    assert (deal.stage.name, deal.revision) == ("Discovery", 1)


def test_a_met_demand_lets_the_deal_in():
    Stage.objects.filter(pk=a_stage("Proposal").pk).update(demands=["next_step", "contact"])
    deal, rep = a_deal(), a_user()
    add_contact(deal, a_contact(), actor=rep, now=NOW)
    add_task("Call", actor=rep, now=NOW, due_at=LATER, deal=deal)
    assert move_to_stage(deal, a_stage("Proposal"), actor=rep, now=LATER).stage.name == "Proposal"


def test_a_closed_deal_does_not_move():
    deal = a_deal(state="won")
    with pytest.raises(DealIsClosed):
        move_to_stage(deal, a_stage("Proposal"), actor=None, now=LATER)
    assert verbs(deal) == []


def test_a_stage_of_another_pipeline_is_refused():
    other = Stage.objects.create(pipeline=Pipeline.objects.create(name="Renewals"), name="Ask", position=0)
    with pytest.raises(StageOfOtherPipeline):
        move_to_stage(a_deal(), other, actor=None, now=LATER)


def test_the_second_of_two_movers_is_told_and_the_first_move_stands():
    deal = a_deal()
    same = Deal.objects.get(pk=deal.pk)
    move_to_stage(deal, a_stage("Proposal"), actor=None, now=LATER)
    with pytest.raises(ChangedMeanwhile, match="Someone else changed this"):
        move_to_stage(same, a_stage("Negotiation"), actor=None, now=LATER)
    deal.refresh_from_db()
    assert deal.stage.name == "Proposal"
    assert deal.stage_moves.count() == 1


def test_a_stale_page_is_told_even_when_the_row_was_read_anew():
    deal = a_deal()
    move_to_stage(deal, a_stage("Proposal"), actor=None, now=LATER)
    with pytest.raises(ChangedMeanwhile):
        move_to_stage(Deal.objects.get(pk=deal.pk), a_stage("Negotiation"), actor=None, now=LATER, seen_revision=1)


def test_winning_makes_customers_and_closes_open_tasks():
    deal, rep, contact = a_deal(), a_user(), a_contact()
    add_contact(deal, contact, actor=rep, now=NOW)
    task = add_task("Call", actor=rep, now=NOW, due_at=LATER, deal=deal)
    win_deal(deal, actor=rep, now=LATER)
    contact.refresh_from_db()
    task.refresh_from_db()
    assert (deal.state, deal.closed_at, deal.probability) == ("won", LATER, 100)
    assert contact.lifecycle == "customer"
    assert task.done_at == LATER
    assert verbs(deal).count("deal.won") == 1


def test_winning_twice_books_once():
    deal = win_deal(a_deal(), actor=None, now=NOW)
    win_deal(deal, actor=None, now=LATER)
    assert deal.closed_at == NOW
    assert verbs(deal) == ["deal.won"]


def test_winning_with_lines_sets_lines_and_amount():
    lines = [SoldLine(a_product(), 5_000, 2_000), SoldLine(a_product(), 2_500, None)]
    deal = win_deal(a_deal(), actor=None, now=NOW, lines=lines)
    deal.refresh_from_db()
    assert deal.amount_minor == 7_500
    assert [line.cost_minor for line in deal.lines.order_by("pk")] == [2_000, None]


def test_losing_keeps_reason_and_note():
    deal = lose_deal(a_deal(), reason="price", note="10 % above", actor=None, now=LATER)
    assert (deal.state, deal.lost_reason, deal.lost_note, deal.probability) == ("lost", "price", "10 % above", 0)


def test_losing_without_a_known_reason_is_refused():
    deal = a_deal()
    with pytest.raises(Refusal, match="why the deal was lost"):
        lose_deal(deal, reason="because", actor=None, now=LATER)
    deal.refresh_from_db()
    assert deal.is_open


def test_a_lost_deal_is_not_won_unless_reopened():
    deal = lose_deal(a_deal(), reason="timing", actor=None, now=NOW)
    with pytest.raises(DealIsClosed):
        win_deal(deal, actor=None, now=LATER)
    reopen_deal(deal, actor=None, now=LATER)
    assert (deal.state, deal.lost_reason, deal.closed_at, deal.probability) == ("open", "", None, 10)
    assert win_deal(deal, actor=None, now=LATER).state == "won"


def test_a_later_close_date_is_kept_as_a_slip():
    deal = a_deal(expected_close_on=date(2026, 3, 31))
    change_deal(deal, {"expected_close_on": date(2026, 4, 30), "name": "Fleet"}, actor=None, now=NOW)
    change_deal(deal, {"expected_close_on": date(2026, 4, 20)}, actor=None, now=LATER)
    assert [move.is_slip for move in deal.close_date_moves.order_by("pk")] == [True, False]
    assert TimelineEntry.objects.get(deal_id=deal.pk, kind="deal.slipped").title == "Close date slipped by 30 days"


def test_changing_to_what_is_already_there_leaves_no_trace():
    deal = a_deal(name="Fleet")
    change_deal(deal, {"name": "Fleet", "state": "won"}, actor=None, now=NOW)
    assert (deal.revision, deal.state, verbs(deal)) == (1, "open", [])


def test_removing_the_primary_contact_makes_the_next_one_primary():
    deal, first, second = a_deal(), a_contact(), a_contact()
    add_contact(deal, first, actor=None, now=NOW, role="champion")
    add_contact(deal, second, actor=None, now=NOW)
    remove_contact(deal, first, actor=None, now=NOW)
    remaining = deal.parts.get()
    assert (remaining.contact, remaining.is_primary) == (second, True)


def test_making_a_contact_primary_leaves_one_primary():
    deal, first, second = a_deal(), a_contact(), a_contact()
    add_contact(deal, first, actor=None, now=NOW)
    add_contact(deal, second, actor=None, now=NOW, is_primary=True, role="buyer")
    assert deal.parts.get(is_primary=True).contact == second
