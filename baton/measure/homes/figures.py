"""What one figure on a home page is. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure. `kind` is money (minor units), number, share (0 to 1), days or text; None shows as unknown.

    `before` is the same figure of the period before, for the change; `definition` says in a sentence what is counted;
    `url` opens the records behind it.
    """

    label: str
    value: float | int | str | None
    kind: str
    definition: str
    before: float | int | None = None
    of: float | int | None = None
    url: str = ""
    is_worrying: bool = False

    @property
    def change(self) -> float | None:
        """Relative change against the period before; None where there is nothing to compare."""
        if not self.before or not isinstance(self.value, int | float):
            return None
        return (self.value - self.before) / self.before

    @property
    def share_of(self) -> float | None:
        """Value as a share of its quota or budget, 0 and up."""
        return self.value / self.of if self.of and isinstance(self.value, int | float) else None


def pace(done: int, whole: int) -> float:
    """Share of a period's workdays that have passed, 0 to 1; a period without workdays counts as over."""
    return done / whole if whole else 1.0
