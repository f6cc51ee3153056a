"""SPF after RFC 7208: may this address send for this domain, and does the record hold for every address?

Everything but `exp` and the `p` macro is evaluated; those two only concern what a refused sender is told.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from baton.platform import dns
from baton.platform.dns import CouldNotAsk, Resolver

PASS, FAIL, SOFTFAIL, NEUTRAL, NONE = "pass", "fail", "softfail", "neutral", "none"
PERMERROR, TEMPERROR = "permerror", "temperror"
_SIGNS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
MOST_LOOKUPS = 10  # section 4.6.4
MOST_VOID = 2
MOST_NAMES = 10  # of one mx or ptr
_TAKES = {"all": "no", "include": "must", "a": "may", "mx": "may", "ptr": "may", "ip4": "must", "ip6": "must",
          "exists": "must"}  # fmt: skip
_LOOKS_UP = {"include", "a", "mx", "ptr", "exists"}
_TERM = re.compile(r"([+~?-]?)([a-z][a-z0-9]*)(?::([^/\s]+))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE)
_ADDRESS = re.compile(r"([+~?-]?)(ip4|ip6):([0-9a-f.:]+)(/\d+)?", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)", re.IGNORECASE)
_MACRO = re.compile(r"%(?:\{([slodiphcrtv])(\d*)(r?)([.+,/_=-]*)\}|([%_-])|(.?))", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadRecord(ValueError):
    """What makes a permerror; the sentence names the part."""


@dataclass(frozen=True)
class Term:
    """One mechanism: what a match means, its name and value, the prefix lengths for IPv4 and IPv6."""

    result: str
    name: str
    value: str = ""
    prefix4: int = 32
    prefix6: int = 128


@dataclass(frozen=True)
class Record:
    """One SPF record, read."""

    text: str
    terms: tuple[Term, ...]
    redirect: str = ""

    @property
    def last_word(self) -> str:
        """What it says of everybody else: the result of `all`, "" where it has none and does not redirect."""
        found = [term.result for term in self.terms if term.name == "all"]
        return found[0] if found else "redirect" if self.redirect else ""


@dataclass
class Verdict:
    """What came of evaluating: the result, why where it is an error, lookups and void lookups that it took."""

    result: str = NEUTRAL
    why: str = ""
    lookups: int = 0
    void: int = 0
    path: list[str] = field(default_factory=list)


def records_of(domain: str, resolver: Resolver) -> list[str]:
    """The texts at a domain that are SPF records. Raises CouldNotAsk."""
    texts = resolver.ask(domain, "TXT").values
    return [text for text in texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]


def read(text: str) -> Record:
    """The record's terms. Raises BadRecord for one that receivers would not take."""
    terms, redirect, seen = [], "", set()
    for word in text.split()[1:]:
        modifier = _MODIFIER.fullmatch(word)
        if modifier and ":" not in modifier[1]:
            name = modifier[1].lower()
            if name in ("redirect", "exp"):
                if name in seen or not modifier[2]:
                    raise BadRecord(word)
                seen.add(name)
                redirect = modifier[2] if name == "redirect" else redirect
            continue
        terms.append(_term(word))
    return Record(text, tuple(terms), redirect)


def _term(word: str) -> Term:
    if found := _ADDRESS.fullmatch(word):
        return Term(_SIGNS[found[1] or "+"], found[2].lower(), str(_network(found[2].lower(), found[3], found[4])))
    found = _TERM.fullmatch(word)
    name = found[2].lower() if found else ""
    if found is None or name not in _TAKES or name in ("ip4", "ip6"):
        raise BadRecord(word)
    takes, value = _TAKES[name], found[3] or ""
    has_prefix = bool(found[4])
    if (takes == "must" and not value) or (takes == "no" and value) or (has_prefix and name not in ("a", "mx")):
        raise BadRecord(word)
    four, _slashes, six = found[4].partition("//")
    prefix4, prefix6 = int(four.strip("/") or 32), int(six or 128)
    if prefix4 > 32 or prefix6 > 128:
        raise BadRecord(word)
    return Term(_SIGNS[found[1] or "+"], name, value, prefix4, prefix6)


def _network(name: str, address: str, prefix: str | None) -> Network:
    try:
        if name == "ip4":
            return ipaddress.IPv4Network(address + (prefix or ""), strict=False)
        return ipaddress.IPv6Network(address + (prefix or ""), strict=False)
    except ValueError:
        raise BadRecord(f"{name}:{address}{prefix or ''}") from None


def check_host(address: str, domain: str, sender: str, resolver: Resolver) -> Verdict:
    """Whether `address` may send for `domain`, with `sender` as the envelope's. Never raises."""
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    verdict = Verdict()
    try:
        verdict.result = _Evaluation(ip, sender, resolver, verdict).of(domain)
    except BadRecord as error:
        verdict.result, verdict.why = PERMERROR, str(error)
    except CouldNotAsk as fault:
        verdict.result, verdict.why = TEMPERROR, str(fault)
    return verdict


class _Evaluation:
    def __init__(
        self,
        ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
        sender: str,
        resolver: Resolver,
        verdict: Verdict,
    ) -> None:
        self._ip, self._sender, self._resolver, self._verdict = ip, sender, resolver, verdict

    def of(self, domain: str) -> str:
        if not _NAME.fullmatch(domain) or "." not in domain:
            return NONE
        texts = records_of(domain, self._resolver)
        if not texts:
            return NONE
        if len(texts) > 1:
            raise BadRecord(f"{domain}: {len(texts)} x v=spf1")
        record = read(texts[0])
        for term in record.terms:
            if self._matches(term, domain):
                self._verdict.path.append(f"{domain}: {term.name}{':' + term.value if term.value else ''}")
                return term.result
        if record.last_word == "redirect":
            self._look_up()
            result = self.of(self._expanded(record.redirect, domain))
            if result == NONE:
                raise BadRecord(f"redirect={record.redirect}")
            return result
        return NEUTRAL

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name == "all":
            return True
        if term.name in ("ip4", "ip6"):
            return self._ip in ipaddress.ip_network(term.value)
        self._look_up()
        name = self._expanded(term.value, domain) if term.value else domain
        if term.name == "include":
            return self._includes(name)
        if term.name == "exists":
            return bool(self._asked(name, "A"))
        if term.name == "ptr":
            return self._is_named(name)
        return any(self._is_at(host, term) for host in self._hosts(term, name))

    def _includes(self, name: str) -> bool:
        result = self.of(name)
        if result == NONE:
            raise BadRecord(f"include:{name}")
        return result == PASS

    def _hosts(self, term: Term, name: str) -> list[str]:
        if term.name == "a":
            return [name]
        hosts = self._asked(name, "MX")
        if len(hosts) > MOST_NAMES:
            raise BadRecord(f"mx:{name}: {len(hosts)} > {MOST_NAMES}")
        return hosts

    def _is_at(self, host: str, term: Term) -> bool:
        kind, prefix = ("A", term.prefix4) if self._ip.version == 4 else ("AAAA", term.prefix6)
        return any(
            self._ip in ipaddress.ip_network(f"{address}/{prefix}", strict=False) for address in self._asked(host, kind)
        )

    def _is_named(self, name: str) -> bool:
        kind = "A" if self._ip.version == 4 else "AAAA"
        for host in self._asked(dns.reverse_name(str(self._ip)), "PTR")[:MOST_NAMES]:
            is_below = host.lower() == name.lower() or host.lower().endswith("." + name.lower())
            if is_below and str(self._ip) in self._resolver.ask(host, kind).values:
                return True
        return False

    def _asked(self, name: str, kind: str) -> list[str]:
        values = list(self._resolver.ask(name, kind).values)
        if not values:
            self._verdict.void += 1
            if self._verdict.void > MOST_VOID:
                raise BadRecord(f"{self._verdict.void} > {MOST_VOID} void lookups ({name})")
        return values

    def _look_up(self) -> None:
        self._verdict.lookups += 1
        if self._verdict.lookups > MOST_LOOKUPS:
            raise BadRecord(f"more than {MOST_LOOKUPS} lookups")

    def _expanded(self, spec: str, domain: str) -> str:
        """Section 7: macros of a domain-spec."""
        local, _at, sender_domain = self._sender.rpartition("@")
        words = {
            "s": self._sender, "l": local or "postmaster", "o": sender_domain, "d": domain, "h": domain, "p": "unknown",
            "v": "in-addr" if self._ip.version == 4 else "ip6", "i": _dotted(self._ip),
        }  # fmt: skip
        name = _MACRO.sub(lambda found: _macro(found, words), spec)
        while len(name) > 253 and "." in name:
            name = name.partition(".")[2]
        return name.rstrip(".")


def _macro(found: re.Match[str], words: dict[str, str]) -> str:
    if found[5]:
        return {"%": "%", "_": " ", "-": "%20"}[found[5]]
    letter = (found[1] or "").lower()
    if letter not in words:
        raise BadRecord(found[0])
    parts = re.split(f"[{re.escape(found[4] or '.')}]", words[letter])
    if found[3]:
        parts.reverse()
    if found[2]:
        if int(found[2]) == 0:
            raise BadRecord(found[0])
        parts = parts[-int(found[2]) :]
    joined = ".".join(parts)
    return quote(joined, safe="") if found[1].isupper() else joined


def _dotted(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", ""))


def lookups_at_worst(record: Record, domain: str, resolver: Resolver) -> tuple[int, list[str]]:
    """How many lookups the record asks of a receiver that meets no match, and the terms that ask for them.

    Goes on to thirty at most. Raises CouldNotAsk, and BadRecord where an included domain has no record, or two, or one
    that cannot be read.
    """
    asked: list[str] = []
    _count(record, domain, resolver, asked)
    return len(asked), asked


def _count(record: Record, domain: str, resolver: Resolver, asked: list[str]) -> None:
    following = [(f"{term.name}:{term.value}" if term.value else term.name, term) for term in record.terms]
    for shown, term in following:
        if term.name in _LOOKS_UP:
            asked.append(f"{domain}: {shown}")
        if term.name == "include" and "%" not in term.value and len(asked) < 30:
            _count(_only_record(term.value, resolver, shown), term.value, resolver, asked)
    if record.last_word == "redirect":
        asked.append(f"{domain}: redirect={record.redirect}")
        if "%" not in record.redirect and len(asked) < 30:
            shown = f"redirect={record.redirect}"
            _count(_only_record(record.redirect, resolver, shown), record.redirect, resolver, asked)


def _only_record(domain: str, resolver: Resolver, shown: str) -> Record:
    texts = records_of(domain, resolver)
    if len(texts) != 1:
        raise BadRecord(f"{shown}: {len(texts)} x v=spf1")
    return read(texts[0])
