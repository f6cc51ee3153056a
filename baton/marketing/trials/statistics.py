"""Pure statistics of A/B tests, by the standard library: intervals, differences, and what can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist

SURE = 0.05  # two-sided; a difference less likely than this by chance counts
POWER = 0.8
FEWEST_EXPECTED = 5
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Tally:
    """How many of `of` people did what is counted."""

    did: int
    of: int

    @property
    def share(self) -> float:
        return self.did / self.of if self.of else 0.0


def interval(tally: Tally, sure: float = SURE) -> tuple[float, float]:
    """The share's score interval without continuity correction; (0, 1) of nobody.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if not tally.of:
        return 0.0, 1.0
    z, n, p = _NORMAL.inv_cdf(1 - sure / 2), tally.of, tally.share
    middle = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def difference(one: Tally, other: Tally, sure: float = SURE) -> tuple[float, float, float]:
    """The first share less the second, and the ends of its interval; in shares.

    R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10: both shares' score intervals, put together.
    """
    low, high = interval(one, sure)
    other_low, other_high = interval(other, sure)
    apart = one.share - other.share
    return (
        apart,
        apart - sqrt((one.share - low) ** 2 + (other_high - other.share) ** 2),
        apart + sqrt((high - one.share) ** 2 + (other.share - other_low) ** 2),
    )


def chance(one: Tally, other: Tally) -> float | None:
    """How likely so great a difference is if both were equally good: the two-sided z test with the pooled share.

    None where fewer than five are expected to do it, or not to, on a side (Cochran, Biometrics 10 (1954), 417-451).
    """
    if not one.of or not other.of:
        return None
    pooled = (one.did + other.did) / (one.of + other.of)
    if min(one.of, other.of) * min(pooled, 1 - pooled) < FEWEST_EXPECTED:
        return None
    spread = sqrt(pooled * (1 - pooled) * (1 / one.of + 1 / other.of))
    return 2 * (1 - _NORMAL.cdf(abs(one.share - other.share) / spread))


def stepped_down(chances: Sequence[float]) -> list[float]:
    """The chances made larger for being several: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    found, largest = [0.0] * len(chances), 0.0
    for step, place in enumerate(order):
        largest = max(largest, min(1.0, (len(chances) - step) * chances[place]))
        found[place] = largest
    return found


@dataclass(frozen=True)
class Judgement:
    """Who leads, and by letter how likely the lead over each other one is chance; None: too few to tell.

    `is_clear` where the lead over every other one is hardly chance.
    """

    leader: str
    chances: Mapping[str, float | None]
    is_clear: bool


def judge(tallies: Mapping[str, Tally]) -> Judgement:
    """Compare all variants in pairs. The leader is found in the same figures, so Holm's correction is over all pairs.

    Equal shares: the first letter leads, and it is not clear.
    """
    leader = min(tallies, key=lambda letter: (-tallies[letter].share, letter))
    pairs = list(combinations(sorted(tallies), 2))
    raw = [chance(tallies[one], tallies[other]) for one, other in pairs]
    made = stepped_down([1.0 if one is None else one for one in raw])
    chances = {
        (other if one == leader else one): None if first is None else corrected
        for (one, other), first, corrected in zip(pairs, raw, made, strict=True)
        if leader in (one, other)
    }
    return Judgement(leader, chances, all(one is not None and one < SURE for one in chances.values()) and bool(chances))


def smallest_seen(of: int, usual: float, pairs: int = 1) -> float | None:
    """The smallest rise over the `usual` share that so many people in each variant show four times of five; in shares.

    None where no rise would do. Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), 4.2, with
    both shares' spread; with several pairs each is held to the strictest step of Holm.
    """
    sure, strong = _NORMAL.inv_cdf(1 - SURE / max(1, pairs) / 2), _NORMAL.inv_cdf(POWER)
    low, high = usual, 1.0
    if not of or _needs(low, high, sure, strong) > of:
        return None
    for _step in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if _needs(usual, middle, sure, strong) <= of else (middle, high)
    return high - usual


def _needs(one: float, other: float, sure: float, strong: float) -> float:
    if one == other:
        return float("inf")
    middle = (one + other) / 2
    spread = sure * sqrt(2 * middle * (1 - middle)) + strong * sqrt(one * (1 - one) + other * (1 - other))
    return (spread / (other - one)) ** 2
