"""Numbers, money and time as people read them: Babel in the reader's language, times in the reader's zone.

Every function takes None and gives an em dash, so that templates need no case for what is not known.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from datetime import UTC, timedelta
from datetime import date as Date
from datetime import datetime as DateTime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from baton.platform.money import MICROS, decimals

UNKNOWN = "—"
CAP = 10_000
REMEMBERED = 10_000  # texts of each kind that a process keeps
MINUTE, HOUR, DAY = 60, 3600, 86_400


def reader_locale() -> Locale:
    """The locale set for this request; English where Babel does not know it."""
    return _locale_of((translation.get_language() or "en").replace("-", "_"))


@lru_cache
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def money(minor: int | None, currency: str) -> str:
    """Exact: 1234567 USD is $12,345.67."""
    return UNKNOWN if minor is None else _money(minor, currency, reader_locale())


def money_short(minor: int | None, currency: str) -> str:
    """For tables: 1234567 USD is $12.3K; whole units below ten thousand."""
    return UNKNOWN if minor is None else _money_short(minor, currency, reader_locale())


# A board writes three hundred amounts, each a tenth of a millisecond of Babel's, and the same ones at the next look.
@lru_cache(maxsize=REMEMBERED)
def _money(minor: int, currency: str, locale: Locale) -> str:
    return _spaced(babel_numbers.format_currency(_major(minor, currency), currency, locale=locale), currency)


@lru_cache(maxsize=REMEMBERED)
def _money_short(minor: int, currency: str, locale: Locale) -> str:
    major = _major(minor, currency)
    if abs(major) < CAP:
        pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
        shown = babel_numbers.format_currency(
            round(major), currency, format=pattern, locale=locale, currency_digits=False
        )
    else:
        shown = babel_numbers.format_compact_currency(major, currency, locale=locale, fraction_digits=1)
    return _spaced(shown, currency)


def price(micros: int | None, currency: str) -> str:
    """A unit price or cost in micros, with as many decimals as it needs."""
    if micros is None:
        return UNKNOWN
    if micros % (MICROS // 10 ** decimals(currency)) == 0:
        return money(micros * 10 ** decimals(currency) // MICROS, currency)
    return babel_numbers.format_currency(
        Decimal(micros) / MICROS, currency, locale=reader_locale(), decimal_quantization=False
    )


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-decimals(currency))


def _spaced(shown: str, currency: str) -> str:
    # Currencies without a sign are written by their code, which Babel glues to the digits.
    return re.sub(rf"{currency}(?=\d)", currency + "\N{NO-BREAK SPACE}", shown)


def number(value: float | None, digits: int | None = None) -> str:
    """4812 is 4,812; `digits` fixes the decimals."""
    if value is None:
        return UNKNOWN
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return babel_numbers.format_decimal(value, format=pattern, locale=reader_locale())


def number_short(value: float | None) -> str:
    """12,400 is 12.4K."""
    if value is None:
        return UNKNOWN
    if abs(value) < CAP:
        return number(round(value, 1))
    return babel_numbers.format_compact_decimal(value, locale=reader_locale(), fraction_digits=1)


def percent(share: float | None, digits: int = 0) -> str:
    """A share from 0 to 1: 0.256 is 26%."""
    if share is None:
        return UNKNOWN
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return babel_numbers.format_percent(share, format=pattern, locale=reader_locale())


def basis_points(value: int | None) -> str:
    """1250 is 12.5%."""
    return (
        UNKNOWN
        if value is None
        else babel_numbers.format_percent(value / 10_000, format="#,##0.##%", locale=reader_locale())
    )


def count(value: int | Sized | None, cap: int = CAP) -> str:
    """A count that stops: anything past `cap` is "10,000+". Of a list: its length, as Jinja2's own filter gives."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Sized):
        value = len(value)
    return f"{number(cap)}+" if value > cap else number(value)


def date(value: Date | DateTime | None, style: str = "medium") -> str:
    """A day in the reader's zone: Mar 10, 2026. Styles: short, medium, long, full, or a Babel pattern."""
    if value is None:
        return UNKNOWN
    if isinstance(value, DateTime):
        value = timezone.localtime(value).date()
    return babel_dates.format_date(value, format=style, locale=reader_locale())


def day(value: Date | DateTime | None) -> str:
    """A day without its year where it is this year: Mar 10."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value).date() if isinstance(value, DateTime) else value
    if local.year != timezone.localdate().year:
        return date(local)
    return _day_of_year(local, reader_locale())


@lru_cache(maxsize=REMEMBERED)
def _day_of_year(local: Date, locale: Locale) -> str:
    return babel_dates.format_skeleton("MMMd", local, locale=locale)


def datetime(value: DateTime | None, style: str = "medium") -> str:
    """A moment in the reader's zone: Mar 10, 2026, 9:30 AM."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value)
    return babel_dates.format_datetime(local, format=style, tzinfo=local.tzinfo, locale=reader_locale())


def wall_clock(value: DateTime) -> str:
    """An hour on whatever clock, kept as if it were UTC: Mar 10, 2026, 9:30 AM."""
    return babel_dates.format_datetime(value, format="medium", tzinfo=UTC, locale=reader_locale())


def clock_time(value: DateTime | None) -> str:
    """The time of day in the reader's zone: 9:30 AM."""
    if value is None:
        return UNKNOWN
    local = timezone.localtime(value)
    return babel_dates.format_time(local, format="short", tzinfo=local.tzinfo, locale=reader_locale())


def ago(value: DateTime | Date | None) -> Markup | str:
    """Relative, with the exact moment on hover: <time>3 hours ago</time>. Works for what is still to come too."""
    if value is None:
        return UNKNOWN
    if not isinstance(value, DateTime):
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            value.isoformat(), date(value, "full"), _relative_day(value)
        )
    delta = value - timezone.now()
    if abs(delta) < timedelta(seconds=50):
        words = _("now")
    else:
        words = babel_dates.format_timedelta(delta, add_direction=True, locale=reader_locale(), threshold=1.2)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), datetime(value, "full"), words)


def _relative_day(value: Date) -> str:
    days = (value - timezone.localdate()).days
    named = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in named:
        return named[days]
    return babel_dates.format_timedelta(timedelta(days=days), add_direction=True, locale=reader_locale(), threshold=1.2)


def duration(seconds: float | None) -> str:
    """How long, in its two largest units: 2 d 4 h, 36 min, 12 s."""
    if seconds is None:
        return UNKNOWN
    left = int(abs(seconds))
    parts = []
    for size, words in ((DAY, _("%d d")), (HOUR, _("%d h")), (MINUTE, _("%d min")), (1, _("%d s"))):
        amount, left = divmod(left, size)
        if amount:
            parts.append(words % amount)
        if len(parts) == 2 or (parts and size == MINUTE):
            break
    return " ".join(parts) or _("%d s") % 0


def days(value: int | None) -> str:
    """ "12 days"."""
    return UNKNOWN if value is None else ngettext("%d day", "%d days", value) % value


def initials(name: str) -> str:
    """Ada Lovelace is AL."""
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "?"


def hue(name: str) -> int:
    """One of the five hues, always the same for the same name."""
    return sum(map(ord, str(name))) % 5 + 1


FILTERS = {
    "money": money,
    "money_short": money_short,
    "price": price,
    "number": number,
    "number_short": number_short,
    "percent": percent,
    "basis_points": basis_points,
    "count": count,
    "date": date,
    "day": day,
    "datetime": datetime,
    "clock_time": clock_time,
    "wall_clock": wall_clock,
    "ago": ago,
    "duration": duration,
    "days": days,
    "initials": initials,
    "hue": hue,
}
