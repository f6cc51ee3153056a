"""The products that an email can show: what is sold now, at which price, never at which cost."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.marketing.drafting.products import MOST
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.preflight import look
from baton.marketing.preflight.message import message_findings
from tests.cast import a_product, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(a_user("marketer"))
    return client


def shown(client: Client, text: str = "") -> list[dict[str, str]]:
    page = client.get("/emails/products/", {"q": text}).content.decode()
    return [json.loads(html.unescape(told)) for told in re.findall(r'data-product="([^"]*)"', page)]


def test_what_is_sold_now_stands_there_with_its_price_and_without_its_cost(writer: Client) -> None:
    a_product("Gateway", code="G-4", description="Two hundred\nsensors", currency="EUR", price_micros=640_000_000,
              cost_micros=123_450_000)  # fmt: skip
    a_product("Old gateway", is_active=False)
    a_product("Binned gateway", deleted_at=timezone.now())
    assert shown(writer) == [{"name": "Gateway", "description": "Two hundred\nsensors", "price": "€640.00"}]
    assert "123" not in writer.get("/emails/products/").content.decode()


def test_a_unit_price_keeps_its_decimals_and_a_currency_its_own(writer: Client) -> None:
    a_product("A signal", currency="USD", price_micros=12_500)
    a_product("B course", currency="JPY", price_micros=9_800_000_000)
    assert [one["price"] for one in shown(writer)] == ["$0.0125", "¥9,800"]


@pytest.mark.parametrize("text", ["gate", "G-4", "collect", "  Gateway "])
def test_a_product_is_found_by_name_code_or_family(writer: Client, text: str) -> None:
    a_product("Gateway", code="G-4", family="Collecting")
    a_product("Sensor", code="S-1", family="Measuring")
    assert [one["name"] for one in shown(writer, text)] == ["Gateway"]


def test_words_of_a_product_are_words_in_the_page_too(writer: Client) -> None:
    a_product('<b>"Bold" & {{ more }}</b>')
    assert [one["name"] for one in shown(writer)] == ['<b>"Bold" & {{ more }}</b>']
    assert "<b>" not in writer.get("/emails/products/").content.decode()


def test_an_empty_list_says_what_to_do(writer: Client) -> None:
    page = writer.get("/emails/products/").content.decode()
    assert "sales managers" in page
    assert 'href="/products/"' not in page  # a marketer may not open it
    writer.force_login(a_user("operations"))
    assert 'href="/products/"' in writer.get("/emails/products/").content.decode()
    assert "fits these words" in writer.get("/emails/products/?q=x").content.decode()


def test_of_many_the_first_come_with_the_same_queries_as_of_one(writer: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            writer.get("/emails/products/")
        return len(queries)

    a_product("Product 0")
    assert "There are more" not in writer.get("/emails/products/").content.decode()
    of_one = asked()
    for number in range(MOST):
        a_product(f"Sensor {number}")
    assert asked() == of_one <= 3  # the session, the person, the products
    assert len(shown(writer)) == MOST
    assert "There are more" in writer.get("/emails/products/").content.decode()


def test_only_who_writes_emails_may_ask(client: Client) -> None:
    for role, status in (("rep", 403), ("sales_manager", 403), ("marketing_manager", 200)):
        client.force_login(a_user(role))
        assert client.get("/emails/products/").status_code == status
        assert client.post("/emails/products/").status_code == 405


def test_a_button_whose_link_nobody_has_filled_in_is_found_before_sending() -> None:
    button = '<mj-button href="https://">See it</mj-button>'
    source = f"<mjml><mj-body><mj-section><mj-column>{button}</mj-column></mj-section></mj-body></mjml>"
    draft, _found = message_findings(an_email(1, mjml=source, has_own_source=True), timezone.now())
    assert draft is not None
    assert "https://" in look.addresses_of(draft)
    assert look.answer_of("https://") == (look.DEAD, 0)
