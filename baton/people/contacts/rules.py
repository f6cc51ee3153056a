"""What a good address, phone number and domain is. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

# Providers whose addresses say nothing of an employer; the largest by country (list kept by hand, 2026-11).
FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com "
    "aol.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com "
    "orange.fr free.fr wanadoo.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it hotmail.co.uk yahoo.co.uk "
    "btinternet.com mail.ru yandex.ru bk.ru qq.com 163.com 126.com naver.com daum.net bluewin.ch hotmail.fr yahoo.fr "
    "yahoo.de live.de outlook.de terra.com.br uol.com.br bol.com.br ziggo.nl kpnmail.nl telenet.be skynet.be wp.pl "
    "onet.pl seznam.cz fastmail.com hey.com tutanota.com zoho.com".split()
)

MAX_EMAIL, MAX_LOCAL = 254, 64  # octets, RFC 5321 section 4.5.3.1
_PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*")  # nothing quoted, nothing to normalise

# RFC 2142's mailbox names and those that companies commonly share.
ROLE_WORDS = frozenset(
    "info office sales support contact admin administrator hello mail email noreply no-reply donotreply webmaster "
    "postmaster hostmaster abuse noc security marketing billing accounts accounting invoice invoices orders help "
    "helpdesk service enquiries inquiries team hr jobs careers press media privacy legal kontakt buero vertrieb "
    "einkauf buchhaltung rechnung bewerbung presse datenschutz".split()
)


def is_role_address(email: str) -> bool:
    """Whether an address belongs to a role rather than to one person: info@, sales@, sales+fair@."""
    return email.rpartition("@")[0].partition("+")[0].lower() in ROLE_WORDS


def clean_email(text: str) -> str:
    """The address folded to small letters. Raises ValueError with a sentence when it is none; empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    local, _at, domain = text.lower().rpartition("@")
    if text.isascii() and len(text) <= MAX_EMAIL and len(local) <= MAX_LOCAL and _PLAIN_LOCAL.fullmatch(local):
        return f"{local}@{_checked_domain(domain)}"
    return _checked(text)


def _checked(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=20_000)
def _checked_domain(domain: str) -> str:
    """The domain as it is kept. A file of a million people names few domains, and theirs is the dear part."""
    return _checked(f"x@{domain}").partition("@")[2]


def clean_phone(text: str, country: str = "") -> str:
    """The number in E.164 where it can be read, else the text as it was: a number is never lost."""
    text = text.strip()
    if plain := _international(text):
        return plain
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return text[:40]
    if not phonenumbers.is_possible_number(number):
        return text[:40]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _international(text: str) -> str:
    """E.164 of a number written with its country's code and nothing but digits, blanks and hyphens; else empty.

    Ten times quicker than the library and equal to it (a test compares): it leaves out numbers that begin with a zero
    and countries whose trunk prefix is more than a zero.
    """
    digits = text[1:].replace(" ", "").replace("-", "")
    if not text.startswith("+") or not digits.isascii() or not digits.isdecimal():
        return ""
    for size in (1, 2, 3):
        lengths = _lengths_in(digits[:size])
        if lengths is not None:
            rest = digits[size:]
            return f"+{digits}" if len(rest) in lengths and rest[0] != "0" else ""
    return ""


@cache
def _lengths_in(code: str) -> frozenset[int] | None:
    """How long the numbers behind a country's code may be; none where more is to be known, None where it is no code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None or str(int(code)) != code:
        return None
    facts = phonenumbers.PhoneMetadata.metadata_for_region(regions[0])
    if facts is None or facts.national_prefix_for_parsing not in (None, "0") or not facts.general_desc:
        return frozenset()
    return frozenset(length for length in facts.general_desc.possible_length if length > 0)


def company_domain(email: str) -> str:
    """The domain that names an employer; empty for a free-mail address."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in FREE_MAIL else domain


def clean_domain(text: str) -> str:
    """A web domain without scheme, www and path: "https://www.Acme.com/x" is "acme.com"."""
    bare = text.strip().lower().split("://")[-1].split("/")[0].split("@")[-1].split(":")[0]
    return bare.removeprefix("www.").rstrip(".")


# Words of job titles by seniority, the highest first; whole words, small letters, several languages.
SENIORITY_WORDS = {
    "executive": "chief ceo coo cto cfo cmo president owner founder geschäftsführer inhaber pdg gérant".split(),
    "director": "director direktor directeur directrice vp vice".split(),
    "head": "head leiter leiterin responsable".split(),
    "manager": "manager supervisor lead teamleiter encargado".split(),
}


def seniority_of(job_title: str) -> str:
    """executive, director, head, manager or staff, by the words of a job title; empty for none."""
    words = set(re.findall(r"\w+", job_title.lower()))
    if not words:
        return ""
    return next((level for level, names in SENIORITY_WORDS.items() if words & set(names)), "staff")
