"""What a good address, phone number and domain is. Pure."""

from __future__ import annotations

import re

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

ROLE_WORDS = frozenset(
    "info office sales support contact admin hello mail noreply no-reply webmaster postmaster".split()
)


def clean_email(text: str) -> str:
    """The address folded to small letters. Raises ValueError with a sentence when it is none; empty stays empty."""
    text = text.strip()
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


def clean_phone(text: str, country: str = "") -> str:
    """The number in E.164 where it can be read, else the text as it was: a number is never lost."""
    text = text.strip()
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return text[:40]
    if not phonenumbers.is_possible_number(number):
        return text[:40]
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


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
