"""What quotes show elsewhere: on a deal's page and on a rep's day. Named in web/wiring."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.platform.accounts.models import User
from baton.sales.deals.models import Deal
from baton.sales.quotes.models import Quote
from baton.sales.quotes.reads import days_left, orders_of_deal, quotes_of_deal, unsigned
from baton.sales.today.rules import UNSIGNED, TodayAction, TodayRow

AT_MOST = 20


def quotes_of_deal_panel(user: User, deal: Deal) -> tuple[str, dict[str, Any]] | None:
    """The deal's quotes and orders, and the button that drafts one."""
    if not user.may("sales.view"):
        return None
    context = {
        "deal": deal,
        "quotes": quotes_of_deal(deal),
        "orders": orders_of_deal(deal),
        "may_change": user.may("sales.change") and deal.is_open,
    }
    return "sales/quotes/_of_deal.html", context


def unsigned_of_today(user: User, now: datetime) -> list[TodayRow]:
    """Quotes the customer has not answered: those that end within a week, or were never opened."""
    rows = []
    for quote in unsigned(user)[:AT_MOST]:
        left = days_left(quote, now.date())
        if left > 7 and quote.viewed_at:
            continue
        why = _("Valid until today") if left <= 0 else ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
        seen = _opened(quote, now)
        rows.append(
            TodayRow(
                kind=UNSIGNED,
                key=f"quote:{quote.pk}",
                title=f"{quote}: {quote.title}",
                why=_("Unsigned quote, %(seen)s, %(why)s") % {"seen": seen, "why": why},
                url=quote.get_absolute_url(),
                who=str(quote.company or quote.contact or ""),
                at=datetime.combine(quote.valid_until, time(), UTC),
                is_all_day=True,
                amount_minor=quote.net_minor,
                currency=quote.currency,
                actions=(TodayAction(_("Follow up"), quote.get_absolute_url()),),
            )
        )
    return rows


def _opened(quote: Quote, now: datetime) -> str:
    """When the customer first opened it: what is kept is the first time."""
    if quote.viewed_at is None:
        return _("not opened yet")
    days = (now.date() - quote.viewed_at.astimezone(now.tzinfo).date()).days
    return ngettext("opened %(n)s day ago", "opened %(n)s days ago", days) % {"n": days} if days else _("opened today")
