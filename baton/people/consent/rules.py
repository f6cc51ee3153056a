"""The lawful bases of a mail, how long each holds, and what words a topic's mail may have. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from django.utils.translation import gettext_lazy as _

CONSENT = "consent"  # GDPR art. 6(1)(a), 4(11); CASL: express. Lasts until it is withdrawn
SOFT_OPT_IN = "soft_opt_in"  # ePrivacy directive art. 13(2): own customers, similar goods, the sale is named
IMPLIED_PURCHASE = "implied_purchase"  # Canada, CASL s. 10(10)(a)
IMPLIED_INQUIRY = "implied_inquiry"  # Canada, CASL s. 10(10)(e)
LEGITIMATE_INTEREST = "legitimate_interest"  # GDPR art. 6(1)(f), recital 47

BASES = [
    (CONSENT, _("Consent")),
    (SOFT_OPT_IN, _("Own customer, similar goods")),
    (IMPLIED_PURCHASE, _("Implied by a purchase (Canada)")),
    (IMPLIED_INQUIRY, _("Implied by an inquiry (Canada)")),
    (LEGITIMATE_INTEREST, _("Legitimate interest")),
]
MONTHS_OF = {IMPLIED_PURCHASE: 24, IMPLIED_INQUIRY: 6}  # CASL s. 10(10): two years, six months
RESTS_ON_SOMETHING = {SOFT_OPT_IN, IMPLIED_PURCHASE, IMPLIED_INQUIRY}  # the sale or inquiry has to be named


def last_day(basis: str, told_on: date) -> date | None:
    """The day on which a basis that began on `told_on` ends by law; None for one that lasts."""
    months = MONTHS_OF.get(basis)
    if months is None:
        return None
    years, month = divmod(told_on.month - 1 + months, 12)
    year, month = told_on.year + years, month + 1
    return date(year, month, min(told_on.day, monthrange(year, month)[1]))


def is_weaker(basis: str, standing: str) -> bool:
    """Whether a new basis says less than the express consent that stands already."""
    return standing == CONSENT and basis != CONSENT


def filled(text: str, words: dict[str, str]) -> str:
    """`text` with {link}, {topic}, {organisation} in the place of their names; anything else in braces stays."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text
