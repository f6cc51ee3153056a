"""Products in a deal by hand: prices, costs, what is unknown, what is refused."""

import pytest

from baton.platform.errors import Refusal
from baton.sales.deals.errors import DealIsClosed
from baton.sales.deals.lines import add_line, remove_line
from tests.cast import NOW, a_deal, a_product, a_user

pytestmark = pytest.mark.django_db


def test_lines_make_the_amount_and_carry_their_cost():
    deal = a_deal(amount_minor=None)
    add_line(deal, a_product(), quantity_thousandths=2_500, actor=None, now=NOW)
    add_line(deal, a_product(cost_micros=None), quantity_thousandths=1_000, amount_minor=5, actor=None, now=NOW)
    deal.refresh_from_db()
    assert deal.amount_minor == 25_005
    assert [line.cost_minor for line in deal.lines.order_by("pk")] == [15_000, None]


def test_taking_a_line_out_lowers_the_amount():
    deal = a_deal()
    for _ in range(2):
        add_line(deal, a_product(), quantity_thousandths=1_000, actor=None, now=NOW)
    remove_line(deal, deal.lines.first(), actor=None, now=NOW)
    assert deal.amount_minor == 10_000


def test_a_closed_deal_and_another_currency_are_refused():
    with pytest.raises(DealIsClosed):
        add_line(a_deal(state="won"), a_product(), quantity_thousandths=1_000, actor=None, now=NOW)
    deal = a_deal()
    with pytest.raises(Refusal, match="EUR"):
        add_line(deal, a_product(currency="EUR"), quantity_thousandths=1_000, actor=None, now=NOW)
    assert not deal.lines.exists()


@pytest.mark.parametrize("quantity", ["0", "-1", "x", "0.0001", "9999999999"])
def test_an_impossible_quantity_changes_nothing(client, quantity):
    rep = a_user()
    client.force_login(rep)
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/lines/", {"product": a_product().pk, "quantity": quantity})
    assert not deal.lines.exists()


def test_by_form_in_and_out_again_and_never_from_anothers_deal(client):
    rep = a_user()
    client.force_login(rep)
    deal, foreign = a_deal(owner=rep), a_deal(owner=a_user())
    product = a_product()
    assert client.post(f"/deals/{foreign.pk}/lines/", {"product": product.pk}).status_code == 404
    for _ in range(2):
        client.post(f"/deals/{deal.pk}/lines/", {"product": product.pk, "quantity": "3", "revision": 1})
    line = deal.lines.get()
    assert line.amount_minor == 30_000
    add_line(foreign, product, quantity_thousandths=1_000, actor=None, now=NOW)
    assert client.post(f"/deals/{deal.pk}/lines/{foreign.lines.get().pk}/remove/").status_code == 404
    client.post(f"/deals/{deal.pk}/lines/{line.pk}/remove/")
    assert not deal.lines.exists()
