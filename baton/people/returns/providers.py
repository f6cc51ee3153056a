"""Who receives: the large providers by the domain of an address, everyone else together. No DNS is asked."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

from django.db.models import Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

OTHERS = "others"


def provider_of(address: str) -> str:
    """Key of the provider that receives for an address or a domain; OTHERS where it is none of the known."""
    domain = address.rpartition("@")[2].strip().lower()
    known = _by_domain()
    if domain in known:
        return known[domain]
    # yahoo.co.uk, hotmail.fr, live.nl: a provider's name under a country.
    return _by_label().get(domain.partition(".")[0], OTHERS) if domain.count(".") <= 2 else OTHERS


def domain_in(column: str) -> Substr:
    """The domain of the address in a column, for queries; what `provider_of` takes."""
    return Substr(column, StrIndex(column, Value("@")) + 1)


def label_of(provider: str) -> str:
    """A provider's own name, in words for all the others."""
    if provider in ("", OTHERS):
        return _("Others")
    row = _table().get(provider)
    return row["label"] if row else provider


def labels() -> dict[str, Any]:
    """What every provider is called, by its key; OTHERS last."""
    return {**{key: row["label"] for key, row in _table().items()}, OTHERS: lazy("Others")}


def complaint_note(provider: str) -> str:
    """How complaints reach us from there: none (it sends no reports), arf, jmrp or unknown."""
    row = _table().get(provider)
    return row.get("complaints", "unknown") if row else "unknown"


@functools.cache
def _table() -> dict[str, dict]:
    return tomllib.loads((Path(__file__).parent / "providers.toml").read_text(encoding="utf-8"))


@functools.cache
def _by_domain() -> dict[str, str]:
    return {domain: key for key, row in _table().items() for domain in row["domains"]}


@functools.cache
def _by_label() -> dict[str, str]:
    return {label: key for key, row in _table().items() for label in row.get("labels", [])}
