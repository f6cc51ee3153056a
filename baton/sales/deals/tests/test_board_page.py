"""The board: who sees which cards, what it costs, and what a refused move says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Stage
from baton.sales.tasks.actions import add_task
from tests.cast import NOW, a_company, a_contact, a_deal, a_pipeline, a_stage, a_team, a_user

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def rep(client):
    user = a_user()
    client.force_login(user)
    return user


def move(client, deal, stage, **fields):
    body = {"stage": a_stage(stage).pk, "revision": deal.revision, **fields}
    return client.post(f"/deals/{deal.pk}/move/", body, **JSON)


def test_a_rep_sees_own_cards_a_manager_the_teams_operations_all(client, rep):
    team = a_team()
    rep.team = team
    rep.save()
    manager = a_user("sales_manager", team=team)
    a_deal(name="Mine", owner=rep)
    a_deal(name="Foreign", owner=a_user())
    seen = {}
    for user in (rep, manager, a_user("operations")):
        client.force_login(user)
        page = client.get("/deals/").content.decode()
        seen[user.role] = ("Mine" in page, "Foreign" in page)
    assert seen == {"rep": (True, False), "sales_manager": (True, False), "operations": (True, True)}


def test_columns_show_count_sum_and_weighted_sum_of_open_deals_only(client, rep):
    a_deal("Proposal", owner=rep, amount_minor=1_000_00)
    a_deal("Proposal", owner=rep, amount_minor=500_00)
    a_deal("Proposal", owner=rep, amount_minor=9_000_00, state="won")
    a_deal("Proposal", owner=rep, amount_minor=None)
    page = client.get("/deals/").content.decode()
    assert "$1,500" in page
    assert "$600" in page
    assert '<span class="board-count">3</span>' in page


def test_a_full_board_stays_within_its_queries(client, rep, django_assert_max_num_queries):
    for n in range(60):
        deal = a_deal(["Discovery", "Proposal", "Negotiation"][n % 3], owner=rep, company=a_company())
        add_task("Call", actor=rep, now=NOW, due_at=NOW, deal=deal)
    client.get("/deals/")
    with django_assert_max_num_queries(24):
        assert client.get("/deals/").status_code == 200


def test_a_column_shows_25_cards_and_the_rest_on_demand(client, rep):
    for n in range(30):
        a_deal(owner=rep, entered_stage_at=NOW - timedelta(hours=n))
    page = client.get("/deals/").content.decode()
    assert page.count("data-deal=") == 25
    last = Deal.objects.order_by("entered_stage_at")[5]
    more = client.get(f"/deals/board/column/{last.stage_id}/?after={last.pk}", HTTP_X_PART="1").content.decode()
    assert more.count("data-deal=") == 5


def test_an_empty_board_teaches_and_a_missing_pipeline_says_so(client, rep):
    assert "No pipeline yet" in client.get("/deals/").content.decode()
    a_pipeline()
    assert "No open deals" in client.get("/deals/").content.decode()


@pytest.mark.parametrize(("needs", "names"), [("no_next_step", {"bare"}), ("late", {"late"}), ("stalled", {"late"})])
def test_filters_find_what_needs_care(client, rep, needs, names):
    now = timezone.now()
    a_deal(name="bare", owner=rep, entered_stage_at=now)
    late = a_deal(name="late", owner=rep, entered_stage_at=now - timedelta(days=31))
    fine = a_deal(name="fine", owner=rep, entered_stage_at=now)
    add_task("Call", actor=rep, now=now, due_at=now - timedelta(days=2), deal=late)
    add_task("Call", actor=rep, now=now, due_at=now + timedelta(days=2), deal=fine)
    page = client.get(f"/deals/?needs={needs}").content.decode()
    assert {name for name in ("bare", "late", "fine") if f">{name}</a>" in page} == names


def test_moving_a_card_answers_with_the_card_and_the_columns_heads(client, rep):
    deal = a_deal(owner=rep)
    answer = move(client, deal, "Proposal").json()
    deal.refresh_from_db()
    assert deal.stage.name == "Proposal"
    assert f'data-revision="{deal.revision}"' in answer["card"]
    assert set(answer["heads"]) == {str(stage.pk) for stage in Stage.objects.all()}


def test_a_card_moved_meanwhile_comes_back_with_the_reason(client, rep):
    deal = a_deal(owner=rep)
    move(client, deal, "Proposal")
    answer = move(client, deal, "Negotiation")
    deal.refresh_from_db()
    assert answer.status_code == 409
    assert "Someone else changed this" in answer.json()["reason"]
    assert deal.stage.name == "Proposal"


def test_a_stages_demands_come_as_a_form_and_its_answers_move_the_deal(client, rep):
    Stage.objects.filter(pk=a_stage("Proposal").pk).update(demands=["amount", "close_date", "next_step", "contact"])
    deal = a_deal(owner=rep, amount_minor=None)
    contact = a_contact(owner=rep)
    asked = move(client, deal, "Proposal")
    assert asked.status_code == 422
    assert all(f'name="{name}"' in asked.json()["form"] for name in ("amount", "expected_close_on", "step_title"))
    given = {
        "amount": "1,250.50",
        "expected_close_on": "2026-04-01",
        "step_title": "Send it",
        "step_on": "2026-03-12",
        "contact_email": contact.email,
    }
    assert move(client, deal, "Proposal", **given).status_code == 200
    deal.refresh_from_db()
    assert (deal.stage.name, deal.amount_minor, deal.tasks.get().title) == ("Proposal", 125_050, "Send it")


def test_half_the_demands_change_nothing(client, rep):
    Stage.objects.filter(pk=a_stage("Proposal").pk).update(demands=["amount", "close_date"])
    deal = a_deal(owner=rep, amount_minor=None)
    assert move(client, deal, "Proposal", amount="100").status_code == 422
    deal.refresh_from_db()
    assert (deal.stage.name, deal.amount_minor, deal.revision) == ("Discovery", None, 1)


def test_without_script_the_same_move_redirects_to_the_deal(client, rep):
    deal = a_deal(owner=rep)
    assert "Negotiation" in client.get(f"/deals/{deal.pk}/move/").content.decode()
    answer = client.post(f"/deals/{deal.pk}/move/", {"stage": a_stage("Proposal").pk, "revision": 1})
    assert answer.url == f"/deals/{deal.pk}/"


def test_a_way_back_outside_the_deals_is_not_followed(client, rep):
    deal = a_deal(owner=rep)
    body = {"stage": a_stage("Proposal").pk, "revision": 1, "next": "https://evil.example/deals/"}
    assert client.post(f"/deals/{deal.pk}/move/", body).url == f"/deals/{deal.pk}/"


def test_a_marketer_sees_but_does_not_move(client):
    deal = a_deal()
    client.force_login(a_user("marketing_manager"))
    assert client.get("/deals/").status_code in (200, 403)
    assert move(client, deal, "Proposal").status_code == 403
    deal.refresh_from_db()
    assert deal.stage.name == "Discovery"
