"""Telling machines from people by what they call themselves, and what a person's browser is."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

_LIST = Path(__file__).with_name("machines.txt")


@cache
def reasons() -> list[tuple[str, re.Pattern[str]]]:
    """The list in machines.txt: reason and pattern, in order."""
    lines = [line.split(None, 1) for line in _LIST.read_text().splitlines() if line and not line.startswith("#")]
    return [(reason, re.compile(pattern.strip(), re.IGNORECASE)) for reason, pattern in lines]


@lru_cache(maxsize=10_000)
def machine_reason(agent: str) -> str:
    """Why this user agent is held for a machine; empty for a person's browser."""
    return next((reason for reason, pattern in reasons() if pattern.search(agent)), "")


@lru_cache(maxsize=10_000)
def browser_facts(agent: str) -> tuple[str, str, str]:
    """Device (desktop, phone, tablet), browser and system; empty where the agent does not say."""
    small = agent.lower()
    if "ipad" in small or "tablet" in small or ("android" in small and "mobile" not in small):
        device = "tablet"
    else:
        device = "phone" if "mobi" in small else "desktop"
    return device, _first(small, _BROWSERS), _first(small, _SYSTEMS)


def _first(small: str, words: list[tuple[str, str]]) -> str:
    return next((name for word, name in words if word in small), "")


# The order matters: Edge and Opera also call themselves Chrome, and Chrome calls itself Safari.
_BROWSERS = [
    ("edg", "Edge"), ("opr/", "Opera"), ("samsungbrowser", "Samsung Internet"), ("vivaldi", "Vivaldi"),
    ("firefox", "Firefox"), ("fxios", "Firefox"), ("crios", "Chrome"), ("chrome", "Chrome"), ("safari", "Safari"),
]  # fmt: skip
_SYSTEMS = [
    ("windows", "Windows"), ("iphone", "iOS"), ("ipad", "iOS"), ("android", "Android"), ("mac os", "macOS"),
    ("cros", "ChromeOS"), ("linux", "Linux"),
]  # fmt: skip
