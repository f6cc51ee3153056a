"""The last email beside the ones before it: delivered, clicked by people, unsubscribed, complained."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from baton.marketing.email.models import KIND, Broadcast
from baton.measure.homes.figures import SHARE, Figure, FigureRow, grouped
from baton.people.deliveries.models import Delivery

EARLIER = 20  # emails before the last one that make the median
TOOK = Q(state__in=["handed", "delivered", "complained"])


@dataclass(frozen=True)
class Letter:
    """One email's counts. `delivered` are copies the receiving server took and did not send back; `tried` all that went
    out, refused ones too. Shares are 0 to 1, None where there is nothing to share.
    """

    tried: int = 0
    delivered: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    complained: int = 0

    def share(self, name: str) -> float | None:
        """Of those delivered; delivered itself of those tried."""
        whole = self.tried if name == "delivered" else self.delivered
        return getattr(self, name) / whole if whole else None


def last_email_row() -> FigureRow | None:
    """The last email sent, each share against the median of up to twenty before it; None before the first."""
    emails = list(
        Broadcast.objects.live().filter(state=Broadcast.State.SENT).order_by("-started_at", "-pk")[: EARLIER + 1]
    )
    if not emails:
        return None
    counted = letters([email.pk for email in emails])
    last, *earlier = [counted.get(email.pk, Letter()) for email in emails]
    url = emails[0].get_absolute_url()
    return FigureRow(
        title=_("Last email: %(name)s") % {"name": emails[0].name},
        against=_("usual is the median of the %(n)s before") % {"n": len(earlier)} if earlier else "",
        url=url,
        figures=[
            _figure(_("Delivered"), "delivered", last, earlier, url,
                    _("Copies that the receiving servers took and did not send back, of all that went out.")),
            _figure(_("Clicked"), "clicked", last, earlier, url,
                    _("People who followed a link, of those it reached. Machines that check links are left out.")),
            _figure(_("Unsubscribed"), "unsubscribed", last, earlier, url,
                    _("People who unsubscribed by this email, of those it reached.")),
            _figure(_("Complaints"), "complained", last, earlier, url,
                    _("People who called it spam, of those it reached, as far as their providers tell.")),
        ],
    )  # fmt: skip


def letters(ids: list[int]) -> dict[int, Letter]:
    """Counts by email, in one query."""
    rows: Any = (
        Delivery.objects.filter(message_kind=KIND, message_id__in=ids)
        .order_by()
        .values("message_id")
        .annotate(
            tried=Count("pk", TOOK | Q(state="bounced")),
            delivered=Count("pk", TOOK),
            clicked=Count("pk", Q(clicked_at__isnull=False)),
            unsubscribed=Count("pk", Q(unsubscribed_at__isnull=False)),
            complained=Count("pk", Q(state="complained")),
        )
    )
    return {row.pop("message_id"): Letter(**row) for row in rows}


def median_share(name: str, earlier: list[Letter]) -> float | None:
    """The middle share of the earlier emails; None without any that went out."""
    shares = [share for letter in earlier if (share := letter.share(name)) is not None]
    return median(shares) if shares else None


def _figure(label: str, name: str, last: Letter, earlier: list[Letter], url: str, definition: str) -> Figure:
    share, usual = last.share(name), median_share(name, earlier)
    people = _("%(n)s people") % {"n": grouped(getattr(last, name))}
    return Figure(
        label=label,
        value=share,
        kind=SHARE,
        note=people
        if usual is None
        else _("%(people)s, usual %(usual)s") % {"people": people, "usual": _percent(usual)},
        definition=definition,
        url=url,
        is_worrying=is_unusual(name, share, usual),
    )


def is_unusual(name: str, share: float | None, usual: float | None) -> bool:
    """Whether it went much worse than usual: half the clicks, or twice the people lost."""
    if not usual or share is None:
        return False
    return share > 2 * usual if name in ("unsubscribed", "complained") else share < usual / 2


def _percent(share: float) -> str:
    places = 1 if 0 < share < 0.1 else 0
    return number_format(round(100 * share, places), places) + "%"  # number_format alone cuts off
