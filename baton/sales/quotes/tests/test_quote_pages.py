"""The pages of quotes, orders and products, and the public page of a signer, as requests."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from baton.platform import jobs
from baton.platform.accounts.models import User
from baton.sales.orders.models import Order
from baton.sales.products.models import Product
from baton.sales.quotes.models import Quote
from baton.sales.signatures.consent import consent
from baton.sales.signatures.models import SignatureRequest, Signer
from tests.cast import PASSWORD, a_company, a_contact, a_deal, a_product, a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.BATON_HOME = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def sign_in(client, user: User) -> User:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return user


@pytest.fixture
def rep(client) -> User:
    return sign_in(client, a_user(password=PASSWORD))


def status_of(client, path: str) -> int:
    answer = client.get(path)
    answer.getvalue()  # reads files to their end, which closes them
    return answer.status_code


def a_draft(client, rep, **deal_fields) -> Quote:
    contact = a_contact(owner=rep, company=a_company(), first_name="Zoë")
    deal = a_deal(owner=rep, company=contact.company, amount_minor=None, **deal_fields)
    deal.parts.create(contact=contact, is_primary=True)
    client.post("/quotes/draft/", {"deal": deal.pk, "once": f"draft-{deal.pk}"})
    return Quote.objects.get(deal=deal)


def body(quote, lines, **fields):
    """A posted draft: `lines` are dicts of the row's fields."""
    names = ("product", "was", "description", "quantity", "price", "cost", "discount", "tax")
    rows = {f"line_{name}": [str(line.get(name, "")) for line in lines] for name in names}
    return {
        "title": "Fleet",
        "valid_until": (timezone.localdate() + timedelta(days=14)).isoformat(),
        "contact": quote.contact_id or "",
        "discount": "",
        "terms": "",
        **rows,
        **fields,
    }


def a_sent(client, rep) -> Quote:
    quote = a_draft(client, rep)
    client.post(f"/quotes/{quote.pk}/change/", body(quote, [{"product": a_product().pk, "quantity": "2"}]))
    signer = {"signer_name": "Zoë", "signer_email": "zoe@customer.example"}
    client.post(f"/quotes/{quote.pk}/send/", signer)
    quote.refresh_from_db()
    assert quote.state == "sent"
    return quote


def signing(quote, **fields):
    return {"agree": "1", "name": "Zoë", "consent": consent("My company").hash, **fields}


def test_a_draft_is_prefilled_from_its_deal_and_begun_once(client, rep):
    quote = a_draft(client, rep)
    client.post("/quotes/draft/", {"deal": quote.deal_id, "once": f"draft-{quote.deal_id}"})
    assert Quote.objects.count() == 1
    assert quote.company == quote.deal.company
    assert quote.contact.first_name == "Zoë"
    assert client.get(f"/quotes/{quote.pk}/").status_code == 200


def test_choosing_a_product_copies_price_cost_and_tax(client, rep):
    quote, product = a_draft(client, rep), a_product("Rover", price_micros=99_990_000, tax_bp=1900)
    client.post(
        f"/quotes/{quote.pk}/change/", body(quote, [{"product": product.pk, "quantity": "2", "discount": "10"}])
    )
    line = quote.lines.get()
    assert (line.price_micros, line.cost_micros, line.tax_bp, line.discount_bp) == (99_990_000, 60_000_000, 1900, 1000)
    quote.refresh_from_db()
    assert (quote.net_minor, quote.tax_minor, quote.cost_minor) == (17_998, 3_420, 12_000)
    product.price_micros = 1
    product.save()
    assert quote.lines.get().price_micros == 99_990_000


def test_a_line_without_cost_makes_the_margin_unknown_on_the_page(client, rep):
    quote = a_draft(client, rep)
    client.post(f"/quotes/{quote.pk}/change/", body(quote, [{"description": "Training", "price": "1,200.00"}]))
    quote.refresh_from_db()
    assert (quote.net_minor, quote.cost_minor) == (120_000, None)
    assert "unknown" in client.get(f"/quotes/{quote.pk}/").content.decode()


@pytest.mark.parametrize(
    "line",
    [
        {"description": "x", "price": "12,5"},
        {"description": "x", "price": "1e9"},
        {"description": "x", "price": "-1"},
        {"description": "x", "price": "1", "discount": "101"},
        {"description": "x", "price": "1", "quantity": "0"},
        {"description": "", "price": "1"},
        {"description": "x", "price": "999999999999999999999"},
    ],
)
def test_what_cannot_be_read_is_shown_again_and_not_saved(client, rep, line):
    quote = a_draft(client, rep)
    answer = client.post(f"/quotes/{quote.pk}/change/", body(quote, [line], title="My title"))
    assert answer.status_code == 422
    assert "My title" in answer.content.decode()
    assert not quote.lines.exists()


def test_somebody_quicker_is_not_overwritten(client, rep):
    quote = a_draft(client, rep)
    Quote.objects.filter(pk=quote.pk).update(revision=9)
    answer = client.post(
        f"/quotes/{quote.pk}/change/", body(quote, [{"description": "x", "price": "1"}], revision=quote.revision)
    )
    assert answer.status_code == 409
    assert not quote.lines.exists()


def test_the_totals_follow_the_typing_and_save_nothing(client, rep):
    quote, product = a_draft(client, rep), a_product(price_micros=10_000_000)
    answer = client.post(
        f"/quotes/{quote.pk}/totals/", body(quote, [{"description": "x", "price": "10", "quantity": "3"}])
    )
    assert "$30.00" in answer.content.decode()
    answer = client.post(f"/quotes/{quote.pk}/row/", body(quote, [{"product": product.pk}]))
    assert 'value="10.00"' in answer.content.decode()
    assert not quote.lines.exists()


def test_a_sent_quote_is_frozen_and_a_new_version_replaces_it(client, rep):
    quote = a_sent(client, rep)
    client.post(f"/quotes/{quote.pk}/change/", body(quote, [{"description": "x", "price": "1"}]))
    assert quote.lines.get().price_micros == 100_000_000
    first = client.get(f"/quotes/{quote.pk}/quote.pdf").getvalue()
    assert first.startswith(b"%PDF")
    assert client.get(f"/quotes/{quote.pk}/quote.pdf").getvalue() == first
    for _ in range(2):
        client.post(f"/quotes/{quote.pk}/version/")
    quote.refresh_from_db()
    copy = Quote.objects.get(version=2)
    assert (quote.state, copy.state, copy.number) == ("superseded", "draft", quote.number)
    assert copy.net_minor == quote.net_minor
    token = Signer.objects.get().token
    answer = client.get(f"/sign/{token}/")
    assert answer.status_code == 404
    assert "newer version" in answer.content.decode()


def test_sending_needs_a_line_and_a_real_address(client, rep):
    quote = a_draft(client, rep)
    client.post(f"/quotes/{quote.pk}/send/", {"signer_name": "Zoë", "signer_email": "zoe@customer.example"})
    client.post(f"/quotes/{quote.pk}/change/", body(quote, [{"description": "x", "price": "1"}]))
    client.post(f"/quotes/{quote.pk}/send/", {"signer_name": "Zoë", "signer_email": "nowhere"})
    client.post(f"/quotes/{quote.pk}/send/")
    quote.refresh_from_db()
    assert quote.state == "draft"
    assert not SignatureRequest.objects.exists()


def test_sending_twice_asks_once(client, rep):
    quote = a_sent(client, rep)
    client.post(f"/quotes/{quote.pk}/send/", {"signer_name": "Eve", "signer_email": "eve@customer.example"})
    assert Signer.objects.get().name == "Zoë"


def test_a_signer_reads_signs_and_keeps_a_copy(client, rep):
    quote = a_sent(client, rep)
    token = Signer.objects.get().token
    client.logout()
    page = client.get(f"/sign/{token}/").content.decode()
    assert "agree to sign it electronically" in page
    assert client.get(f"/sign/{token}/document.pdf").getvalue().startswith(b"%PDF")
    assert b"<svg" in client.get(f"/sign/{token}/page/1.svg").getvalue()[:200]
    strokes = json.dumps([{"points": [{"x": 1, "y": 2}, {"x": 40, "y": 20}]}])
    for _ in range(2):
        assert client.post(f"/sign/{token}/sign/", signing(quote, strokes=strokes)).url == f"/sign/{token}/"
    jobs.run_due()
    request = SignatureRequest.objects.get()
    assert (request.state, Order.objects.count()) == ("sealed", 1)
    assert "signed.pdf" in client.get(f"/sign/{token}/").content.decode()
    assert client.get(f"/sign/{token}/signed.pdf").getvalue().startswith(b"%PDF")
    kinds = list(request.events.values_list("kind", flat=True))
    assert kinds[:2] == ["created", "opened"]
    assert {"viewed", "consented", "signed", "sealed"} <= set(kinds)


@pytest.mark.parametrize(
    "missing", [{"agree": ""}, {"name": " "}, {"consent": "0" * 64}, {"agree": "", "strokes": "[[[["}]
)
def test_nothing_is_signed_without_name_and_consent(client, rep, missing):
    quote = a_sent(client, rep)
    token = Signer.objects.get().token
    client.post(f"/sign/{token}/sign/", signing(quote, **missing))
    quote.refresh_from_db()
    assert quote.state == "sent"
    assert Signer.objects.get().state == "waiting"


def test_declining_needs_a_reason_and_ends_the_link(client, rep):
    quote = a_sent(client, rep)
    token = Signer.objects.get().token
    assert client.post(f"/sign/{token}/decline/", {"reason": " "}).status_code == 422
    for _ in range(2):
        client.post(f"/sign/{token}/decline/", {"reason": "Too dear"})
    quote.refresh_from_db()
    assert (quote.state, quote.decline_reason) == ("declined", "Too dear")
    assert client.post(f"/sign/{token}/sign/", signing(quote)).status_code == 404


@pytest.mark.parametrize("path", ["", "document.pdf", "signed.pdf", "page/1.svg"])
def test_a_forged_token_opens_nothing(client, rep, path):
    a_sent(client, rep)
    client.logout()
    answer = client.get(f"/sign/{'x' * 22}/{path}")
    assert answer.status_code == 404
    assert client.post(f"/sign/{'x' * 22}/sign/", {"agree": "1"}).status_code == 404
    assert client.post(f"/sign/{'x' * 22}/decline/", {"reason": "x"}).status_code == 404


def test_an_ended_quote_says_so(client, rep):
    quote = a_sent(client, rep)
    yesterday = timezone.localdate() - timedelta(days=2)
    SignatureRequest.objects.update(expires_on=yesterday)
    token = Signer.objects.get().token
    answer = client.get(f"/sign/{token}/")
    assert answer.status_code == 404
    assert "validity" in answer.content.decode()
    assert client.post(f"/sign/{token}/sign/", signing(quote)).status_code == 404
    assert Signer.objects.get().state == "waiting"


def test_accepted_on_paper_books_without_a_signature(client, rep):
    quote = a_sent(client, rep)
    for _ in range(2):
        client.post(f"/quotes/{quote.pk}/accept/")
    quote.deal.refresh_from_db()
    assert (quote.deal.state, Order.objects.get().net_minor) == ("won", 20_000)
    assert SignatureRequest.objects.get().state == "withdrawn"


def test_payments_count_once_by_reference(client, rep):
    quote = a_sent(client, rep)
    client.post(f"/quotes/{quote.pk}/accept/")
    order = Order.objects.get()
    typed = {"amount": "150.00", "paid_on": "2026-11-20", "reference": "B-1"}
    for _ in range(2):
        assert client.post(f"/orders/{order.pk}/payments/", typed).status_code == 302
    assert order.paid_minor == 15_000
    assert client.post(f"/orders/{order.pk}/payments/", {**typed, "amount": "1"}).status_code == 422
    assert client.post(f"/orders/{order.pk}/payments/", {**typed, "amount": "x"}).status_code == 422
    assert order.paid_minor == 15_000
    assert client.get("/orders/?paid=open").content.decode().count(order.number)
    assert order.number not in client.get("/orders/?paid=paid").content.decode()


def test_quotes_and_orders_are_seen_through_the_deal(client):
    team = a_team()
    mine, mate = a_user(team=team), a_user(team=team)
    manager = a_user("sales_manager")
    team.manager = manager
    team.save()
    sign_in(client, mine)
    quote = a_sent(client, mine)
    client.post(f"/quotes/{quote.pk}/accept/")
    order = Order.objects.get()
    pages = [f"/quotes/{quote.pk}/", f"/quotes/{quote.pk}/quote.pdf", f"/orders/{order.pk}/"]
    for user, status in ((mine, 200), (mate, 404), (manager, 200), (a_user("operations"), 200), (a_user(), 404)):
        sign_in(client, user)
        assert [status_of(client, page) for page in pages] == [status] * 3
        for page in ("/quotes/", "/orders/"):
            assert (
                f'href="{page}{quote.pk if page == "/quotes/" else order.pk}/"' in client.get(page).content.decode()
            ) is (status == 200)
    sign_in(client, mate)
    for verb in ("change", "send", "version", "discard", "accept"):
        assert client.post(f"/quotes/{quote.pk}/{verb}/").status_code == 404
    assert client.post(f"/orders/{order.pk}/payments/").status_code == 404
    assert client.post("/quotes/draft/", {"deal": quote.deal_id}).status_code == 404


def test_marketing_sees_neither_editor_nor_margin(client, rep):
    quote = a_draft(client, rep)
    client.post(f"/quotes/{quote.pk}/change/", body(quote, [{"product": a_product().pk}]))
    sign_in(client, a_user("marketing_manager"))
    answer = client.get(f"/quotes/{quote.pk}/")
    if answer.status_code == 200:
        assert "margin" not in answer.content.decode().lower()
    assert client.post(f"/quotes/{quote.pk}/change/").status_code == 403


def test_the_deal_and_today_show_the_quote(client, rep):
    quote = a_sent(client, rep)
    assert f"/quotes/{quote.pk}/" in client.get(f"/deals/{quote.deal_id}/").content.decode()
    assert f"/quotes/{quote.pk}/" in client.get("/today/").content.decode()


def test_the_list_filters_and_keeps_to_its_queries(client, rep, django_assert_max_num_queries):
    first = a_sent(client, rep)
    for _ in range(5):
        a_draft(client, rep)
    with django_assert_max_num_queries(20):
        page = client.get("/quotes/?state=waiting&owner=me&sort=ends").content.decode()
    assert f"/quotes/{first.pk}/" in page
    assert page.count("data-href") == 1


def test_products_are_made_changed_and_taken_out_of_sale(client):
    sign_in(client, a_user("sales_manager"))
    typed = {
        "name": "Rover",
        "code": "R-1",
        "currency": "EUR",
        "price": "1,250.50",
        "cost": "",
        "tax": "19",
        "is_active": "on",
    }
    client.post("/products/new/", typed)
    product = Product.objects.get()
    assert (product.price_micros, product.cost_micros, product.tax_bp) == (1_250_500_000, None, 1900)
    assert client.post("/products/new/", typed).status_code == 422
    client.post(f"/products/{product.pk}/", {**typed, "cost": "800", "revision": product.revision})
    product.refresh_from_db()
    assert product.cost_micros == 800_000_000
    assert client.post(f"/products/{product.pk}/", {**typed, "cost": "1", "revision": 1}).status_code == 422
    client.post(f"/products/{product.pk}/sell/", {"on": "0"})
    assert "Rover" not in client.get("/products/").content.decode()
    assert "Rover" in client.get("/products/?sold=no").content.decode()


def test_reps_see_products_but_do_not_change_them(client, rep):
    product = a_product("Rover")
    assert "Rover" in client.get("/products/").content.decode()
    assert client.get(f"/products/{product.pk}/").status_code == 403
    assert client.post("/products/new/", {}).status_code == 403


@pytest.mark.parametrize("path", ["/quotes/", "/quotes/new/", "/orders/", "/products/"])
def test_empty_pages_teach(client, rep, path):
    assert client.get(path).status_code == 200
