"""A quote in a real browser: typed, sent, drawn and signed on a phone; and what axe says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.platform.jobs.models import Job
from baton.sales.orders.models import Order
from baton.sales.quotes.actions import SignerDraft, draft_quote, send_quote
from baton.sales.quotes.models import Quote
from baton.sales.signatures.models import Signer
from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in, visit
from tests.cast import a_company, a_contact, a_deal, a_product, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Any) -> None:
    settings.BATON_HOME = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def desk(page: Any, live_server: Any) -> Any:
    """A manager's window with a draft and a sent quote of two products."""
    manager = a_user("sales_manager", name="Ada Lovelace")
    products = [a_product("Rover", price_micros=12_500_500_000, tax_bp=1900), a_product("Training", cost_micros=None)]
    for n in range(2):
        company = a_company()
        deal = a_deal(owner=manager, company=company, amount_minor=None)
        deal.parts.create(contact=a_contact(company=company), is_primary=True)
        for product in products:
            deal.lines.create(product=product, amount_minor=None)
        quote = draft_quote(deal, actor=manager, now=timezone.now() - timedelta(hours=n))
    send_quote(quote, [SignerDraft("Zoë Ångström", "zoe@customer.example")], actor=manager, now=timezone.now())
    sign_in(page, live_server, manager)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_quotes_orders_products_and_signing_have_no_grave_fault(desk: Any, live_server: Any, theme: str) -> None:
    desk.emulate_media(color_scheme=theme)
    quotes = [quote.get_absolute_url() for quote in Quote.objects.all()]
    token = Signer.objects.get().token
    for path in ["/quotes/", "/quotes/new/", "/orders/", "/products/", "/products/new/", *quotes, f"/sign/{token}/"]:
        visit(desk, f"{live_server.url}{path}")
        assert grave_faults(desk) == [], path


def test_choosing_a_product_fills_its_row_and_the_totals(desk: Any, live_server: Any) -> None:
    from playwright.sync_api import expect

    quote = Quote.objects.get(state="draft")
    visit(desk, f"{live_server.url}{quote.get_absolute_url()}")
    before = desk.inner_text("#quote-totals .lines-sum .num")
    desk.locator("[name=line_product]").nth(2).select_option(label="Rover")
    expect(desk.locator("[name=line_price]").nth(2)).to_have_value("12,500.50")
    expect(desk.locator("#quote-totals .lines-sum .num")).not_to_have_text(before)
    assert quote.lines.count() == 2, "nothing is kept before saving"
    with desk.expect_navigation():
        desk.click("text=Save >> nth=0")
    assert quote.lines.count() == 3


def test_a_customer_draws_and_signs_on_a_phone(chromium: Any, desk: Any, live_server: Any) -> None:
    signer = Signer.objects.get()
    context = chromium.new_context(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    phone = context.new_page()
    phone.goto(f"{live_server.url}/sign/{signer.token}/")
    phone.wait_for_selector("canvas")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    phone.locator("canvas").scroll_into_view_if_needed()
    box = phone.locator("canvas").bounding_box()
    phone.mouse.move(box["x"] + 20, box["y"] + 60)
    phone.mouse.down()
    for n in range(1, 15):
        phone.mouse.move(box["x"] + 20 + n * 10, box["y"] + 60 + (25 if n % 2 else -25))
    phone.mouse.up()
    phone.check("[name=agree]")
    phone.click(".sign-button")
    phone.wait_for_selector("text=Thank you, you have signed")
    signer.refresh_from_db()
    assert (signer.state, len(signer.strokes)) == ("signed", 1)
    assert Order.objects.count() == 1
    assert Job.objects.filter(kind="signature.seal").count() == 1
    context.close()


def test_signing_works_without_javascript(chromium: Any, desk: Any, live_server: Any) -> None:
    signer = Signer.objects.get()
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{live_server.url}/sign/{signer.token}/")
    plain.check("[name=agree]")
    plain.fill("[name=name]", "Zoë Å.")
    plain.click(".sign-button")
    plain.wait_for_selector("text=Thank you, you have signed")
    signer.refresh_from_db()
    assert (signer.state, signer.signed_name, signer.strokes) == ("signed", "Zoë Å.", [])
    context.close()
