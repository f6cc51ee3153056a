"""Products that an email can show. Sales keeps them; what may be seen of them comes by the treaty (web/wiring.py)."""

from __future__ import annotations

from dataclasses import dataclass

from baton.platform import wiring

MOST = 30  # at a time; who looks for another types more of its name


@dataclass(frozen=True)
class ShownProduct:
    """What an email says of a product that is sold now: never its cost. The price is in micros of `currency`."""

    name: str
    code: str
    family: str
    description: str
    price_micros: int
    currency: str


def products_to_show(text: str) -> list[ShownProduct]:
    """Products sold now with `text` in name, code or family, by name; one more than MOST says that there are more."""
    found: list[ShownProduct] = wiring.page().PRODUCTS_TO_SHOW(text, MOST + 1)
    return found
