"""What becomes of a sent quote: seen, accepted, declined, ended. Called by the signing page, the clock and people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.dates import today_in
from baton.platform.jobs.models import Job
from baton.platform.notifications import notify
from baton.platform.organisation import organisation
from baton.sales.deals.closing import SoldLine, reopen_deal, win_deal
from baton.sales.deals.models import Deal
from baton.sales.deals.said import say
from baton.sales.orders.actions import book_order
from baton.sales.orders.models import Order
from baton.sales.quotes.errors import QuoteIsClosed
from baton.sales.quotes.models import Quote, totals_of

OUT = [Quote.State.SENT, Quote.State.VIEWED]


@transaction.atomic
def mark_viewed(quote: Quote, *, who: str, now: datetime) -> Quote:
    """The customer opened it. Only the first time counts, and its owner is told."""
    first = Quote.objects.filter(pk=quote.pk, state=Quote.State.SENT).update(
        state=Quote.State.VIEWED, viewed_at=now, changed_at=now
    )
    if not first:
        return quote
    quote.state, quote.viewed_at = Quote.State.VIEWED, now
    journal.record("quote.viewed", quote, actor=None, deal=quote.deal_id, who=who)
    said = _("%(who)s opened quote %(quote)s") % {"who": who, "quote": quote}
    say(quote.deal, f"quote-viewed:{quote.pk}", "quote.viewed", said, actor=None, now=now)
    tell_owner(quote, "quote.viewed", said)
    return quote


@transaction.atomic
def accept_quote(quote: Quote, *, actor: User | None, now: datetime) -> Order:
    """Book the deal as won with the quote's lines and make its order. A quote accepted already gives its order.

    A deal lost meanwhile is opened first: the customer's signature decides. Raises QuoteIsClosed.
    """
    _lock(quote)
    if quote.state == Quote.State.ACCEPTED:
        return quote.order
    if not quote.is_out:
        raise QuoteIsClosed(_("This quote cannot be accepted any more."))
    quote.state, quote.closed_at = Quote.State.ACCEPTED, now
    quote.claim_revision()
    quote.save(update_fields=["state", "closed_at"])
    journal.record(
        "quote.accepted", quote, actor=actor, deal=quote.deal_id, net=quote.net_minor, currency=quote.currency
    )
    said = _("Quote %(quote)s accepted") % {"quote": quote}
    say(quote.deal, f"quote-accepted:{quote.pk}", "quote.accepted", said, actor=actor, now=now)
    deal = Deal.objects.get(pk=quote.deal_id)
    if deal.state == Deal.State.LOST:
        reopen_deal(deal, actor=actor, now=now)
    win_deal(deal, actor=actor, now=now, lines=sold_lines(quote))
    order = book_order(quote, actor=actor, now=now)
    tell_owner(quote, "quote.accepted", _("%(quote)s was accepted: %(deal)s is won") % {"quote": quote, "deal": deal})
    return order


@transaction.atomic
def decline_quote(quote: Quote, *, reason: str, who: str, now: datetime) -> Quote:
    """The customer says no, with a reason. The deal stays open: what comes next is the owner's to decide."""
    _lock(quote)
    if quote.state == Quote.State.DECLINED:
        return quote
    if not quote.is_out:
        raise QuoteIsClosed(_("This quote is closed already."))
    quote.state, quote.closed_at, quote.decline_reason = Quote.State.DECLINED, now, reason
    quote.claim_revision()
    quote.save(update_fields=["state", "closed_at", "decline_reason"])
    journal.record("quote.declined", quote, actor=None, deal=quote.deal_id, reason=reason, who=who)
    said = _("%(who)s declined quote %(quote)s") % {"who": who, "quote": quote}
    say(quote.deal, f"quote-declined:{quote.pk}", "quote.declined", said, actor=None, now=now, body=reason)
    tell_owner(quote, "quote.declined", said)
    return quote


def expire_quotes(*, now: datetime) -> int:
    """End every quote whose last valid day is over in the organisation's zone; gives how many."""
    today = today_in(organisation().zone, now)
    ended = list(Quote.objects.live().filter(state__in=OUT, valid_until__lt=today).select_related("deal__owner")[:500])
    return sum(_expire(quote, now) for quote in ended)


def expire_due(job: Job) -> None:
    """Job: expire_quotes, every hour."""
    from django.utils import timezone

    expire_quotes(now=timezone.now())


def sold_lines(quote: Quote) -> list[SoldLine]:
    """The quote's lines as the deal keeps them: net of every discount, cost unknown where it is."""
    lines = list(quote.lines.select_related("product").order_by("position", "pk"))
    return [
        SoldLine(
            product=line.product,
            amount_minor=total.sold_minor,
            cost_minor=total.cost_minor,
            quantity_thousandths=line.quantity_thousandths,
            description=line.description.split("\n")[0][:300],
        )
        for line, total in zip(lines, totals_of(quote, lines).lines, strict=True)
    ]


def tell_owner(quote: Quote, kind: str, text: str) -> None:
    """Notify the deal's owner once about one thing of this quote."""
    if quote.deal.owner:
        notify(quote.deal.owner, kind, text, url=quote.get_absolute_url(), key=f"{kind}:{quote.pk}")


@transaction.atomic
def _expire(quote: Quote, now: datetime) -> int:
    ended = Quote.objects.filter(pk=quote.pk, state__in=OUT).update(
        state=Quote.State.EXPIRED, closed_at=now, changed_at=now
    )
    if ended:
        journal.record("quote.expired", quote, actor=None, deal=quote.deal_id)
        said = _("Quote %(quote)s is not valid any more") % {"quote": quote}
        say(quote.deal, f"quote-expired:{quote.pk}", "quote.expired", said, actor=None, now=now)
        tell_owner(quote, "quote.expired", said)
    return ended


def _lock(quote: Quote) -> None:
    """Hold the quote's row until the transaction ends and read its state anew."""
    row = Quote.objects.select_for_update().get(pk=quote.pk)
    quote.state, quote.revision = row.state, row.revision
