"""By which signs a mail is a bounce, a delay, an automatic answer or a challenge, where no report says so."""

from __future__ import annotations

import functools
import re
import tomllib
from pathlib import Path

from baton.people.returns.mime import Part

_DASHED = re.compile(r"^[ \t>]{0,5}[-|_=*+ ]{2,80}.{0,120}$")
_ANSWERS = re.compile(
    r"[ \t]{0,5}(re|aw|antw|sv|vs|res|odp|ynt|回复|答复|답장)[ \t]{0,2}(\[\d{1,2}\])?[:：]", re.IGNORECASE
)
_HEADER = re.compile(
    r"^[> ]{0,3}(received: (from|by|\(|via|with)|received:from|return-path: ?<|dkim-signature:|x-originating-ip:"
    r"|mime-version: 1|arc-seal:|content-type: message/rfc822)",
    re.IGNORECASE,
)


def is_bounce(mail: Part, words: str) -> bool:
    """Whether it was written by a mail server about a mail it could not deliver."""
    signs = _signs()
    if mail.get("x-failed-recipients") or "report-type=delivery-status" in mail.get("content-type").lower():
        return True
    return (
        _has(signs["bounce"]["senders"], mail.get("from"))
        or (mail.get("return-path").strip() == "<>" and not is_auto_reply(mail, words))
        or (_has(signs["bounce"]["subjects"], mail.get("subject")) and not _ANSWERS.match(mail.get("subject")))
    )  # fmt: skip


def is_delay(mail: Part, words: str) -> bool:
    """Whether the server goes on trying."""
    signs = _signs()["delay"]
    return _has(signs["subjects"], mail.get("subject")) or _has(signs["words"], words[:4000])


def is_auto_reply(mail: Part, words: str) -> bool:
    """Whether a program answered for a person: RFC 3834's field first, then the older ones, then the subject."""
    signs = _signs()
    submitted = mail.get("auto-submitted").partition(";")[0].strip().lower()
    if _has(signs["bounce"]["senders"], mail.get("from")):
        return False
    if _has(signs["bounce"]["subjects"], mail.get("subject")):
        begins = any(_folded(mail.get("subject")).startswith(one) for one in signs["auto_reply"]["subjects"])
        return submitted.startswith("auto-replied") or begins
    if submitted and submitted != "no":
        return True
    if any(mail.get(name) for name in signs["auto_reply"]["headers"]):
        return True
    if mail.get("precedence").strip().lower() in ("auto_reply", "auto-reply", "bulk", "junk"):
        return True
    return _has(signs["auto_reply"]["subjects"], mail.get("subject"))


def is_challenge(mail: Part, words: str) -> bool:
    """Whether the recipient's guard asks us to prove that we are people before it delivers."""
    signs = _signs()["challenge"]
    return _has(signs["subjects"], mail.get("subject")) or _has(signs["words"], words[:4000])


def words_before_copy(words: str) -> tuple[str, str]:
    """A text bounce in two: the server's words, and the copy of our mail below them."""
    cuts = _signs()["copy"]["lines"]
    lines = words.split("\n")
    for number, line in enumerate(lines):
        if _HEADER.match(line[:200]):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
        lowered = line[:200].lower().strip()
        if any(cut in lowered for cut in cuts) and (_DASHED.match(line[:200]) or lowered.endswith(":")):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
    return words, ""


def _has(phrases: list[str], text: str) -> bool:
    lowered = _folded(text)
    return any(phrase in lowered for phrase in phrases)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


@functools.cache
def _signs() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "signs.toml").read_text(encoding="utf-8"))
