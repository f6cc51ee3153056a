"""The PDF: every figure on it, nothing typed taken for markup, long names and many lines."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from baton.platform.organisation import organisation
from baton.sales.quotes.actions import LineDraft, Offer, change_quote, draft_quote
from baton.sales.quotes.paper import quote_pdf, quote_pictures, said_on_paper
from tests.cast import NOW, a_company, a_contact, a_deal, a_user

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 10)
NASTY = '#panic("x") *bold* $x^2$ `raw` @label <tag> #let a = 1 \\ #import "/etc/passwd" // end'


def a_quote(lines, *, title="Fleet", currency="EUR", locale="", **fields):
    company = a_company(fields.pop("company", "Müller & Söhne"), street="Hauptstraße 1", city="Köln", postcode="50667")
    contact = a_contact(first_name="Zoë", last_name="Ångström", company=company, locale=locale)
    deal = a_deal(owner=a_user(), company=company, currency=currency)
    deal.parts.create(contact=contact, is_primary=True)
    quote = draft_quote(deal, actor=None, now=NOW)
    offer = Offer(title=title, valid_until=date(2026, 4, 1), contact=contact, **fields)
    return change_quote(quote, offer, lines, actor=None, now=NOW)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_everything_asked_for_stands_on_it():
    ours = organisation()
    ours.name, ours.postal_address = "Northwind Ltd", "1 High Street\nLondon"
    ours.save()
    quote = a_quote([LineDraft("Rover\nwith a long arm", 1_250_500_000, 2_500, tax_bp=1900)], terms="Pay in 14 days")
    text = text_of(quote_pdf(quote, on=ON))
    for words in ["Northwind Ltd", "1 High Street", "Müller & Söhne", "Zoë Ångström", "50667 Köln", quote.number]:
        assert words in text
    for words in ["Rover", "with a long arm", "2.5", "1,250.50", "3,126.25", "€593.99", "€3,720.24", "Pay in 14 days"]:
        assert words in text
    assert "April 1, 2026" in text


def test_what_people_typed_is_never_markup():
    quote = a_quote([LineDraft(NASTY, 1_000_000)], title=NASTY, terms=NASTY, company=NASTY[:200])
    text = "".join(text_of(quote_pdf(quote, on=ON)).replace("\u200b", "").split())
    assert text.count("".join(NASTY.split())) >= 3


def test_many_lines_break_over_pages_with_their_heads_and_no_line_is_lost():
    quote = a_quote([LineDraft(f"Part {n:03}\nsecond line", 1_000_000) for n in range(120)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(quote_pdf(quote, on=ON))).pages]
    assert len(pages) > 3
    assert all("Description" in page for page in pages[:-1])
    assert sum(page.count("Part ") for page in pages) == 120
    assert len(quote_pictures(quote, on=ON)) == len(pages)


def test_a_word_without_an_end_breaks():
    quote = a_quote([LineDraft("X" * 400, 1_000_000)], title="W" * 200)
    text = "".join(text_of(quote_pdf(quote, on=ON)).replace("\u200b", "").split())
    assert "X" * 400 in text


def test_columns_of_numbers_share_their_decimals():
    quote = a_quote([LineDraft("a", 1_234_500, 1_500), LineDraft("b", 10_000_000, 1_000), LineDraft("c", 1, 250)])
    rows = said_on_paper(quote, on=ON)["lines"]
    assert [row["quantity"] for row in rows] == ["1.50", "1.00", "0.25"]
    assert [row["price"] for row in rows] == ["1.234500", "10.000000", "0.000001"]
    assert [row["net"] for row in rows] == ["1.85", "10.00", "0.00"]


def test_numbers_are_written_in_the_buyers_way():
    quote = a_quote([LineDraft("a", 1_250_500_000)], locale="de")
    said = said_on_paper(quote, on=ON)
    assert said["lines"][0]["net"] == "1.250,50"
    assert said["sums"][-1]["amount"] == "1.250,50\N{NO-BREAK SPACE}€"
    assert "1. April 2026" in text_of(quote_pdf(quote, on=ON))


def test_currencies_without_cents_show_none():
    quote = a_quote([LineDraft("a", 1_250_500_000)], currency="JPY")
    assert said_on_paper(quote, on=ON)["sums"][-1]["amount"] == "¥1,251"


def test_the_cost_is_not_on_the_paper():
    quote = a_quote([LineDraft("a", 9_000_000, cost_micros=7_654_321_000)])
    assert "7,654" not in text_of(quote_pdf(quote, on=ON))
