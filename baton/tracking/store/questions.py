"""Questions: SQL files under `questions/`, each with a head comment that says what it answers, takes and gives.

    -- Visits per day.
    -- params: since time?, until time?, zone zone
    -- rows: day date, visits number
    -- with: page_events, visits

Kinds of parameters: text, number, share, time, zone (the organisation's when left out), numbers, texts. A question mark
means it may be left out (beginning or end of time, empty text, empty list). `with` puts the named part's CTEs from
`questions/parts/` in front; a question with CTEs of its own then begins with a comma. The part `visits` is worked out
from events (seen, page_events, computed_visits), or read where an engine keeps visits as rows (kept_visits).

A text of a funnel is a Jinja template over `steps`: the numbers from 1 of the texts that the parameter `names` holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from baton.tracking.errors import BadParameter, UnknownQuestion

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "tracking" / "questions" / "parts"
COMPUTED, KEPT = ["seen", "page_events", "computed_visits"], ["kept_visits"]
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
UNKNOWN = "(none)"  # what a filter calls a label that is empty
VIEWS = re.compile(r"\b(events|named_events|named_places)\b")  # events, and their narrow copy
KINDS = {"text": str, "number": int, "share": float, "time": datetime, "zone": str, "numbers": list, "texts": list}
_TEMPLATES = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_EMPTY = {"text": "", "number": 0, "share": 0.0, "numbers": [], "texts": []}


@dataclass(frozen=True)
class Question:
    """One file, read. `sql` has the named parts in front; parameters are written `:name`.

    `over_kept` is the same for an engine that keeps visits as rows; empty where the question asks for no visits.
    `views` are those of VIEWS that it asks.
    """

    name: str
    what: str
    sql: str
    over_kept: str
    views: frozenset[str]
    params: dict[str, str]
    optional: frozenset[str]
    rows: dict[str, str] = field(default_factory=dict)


@cache
def paths() -> dict[str, Path]:
    """Every question of the product by name, wherever the noun that asks it lives."""
    found: dict[str, Path] = {}
    for path in sorted([*ROOT.glob("*/questions/*.sql"), *ROOT.glob("*/*/questions/*.sql")]):
        if path.stem in found:
            raise UnknownQuestion(f"Two questions are called {path.stem}: {found[path.stem]} and {path}.")
        found[path.stem] = path
    return found


@cache
def question(name: str, steps: int = 0) -> Question:
    """The question of that name, for a funnel of so many steps. Raises UnknownQuestion."""
    if name not in paths():
        raise UnknownQuestion(f"There is no question called {name}.")
    return read_question(name, paths()[name].read_text(), steps)


def read_question(name: str, text: str, steps: int = 0) -> Question:
    """A question from a file's text."""
    text = _for_steps(text, steps)
    head: list[str] = []
    body: list[str] = []
    heads: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("--") and not body:
            key, _colon, rest = line[2:].strip().partition(":")
            if key in ("params", "rows", "with"):
                heads[key] = f"{heads[key]}, {rest}" if key in heads else rest
            else:
                head.append(line[2:].strip())
        elif line.strip() or body:
            body.append(line)
    params = _pairs(heads.get("params", ""))
    parts = heads.get("with", "").replace(",", " ").split()
    sql, over_kept = (_with_parts("\n".join(body), _named(parts, way), steps) for way in (COMPUTED, KEPT))
    unknown = set(PARAMETER.findall(sql)) - set(params)
    if unknown:
        raise BadParameter(f"Question {name} uses {', '.join(sorted(unknown))} without saying so in its head.")
    return Question(
        name=name,
        what=" ".join(head),
        sql=sql,
        over_kept=over_kept if "visits" in parts else "",
        views=frozenset(VIEWS.findall(over_kept or sql)),
        params={key: kind.rstrip("?") for key, kind in params.items()},
        optional=frozenset(key for key, kind in params.items() if kind.endswith("?") or kind == "zone"),
        rows=_pairs(heads.get("rows", "")),
    )


def checked(asked: Question, given: dict[str, Any], *, zone: str) -> dict[str, Any]:
    """Every parameter with a value of its kind. Raises BadParameter naming the first that is wrong."""
    if unknown := set(given) - set(asked.params):
        raise BadParameter(f"Question {asked.name} takes no {', '.join(sorted(unknown))}.")
    values = {}
    for name, kind in asked.params.items():
        value = given.get(name)
        if value is None:
            if name not in asked.optional:
                raise BadParameter(f"Question {asked.name} needs {name}.")
            value = _left_out(name, kind, zone)
        values[name] = _of_kind(asked.name, name, kind, value)
    return values


def _left_out(name: str, kind: str, zone: str) -> Any:
    if kind == "zone":
        return zone
    if kind == "time":
        return _LATEST if name == "until" else _EARLIEST
    return _EMPTY[kind]


def _of_kind(question: str, name: str, kind: str, value: Any) -> Any:
    wanted: Any = (int, float) if kind == "share" else KINDS[kind]
    if kind in ("numbers", "texts") and not isinstance(value, str):
        value = list(value)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise BadParameter(f"Question {question} wants {name} as {kind}, not {value!r}.")
    if kind == "time":
        if value.tzinfo is None:
            raise BadParameter(f"Question {question} wants {name} with a zone.")
        return value.astimezone(UTC).replace(tzinfo=None)
    if kind == "zone" and not re.fullmatch(r"[A-Za-z0-9_+\-/]{1,60}", value):
        raise BadParameter(f"{value!r} is no zone.")
    return value


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for part in text.split(","):
        if part.strip():
            name, _space, kind = part.strip().partition(" ")
            pairs[name] = kind.strip()
    return pairs


def _named(parts: list[str], visits: list[str]) -> list[str]:
    """Names of part files, with those that give visits for `visits`."""
    return [name for part in parts for name in (visits if part == "visits" else [part])]


def _with_parts(sql: str, names: list[str], steps: int) -> str:
    if not names:
        return sql
    parts = ",\n".join(
        re.sub(r"^--.*\n", "", _for_steps((PARTS / f"{name}.sql").read_text(), steps), flags=re.M).strip()
        for name in names
    )
    return f"WITH {parts}\n{sql}"


def _for_steps(text: str, steps: int) -> str:
    return _TEMPLATES.from_string(text).render(steps=range(1, steps + 1)) if "{%" in text else text
