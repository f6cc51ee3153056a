"""DMARC after RFC 9989 (May 2026): the policy that applies to a From domain, and what counts as aligned with it.

The organisational domain comes from walking up the DNS, at most eight questions, and no list of public suffixes. Of the
tags of RFC 7489 `pct`, `rf` and `ri` are gone; `psd`, `np` and `t` are new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from baton.platform.dns import Resolver

POLICIES = ("none", "quarantine", "reject")
RELAXED, STRICT = "r", "s"
MOST_LABELS = 8  # section 4.10: a longer name goes on with its last seven labels


@dataclass(frozen=True)
class Policy:
    """One DMARC record and where it stands."""

    domain: str
    text: str
    tags: Mapping[str, str]

    @property
    def psd(self) -> str:
        return self.tags.get("psd", "u").lower()

    @property
    def is_test(self) -> bool:
        return self.tags.get("t", "n").lower() == "y"

    def mode(self, of: str) -> str:
        """How the domain of `spf` or `dkim` must agree: relaxed or strict."""
        return STRICT if self.tags.get(f"a{of}", RELAXED).lower() == STRICT else RELAXED

    def applied(self, *, is_below: bool, exists: bool) -> str:
        """none, quarantine or reject: `np` for a name below that does not exist, `sp` for one that does, else `p`."""
        wanted = ["p"]
        if is_below:
            wanted = ["sp", "p"] if exists else ["np", "sp", "p"]
        told = [self.tags[tag].lower() for tag in wanted if tag in self.tags]
        return told[0] if told and told[0] in POLICIES else "none"

    @property
    def is_usable(self) -> bool:
        """Section 4.7: without a policy that can be read it counts only where reports are asked for, as none."""
        told = [self.tags[tag].lower() for tag in ("p", "sp", "np") if tag in self.tags]
        reads = "p" in self.tags and all(one in POLICIES for one in told)
        return reads or self.tags.get("rua", "").lower().startswith("mailto:")


@dataclass
class Walk:
    """The way up from a name: what was asked, the record found at each name, names with several, unusable ones."""

    start: str
    asked: list[str] = field(default_factory=list)
    found: dict[str, Policy] = field(default_factory=dict)
    several: list[str] = field(default_factory=list)
    unusable: list[Policy] = field(default_factory=list)

    @property
    def organisation(self) -> str:
        """The organisational domain (section 4.10.2); the start itself where no record is found."""
        for name, policy in self.found.items():  # the longest first
            if policy.psd == "n":
                return name
            if policy.psd == "y" and name != self.start:
                return ".".join(self.start.split(".")[-len(name.split(".")) - 1 :])
        return list(self.found)[-1] if self.found else self.start

    @property
    def policy(self) -> Policy | None:
        """The record that applies: the name's own, the organisation's, or that of the public suffix above."""
        suffix = [policy for name, policy in self.found.items() if policy.psd == "y" and name != self.start]
        return self.found.get(self.start) or self.found.get(self.organisation) or (suffix[0] if suffix else None)


def read(text: str) -> dict[str, str] | None:
    """The tags of a record; None where the text is no DMARC record."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip().lower(): value.strip() for name, _equals, value in parts}
    first = parts[0] if parts else ("", "", "")
    return tags if first[0].strip().lower() == "v" and first[2].strip() == "DMARC1" else None


def names_up(domain: str) -> list[str]:
    """The names that a walk asks about, the longest first: eight at most."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) < MOST_LABELS else labels[-(MOST_LABELS - 1) :]
    return [domain, *[".".join(rest[start:]) for start in range(len(rest))]]


def walk(domain: str, resolver: Resolver) -> Walk:
    """Go up from a domain, and stop early only at a record that says `psd=y` or `psd=n`. Raises CouldNotAsk."""
    going = Walk(domain.lower().rstrip("."))
    for name in names_up(going.start):
        going.asked.append(f"_dmarc.{name}")
        texts = [text for text in resolver.ask(f"_dmarc.{name}", "TXT").values if read(text) is not None]
        if len(texts) > 1:
            going.several.append(name)
        if len(texts) != 1:
            continue
        policy = Policy(name, texts[0], read(texts[0]) or {})
        if not policy.is_usable:
            going.unusable.append(policy)
            continue
        going.found[name] = policy
        if policy.psd in ("y", "n"):
            break
    return going


def is_aligned(author: Walk, other: str, mode: str, resolver: Resolver) -> bool:
    """Whether a domain that was proven agrees with the From domain: the same, or relaxed, of the same organisation."""
    other = other.lower().rstrip(".")
    if other == author.start:
        return True
    return mode == RELAXED and walk(other, resolver).organisation == author.organisation
