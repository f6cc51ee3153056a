"""First, last and linear touch. Pure.

Definitions as in the trade (Google Analytics help, "Attribution models", read 2026-11): first gives all to the first
touch, last all to the last one before the sale, linear the same share to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baton.platform.money import split_evenly

FIRST, LAST, LINEAR = "first", "last", "linear"
METHODS = [FIRST, LAST, LINEAR]


@dataclass(frozen=True)
class Touch:
    """Something that can earn credit: a visit by a campaign or channel, a form, a lead's stated source.

    Empty `channel` and `campaign_code` mean unknown.
    """

    at: datetime
    channel: str = ""
    campaign_code: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.channel or self.campaign_code)


@dataclass(frozen=True)
class Share:
    """One touch's part of a sale. `margin_minor` is None where the margin of the sale is unknown."""

    touch: Touch
    share: float
    amount_minor: int
    margin_minor: int | None


def shares(
    touches: Sequence[Touch], method: str, *, amount_minor: int, margin_minor: int | None, closed_at: datetime
) -> list[Share]:
    """Split a sale among its touches; amounts and margins each add up exactly.

    Only touches up to `closed_at` count, and known ones before unknown: with any known touch the unknown ones earn
    nothing, with none at all the whole goes to one unknown touch.
    """
    counted = sorted((touch for touch in touches if touch.at <= closed_at and touch.is_known), key=lambda t: t.at)
    if not counted:
        counted = [Touch(at=closed_at)]
    if method == FIRST:
        counted = counted[:1]
    elif method == LAST:
        counted = counted[-1:]
    elif method != LINEAR:
        raise ValueError(f"unknown method {method}")
    weights = [1] * len(counted)
    amounts = split_evenly(amount_minor, weights)
    margins = [None] * len(counted) if margin_minor is None else split_evenly(margin_minor, weights)
    return [
        Share(touch, 1 / len(counted), amount, margin)
        for touch, amount, margin in zip(counted, amounts, margins, strict=True)
    ]
