"""The list: paging that misses and repeats nothing, bulk changes with undo, CSV."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages

from baton.platform.lists.models import BulkChange
from baton.platform.pages import PAGE, page_of
from baton.sales.deals.models import Deal
from baton.sales.deals.paging import SORTS
from baton.sales.tasks.models import Task
from tests.cast import NOW, a_company, a_deal, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    user = a_user()
    client.force_login(user)
    return user


@pytest.mark.parametrize("sort", list(SORTS))
def test_paging_shows_every_deal_once_whatever_is_missing(sort):
    for n in range(PAGE * 2 + 7):
        day = None if n % 4 == 0 else date(2026, 3, 1) + timedelta(days=n % 9)
        a_deal(amount_minor=None if n % 3 == 0 else n % 5, expected_close_on=day, name=f"Deal {n % 11}")
    seen, cursor = [], ""
    while True:
        page = page_of(Deal.objects.all(), SORTS[sort], cursor)
        seen += [deal.pk for deal in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == PAGE * 2 + 7
    assert seen == [deal.pk for deal in Deal.objects.order_by(*SORTS[sort].order)]


def test_a_forged_cursor_gives_the_first_page(client, rep):
    a_deal(owner=rep, name="Fleet")
    assert "Fleet" in client.get("/deals/list/?after=forged").content.decode()


def test_the_list_shows_only_what_one_may_see(client, rep):
    a_deal(owner=rep, name="Mine")
    a_deal(owner=a_user(), name="Foreign")
    page = client.get("/deals/list/?state=all").content.decode()
    assert "Mine" in page
    assert "Foreign" not in page


def test_the_list_stays_within_its_queries(client, rep, django_assert_max_num_queries):
    for _ in range(60):
        a_deal(owner=rep, company=a_company())
    client.get("/deals/list/")
    with django_assert_max_num_queries(24):
        client.get("/deals/list/")


def test_a_close_date_set_on_many_is_undone_and_never_counts_as_a_slip_of_what_was_left_alone(client, rep):
    deals = [a_deal(owner=rep, expected_close_on=date(2026, 3, 31)) for _ in range(3)]
    foreign = a_deal(owner=a_user(), expected_close_on=date(2026, 3, 31))
    ids = [d.pk for d in [*deals, foreign]]
    client.post("/deals/change/", {"ids": ids, "what": "expected_close_on", "to-expected_close_on": "2026-05-01"})
    assert Deal.objects.filter(expected_close_on=date(2026, 5, 1)).count() == 3
    client.post(f"/deals/{deals[0].pk}/change/", {"expected_close_on": "2026-06-01", "revision": 2})
    change = BulkChange.objects.get()
    for _ in range(2):
        client.post(f"/deals/changes/{change.pk}/undo/")
    days = [Deal.objects.get(pk=deal.pk).expected_close_on for deal in deals]
    assert days == [date(2026, 6, 1), date(2026, 3, 31), date(2026, 3, 31)]


@pytest.mark.parametrize("needs", ["stalled", "no_next_step"])
def test_a_closed_deal_needs_no_care(client, rep, needs):
    for state in ("open", "won", "lost"):
        a_deal(owner=rep, name=f"It is {state}", state=state, expected_close_on=date(2025, 1, 1))
    page = client.get(f"/deals/list/?state=all&needs={needs}").content.decode()
    assert "It is open" in page
    assert "It is won" not in page
    assert "It is lost" not in page


def test_won_deals_and_deals_with_a_quote_stay_out_of_the_bin(client, rep):
    won, plain = a_deal(owner=rep, state="won"), a_deal(owner=rep)
    task = Task.objects.create(deal=plain, title="Call", owner=rep, due_at=NOW)
    answer = client.post("/deals/change/", {"ids": [won.pk, plain.pk], "what": "bin"})
    assert "1 not: are won" in " ".join(str(one) for one in get_messages(answer.wsgi_request))
    assert list(Deal.objects.live()) == [won]
    assert not Task.objects.live().exists()
    client.post(f"/deals/changes/{BulkChange.objects.get().pk}/undo/")
    assert list(Task.objects.live()) == [task]


def test_a_rep_gives_deals_to_nobody_else(client, rep):
    deal = a_deal(owner=rep)
    client.post("/deals/change/", {"ids": [deal.pk], "what": "owner", "to-owner": a_user().pk})
    deal.refresh_from_db()
    assert deal.owner == rep


def test_a_manager_hands_deals_over(client):
    team_owner = a_user("operations")
    client.force_login(team_owner)
    deal, heir = a_deal(owner=team_owner), a_user()
    client.post("/deals/change/", {"ids": [deal.pk], "what": "owner", "to-owner": heir.pk})
    deal.refresh_from_db()
    assert deal.owner == heir


def test_csv_needs_the_permission_and_holds_no_formula(client, rep):
    a_deal(owner=rep, name="=cmd()", opened_at=NOW, amount_minor=123_456)
    assert client.get("/deals/deals.csv").status_code == 403
    client.force_login(a_user("operations"))
    text = b"".join(client.get("/deals/deals.csv").streaming_content).decode()
    assert "'=cmd()" in text
    assert "1234.56" in text
