"""The arithmetic of a quote, for its page, its PDF, the order, the API and reports alike. Whole numbers only.

The order is that of EN 16931 (its rules BR-CO-10 to BR-CO-17): each line is rounded first, the document's sum is the
sum of the rounded lines, its discount is shared out over them, tax is worked out per rate on that rate's base.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton.platform.money import BASIS_POINTS, MICROS, decimals, divide_half_up, split_evenly

THOUSANDTHS = 1000
PER_RATE, PER_LINE = "per_rate", "per_line"  # where tax is rounded: once per rate (EN 16931), or on every line


@dataclass(frozen=True)
class PricedLine:
    """What is asked for one line. Prices and costs in micros per unit; a cost of None is unknown."""

    quantity_thousandths: int
    price_micros: int
    discount_bp: int = 0
    tax_bp: int = 0
    cost_micros: int | None = None


@dataclass(frozen=True)
class LineTotal:
    """One line in minor units. `net_minor` is less its discount, `sold_minor` less its share of the document's too."""

    gross_minor: int
    net_minor: int
    sold_minor: int
    cost_minor: int | None

    @property
    def margin_minor(self) -> int | None:
        """What is left after cost; None where the cost is unknown."""
        return None if self.cost_minor is None else self.sold_minor - self.cost_minor


@dataclass(frozen=True)
class TaxGroup:
    """All lines of one tax rate: what is taxed and the tax on it, in minor units."""

    rate_bp: int
    base_minor: int
    tax_minor: int


@dataclass(frozen=True)
class Totals:
    """A whole quote in minor units: lines less discount is net, net and tax are the total, to the last cent."""

    lines: tuple[LineTotal, ...]
    lines_minor: int
    discount_minor: int
    net_minor: int
    taxes: tuple[TaxGroup, ...]
    tax_minor: int
    total_minor: int
    cost_minor: int | None

    @property
    def margin_minor(self) -> int | None:
        """What is left after cost; None where the cost of any line is unknown."""
        return None if self.cost_minor is None else self.net_minor - self.cost_minor

    @property
    def margin_bp(self) -> int | None:
        """The margin's share of the net; None where it is unknown or nothing is sold."""
        margin = self.margin_minor
        return None if margin is None or self.net_minor <= 0 else divide_half_up(margin * BASIS_POINTS, self.net_minor)


def quote_totals(
    lines: Sequence[PricedLine], *, currency: str, discount_bp: int = 0, rounding: str = PER_RATE
) -> Totals:
    """Work out a quote. Rounds half away from zero; one unknown cost makes the whole cost unknown."""
    digits = decimals(currency)
    gross = [of_units(line.price_micros, line.quantity_thousandths, digits) for line in lines]
    nets = [g - share_of(g, line.discount_bp) for g, line in zip(gross, lines, strict=True)]
    sum_of_lines = sum(nets)
    discount = share_of(sum_of_lines, discount_bp)
    sold = [net - part for net, part in zip(nets, split_evenly(discount, nets), strict=True)]
    costs = [
        None if line.cost_micros is None else of_units(line.cost_micros, line.quantity_thousandths, digits)
        for line in lines
    ]
    taxes = _taxes(lines, sold, rounding)
    tax, net = sum(group.tax_minor for group in taxes), sum_of_lines - discount
    return Totals(
        lines=tuple(LineTotal(*row) for row in zip(gross, nets, sold, costs, strict=True)),
        lines_minor=sum_of_lines,
        discount_minor=discount,
        net_minor=net,
        taxes=taxes,
        tax_minor=tax,
        total_minor=net + tax,
        cost_minor=None if None in costs else sum(cost for cost in costs if cost is not None),
    )


def of_units(micros: int, quantity_thousandths: int, digits: int) -> int:
    """A unit price times a quantity, rounded once, in a minor unit of `digits` decimals."""
    return divide_half_up(micros * quantity_thousandths * 10**digits, MICROS * THOUSANDTHS)


def share_of(minor: int, basis_points: int) -> int:
    """A percentage of an amount, rounded once."""
    return divide_half_up(minor * basis_points, BASIS_POINTS)


def _taxes(lines: Sequence[PricedLine], sold: list[int], rounding: str) -> tuple[TaxGroup, ...]:
    groups = []
    for rate in sorted({line.tax_bp for line in lines}):
        bases = [amount for line, amount in zip(lines, sold, strict=True) if line.tax_bp == rate]
        base = sum(bases)
        tax = share_of(base, rate) if rounding == PER_RATE else sum(share_of(one, rate) for one in bases)
        groups.append(TaxGroup(rate, base, tax))
    return tuple(groups)
