"""Who asks for a mail's links and pictures, by the agent and the network: the list in relays.toml."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from baton.marketing.reading.rules import MACHINE, Verdict
from baton.tracking.collect.machines import browser_facts, machine_reason

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def known(kind: str, agent: str, network: str) -> Verdict | None:
    """What the lists say of who made a hit; None where they do not know them."""
    if network:
        return Verdict(MACHINE, f"filter:{network}")
    relay = _relay(kind, agent)
    if relay:
        return Verdict(relay["label"], f"relay:{relay['key']}")
    reason = machine_reason(agent) if agent else "no_agent"
    return Verdict(MACHINE, reason) if reason else None


def network_of(address: str) -> str:
    """Key of the mail filter whose network an address is in; "" for all others and for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return next((key for key, networks in _networks() if any(found in one for one in networks)), "")


def prefix_of(address: str) -> str:
    """The network an address is in: the first 24 bits of IPv4, 48 of IPv6; "" for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


@lru_cache(maxsize=10_000)
def read_with(agent: str) -> tuple[str, str]:
    """The mail program or browser of an agent, and its device: desktop, phone or tablet; "" where it does not say."""
    small = agent.lower()
    device, browser, _system = browser_facts(agent)
    for row in _table()["program"]:
        if _has_all(small, row["has"]) and not any(word in small for word in row.get("not", [])):
            return row["name"], "" if _is_relay(agent) else device
    return browser, device if browser else ""


def names() -> dict[str, str]:
    """What the relays and filters are called, by the reasons that name them."""
    table = _table()
    return {
        **{f"relay:{row['key']}": row["name"] for row in table["relay"]},
        **{f"filter:{row['key']}": row["name"] for row in table["network"]},
    }


def _relay(kind: str, agent: str) -> dict[str, Any] | None:
    small = agent.lower()
    for row in _table()["relay"]:
        is_its = agent in row.get("is", []) or any(word in small for word in row.get("has", []))
        if is_its and row["kind"] == kind:
            return row
    return None


def _is_relay(agent: str) -> bool:
    return _relay("open", agent) is not None


def _has_all(text: str, words: Iterable[str]) -> bool:
    return all(word in text for word in words)


@cache
def _networks() -> list[tuple[str, list[Network]]]:
    return [(row["key"], [ipaddress.ip_network(one) for one in row["ranges"]]) for row in _table()["network"]]


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "relays.toml").read_text(encoding="utf-8"))
