"""What a server's answer means: reply code, enhanced status and words in, one of four verdicts and a reason out.

Words come from phrases.toml, codes from RFC 3463, RFC 5248 and the registry of enhanced status codes (IANA, read
2026-11), those beyond from Google's and Microsoft's own lists. Linear in the text, which is cut first: the parser
reads what strangers send.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

DEAD, TEMPORARY, MESSAGE, SENDER = "dead_address", "mailbox", "message_refused", "sender_refused"
LONGEST_ANSWER = 2000

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d)\.(\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.\-:/=])([245]\d\d)(?=[ \-:;,.)#'\"<]|$)(?!\.\d)")
_ADDRESS = re.compile(r"<?[^\s<>@,;:'\"()]{1,64}@[^\s<>@,;:'\"()]{1,255}>?")
_LINK = re.compile(
    r"https?://([^\s/>?]{1,100})(?:[^\s>?]{0,300}[?&](?:p|c)=([a-z]{2,30}))?[^\s>]{0,500}", re.IGNORECASE
)
_HOST = re.compile(r"\bhost \S{1,255}? ?\[[^\]\s]{1,60}\]", re.IGNORECASE)
_CONTINUED = re.compile(r"\b[245]\d\d-(?=\S)")
_EARLY = re.compile(
    r"(?:in reply to|in response to|after|response to|\[)[ \t]{0,3}(?:the )?(?:pipelined )?"
    r"(?:mail[ _]from|[eh][he]lo|initial connection)",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"[45]\.\d\.\d - [a-z ()/]{1,80}['\"]?([245]\d\d[- ].{1,1000})", re.IGNORECASE)

# Enhanced codes by their two last numbers; "7." stands for every code of subject 7 that is not named.
_STATUSES: dict[tuple[str, str], str] = {
    (DEAD, "user_unknown"): "1.0 1.1 1.3",
    (DEAD, "host_unknown"): "1.2 1.10 4.4 4.310",
    (DEAD, "moved"): "1.6 7.17 7.18",
    (TEMPORARY, "disabled"): "2. 2.1 7.13",
    (TEMPORARY, "full"): "2.2",
    (TEMPORARY, "system"): "2.4 3.",
    (TEMPORARY, "network"): "4.",
    (TEMPORARY, "expired"): "4.7 4.316",
    (MESSAGE, "too_big"): "2.3 3.4",
    (MESSAGE, "syntax"): "5. 5.2",
    (MESSAGE, "content"): "6.",
    (MESSAGE, "unclear"): "1.4 1.9",
    (SENDER, "sender_address"): "1.7 1.8 7.27",
    (SENDER, "rate"): "5.3 7.28",
    (SENDER, "policy"): "7.",
    (SENDER, "authentication"): "7.8 7.20 7.21 7.22 7.23 7.24 7.26 7.515",
    (SENDER, "ptr"): "7.25",
    (SENDER, "blocked"): "7.606",
    (SENDER, "reputation"): "7.650",
}
_BY_STATUS = {number: meaning for meaning, numbers in _STATUSES.items() for number in numbers.split()}
_ABOUT_SENDER = {"1.7", "1.8", "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.515", "7.606", "7.650"}
_BY_REPLY = {
    "552": (TEMPORARY, "full"), "551": (DEAD, "moved"), "556": (DEAD, "host_unknown"), "521": (DEAD, "host_unknown"),
    "530": (SENDER, "authentication"), "535": (SENDER, "authentication"), "523": (MESSAGE, "too_big"),
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What an answer means. `verdict` is one of the four; `reason` a key of phrases.toml, or "unclear"."""

    verdict: str
    reason: str
    code: int = 0
    status: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether words or an enhanced code said it, not just the first digit."""
        return self.reason != "unclear"


def meaning_of(text: str, *, code: int = 0, status: str = "") -> Meaning:
    """What a refusal means. `code` and `status` are what a report's own fields say; those in the text come first.

    A sender's fault is never called dead: over 589 public sample bounces the common rule "5xx means dead" condemns
    79 % of those refused for our sake.
    """
    text = _unwrapped(text[:LONGEST_ANSWER])
    found = _status_in(text)
    if found and (not status or status[1:] in (".0.0", ".0") or found[0] != "2"):
        status = found
    code = _reply_in(text) or code
    folded = fold(text)
    verdict, reason = (
        (_by_status(status) if status[2:] in _ABOUT_SENDER else None)
        or _by_words(folded, status)
        or _by_status(status)
        or _by_hints(folded)
        or _by_reply(code, status)
    )
    is_late = status.startswith("4.") or (not status and 400 <= code < 500)
    if is_late and verdict in (DEAD, MESSAGE) and reason not in ("user_unknown", "no_mail", "too_big"):
        verdict, reason = TEMPORARY, "network" if reason == "host_unknown" else "system"
    is_vague = reason in ("unclear", "system") and not is_late
    if (verdict == DEAD or is_vague) and speaks_to_sender(text):
        verdict, reason = SENDER, "sender_address"
    return Meaning(verdict, reason, code, status)


def speaks_to_sender(text: str) -> bool:
    """Whether the server refused at the greeting or at MAIL FROM, before it was told of any recipient."""
    return bool(_EARLY.search(text)) or _command_refused(text) in ("MAIL", "EHLO", "HELO")


def _command_refused(text: str) -> str:
    """In a sendmail transcript (">>> what was said, <<< what was answered") the command of the first refusal."""
    command = ""
    for line in text.split("\n"):
        if line.startswith(">>> "):
            command = line[4:8].upper()
        elif line.startswith(("<<< 4", "<<< 5")):
            return command
    return ""


def fold(text: str) -> str:
    """Small letters, single blanks, without addresses; of links only the host stays, for their paths name reasons."""
    text = _LINK.sub(r" \1 \2 ", text)
    text = _HOST.sub(" ", text).replace("_", " ")
    text = _ADDRESS.sub(" ", text)
    text = _CONTINUED.sub("", text).lower().replace("’", "'").replace("delivery temporarily suspended:", "")
    return f" {' '.join(text.split())} "


def _unwrapped(text: str) -> str:
    """The remote server's own words, where a relay has put its own before them (IronPort, Amazon SES)."""
    wrapped = _WRAPPED.search(text)
    return text[wrapped.start(1) :] if wrapped else text


def _status_in(text: str) -> str:
    found = [match.group() for match in _STATUS.finditer(text) if match.group(1) != "2"]
    telling = [status for status in found if not status.endswith(".0.0")]
    return (telling or found or [""])[0]


def _reply_in(text: str) -> int:
    found = [int(match.group(1)) for match in _REPLY.finditer(text) if match.group(1) != "2"]
    return next((code for code in found if code >= 400), 0)


def _by_words(folded: str, status: str) -> tuple[str, str] | None:
    for reason, verdict, phrases in _words():
        if phrases.stand_in(folded):
            if reason == "policy" and status == "5.4.1" and "recipient address rejected: access denied" in folded:
                return DEAD, "user_unknown"  # Exchange Online for a recipient its directory does not have
            return verdict, reason
    return None


def _by_status(status: str) -> tuple[str, str] | None:
    subject = status.partition(".")[2]
    if subject in ("", "0.0", "2.0", "3.0", "5.0"):  # "other": says nothing that the first digit does not
        return None
    return _BY_STATUS.get(subject) or _BY_STATUS.get(subject.partition(".")[0] + ".")


def _by_hints(folded: str) -> tuple[str, str] | None:
    for reason, verdict, phrases in _hints():
        if phrases.stand_in(folded):
            return verdict, reason
    return None


def _by_reply(code: int, status: str) -> tuple[str, str]:
    if found := _BY_REPLY.get(str(code)):
        return found
    return (TEMPORARY, "unclear") if 400 <= code < 500 or status.startswith("4") else (MESSAGE, "unclear")


@dataclass(frozen=True)
class _Phrases:
    whole: tuple[str, ...]
    gapped: tuple[tuple[str, ...], ...]

    def stand_in(self, folded: str) -> bool:
        return any(phrase in folded for phrase in self.whole) or any(_follow(parts, folded) for parts in self.gapped)


def _follow(parts: tuple[str, ...], folded: str) -> bool:
    at = 0
    for part in parts:
        at = folded.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


Table = list[tuple[str, str, _Phrases]]


@functools.cache
def _table() -> dict[str, dict]:
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


@functools.cache
def _words() -> Table:
    return _listed("words")


@functools.cache
def _hints() -> Table:
    return _listed("hints")


def _listed(kind: str) -> Table:
    found = []
    for name, row in _table().items():
        phrases = row.get(kind, [])
        whole = tuple(one for one in phrases if "…" not in one)
        gapped = tuple(tuple(one.split(" … ")) for one in phrases if "…" in one)
        if phrases:
            found.append((row.get("reason", name), row["verdict"], _Phrases(whole, gapped)))
    return found
