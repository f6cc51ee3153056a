"""The form of a funnel: a few fields, and a row for each step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.tracking.collect.models import Site
from baton.tracking.funnels.models import Funnel
from baton.tracking.funnels.rules import EVENT, FEWEST_STEPS, MOST_STEPS, PAGE, Shape, Step
from baton.tracking.sessions.rules import ENGAGEMENT

ROW_FIELDS = {"kind": 10, "match": 200, "prop": 60, "held": 200}
UNITS = {"60": _("hours"), "1440": _("days")}
MOST_MINUTES = 90 * 1440
ROWS_AT_FIRST = 3


class FunnelForm(forms.Form):
    """Name, what is counted, within what time, on which site. The steps are rows beside it; `problems` by row."""

    name = forms.CharField(label=_("Name"), max_length=80)
    per = forms.ChoiceField(
        label=_("What is counted"),
        choices=Funnel.Per.choices,
        help_text=_("Visitors may come back for a later step; a visit takes all its steps at once."),
    )
    within = forms.IntegerField(label=_("Within"), min_value=1, max_value=MOST_MINUTES // 60)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS.items())
    site = forms.ChoiceField(label=_("Site"), required=False)

    def __init__(self, sent: QueryDict | None = None, funnel: Funnel | None = None, *, do: str = "") -> None:
        super().__init__(sent, initial=_initial(funnel))
        chosen = {funnel.site} if funnel and funnel.site else set()
        domains = sorted(set(Site.objects.values_list("domain", flat=True)) | chosen)
        self.fields["site"].choices = [("", _now("All sites")), *((one, one) for one in domains)]  # type: ignore[attr-defined]
        self.rows = rows_sent(sent, do) if sent is not None else rows_of(funnel)
        self.problems: dict[int, str] = {}

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("within") and told["within"] * int(told.get("unit") or 60) > MOST_MINUTES:
            self.add_error("within", _("At most 90 days."))
        filled = [(n, row) for n, row in enumerate(self.rows) if any(row[name] for name in ("match", "prop", "held"))]
        self.problems = {n: problem for n, row in filled if (problem := _problem(row))}
        if self.problems:
            self.add_error(None, _("A step is not complete."))
        elif len(filled) < FEWEST_STEPS:
            self.add_error(None, _("A funnel has at least two steps."))
        self.steps = tuple(Step(**row) for _n, row in filled)
        return told

    @property
    def shape(self) -> Shape:
        """What was typed; only of a valid form."""
        told = self.cleaned_data
        return Shape(self.steps, told["within"] * int(told["unit"]), told["per"], told["site"])


def rows_sent(sent: QueryDict, do: str) -> list[dict[str, str]]:
    """The rows of steps as typed, after the button that was pressed: one more, one taken away, one moved up."""
    columns = {name: [_printable(told) for told in sent.getlist(name)[:MOST_STEPS]] for name in ROW_FIELDS}
    count = max((len(values) for values in columns.values()), default=0)
    rows = [
        {name: (columns[name][n].strip()[:most] if n < len(columns[name]) else "") for name, most in ROW_FIELDS.items()}
        for n in range(count)
    ]
    return _after(rows, do)


def _printable(told: str) -> str:
    """Without zero bytes and halves of characters, which no database takes."""
    return "".join(letter for letter in told if letter.isprintable())


def rows_of(funnel: Funnel | None) -> list[dict[str, str]]:
    """A funnel's steps as rows; empty ones for a new funnel."""
    if funnel and funnel.steps:
        return [dict(step) for step in funnel.steps]
    return [_empty_row() for _n in range(ROWS_AT_FIRST)]


def _after(rows: list[dict[str, str]], do: str) -> list[dict[str, str]]:
    verb, _colon, place = do.partition(":")
    n = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else -1
    if verb == "add" and len(rows) < MOST_STEPS:
        rows.append(_empty_row())
    elif verb == "remove" and 0 <= n < len(rows):
        rows.pop(n)
    elif verb == "up" and 0 < n < len(rows):
        rows[n - 1], rows[n] = rows[n], rows[n - 1]
    while len(rows) < FEWEST_STEPS:
        rows.append(_empty_row())
    return rows


def _empty_row() -> dict[str, str]:
    return {"kind": PAGE, "match": "", "prop": "", "held": ""}


def _problem(row: dict[str, str]) -> str:
    """What is wrong with a row; empty for nothing."""
    if row["kind"] not in (PAGE, EVENT):
        return _now("Say whether it is a page or something done.")
    if not row["match"]:
        return _now("Write a path such as /pricing, or an event's name.")
    if row["kind"] == PAGE and not row["match"].startswith(("/", "*")):
        return _now("A path begins with /, as in /thanks.")
    if row["kind"] == EVENT and row["match"] == "pageview":
        return _now("Choose “A page read” for a step that is a page, and write its path, * for any.")
    if row["kind"] == EVENT and row["match"] == ENGAGEMENT:
        return _now("How long a page was read is no step. Take the page itself.")
    if row["kind"] == PAGE and row["prop"]:
        return _now("Only something done has details. Empty the detail.")
    if row["prop"] in ("-", "*") or any(sign in row["prop"] for sign in '"\\'):
        return _now("A detail's name has no quotation mark and no backslash, and is not * or -.")
    if row["held"] and not row["prop"]:
        return _now("Write the detail's name too.")
    return ""


def _initial(funnel: Funnel | None) -> dict[str, Any]:
    if funnel is None or not funnel.pk:
        return {"within": 7, "unit": "1440", "per": Funnel.Per.VISITOR}
    unit = 1440 if funnel.within_minutes % 1440 == 0 else 60
    return {
        "name": funnel.name,
        "per": funnel.per,
        "site": funnel.site,
        "within": funnel.within_minutes // unit,
        "unit": f"{unit}",
    }
