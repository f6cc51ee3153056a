"""Addresses: the quick way through gives what the thorough one gives."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.people.contacts.rules import _checked, clean_email, clean_phone

LOCALS = st.text("abcXYZ019._+-'!\"@ äß", max_size=70)
DOMAINS = st.sampled_from(
    [
        "example.com",
        "Acme.EXAMPLE",
        "münchen.example",
        "-bad.example",
        "a..b",
        "localhost",
        "x" * 64 + ".example",
        "",
        "1.2.3.4",
    ]
)


@given(local=LOCALS, domain=DOMAINS)
def test_every_address_is_read_as_the_library_reads_it(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        wanted = _checked(text.strip())
    except ValueError:
        wanted = None
    try:
        found = clean_email(text)
    except ValueError:
        found = None
    assert found == wanted


def test_an_address_longer_than_mail_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        clean_email("a@" + "b" * 60 + ".example." + "c" * 190 + ".example")


def by_the_library(text: str) -> str:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return text[:40]
    if not phonenumbers.is_possible_number(number):
        return text[:40]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(
    code=st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)) | st.integers(0, 999),
    rest=st.text("0123456789 -", max_size=16),
)
@settings(max_examples=500)
def test_every_international_number_is_read_as_the_library_reads_it(code: int, rest: str) -> None:
    text = f"+{code}{rest}".strip()
    assert clean_phone(text) == by_the_library(text)
