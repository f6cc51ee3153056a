"""What one figure on a home page is, and a row of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.formats import number_format

MONEY, NUMBER, SHARE, DAYS = "money", "number", "share", "days"


@dataclass(frozen=True)
class Figure:
    """One figure. `kind` is money (minor units), number, share (0 to 1) or days; a value of None shows as unknown.

    `before` is what it is compared with and `against` names that where its row does not; `definition` says in a
    sentence what is counted; `url` opens the records behind it; `note` is a grey line below; `is_less_better` colours
    a rise as bad.
    """

    label: str
    value: float | int | None
    kind: str
    definition: str
    url: str = ""
    before: float | int | None = None
    against: str = ""
    of: float | int | None = None
    note: str = ""
    is_less_better: bool = False
    is_worrying: bool = False

    @property
    def change(self) -> float | None:
        """Relative change against `before`; of a share the difference in points. None without anything to compare."""
        if self.before is None or self.value is None:
            return None
        if self.kind == SHARE:
            return round(self.value - self.before, 2)
        return round((self.value - self.before) / self.before, 2) if self.before else None

    @property
    def share_of(self) -> float | None:
        """Value as a share of its quota or budget, 0 and up."""
        return self.value / self.of if self.of and self.value is not None else None


def grouped(number: int) -> str:
    """1322 as the reader writes it in a sentence: 1,322."""
    return number_format(number, force_grouping=True)


@dataclass(frozen=True)
class FigureRow:
    """Figures side by side, at most five. `against` says once what all changes of the row are measured against."""

    title: str
    against: str = ""
    figures: list[Figure] = field(default_factory=list)
    url: str = ""
