"""What a mail that came back is: pure, bytes in, a Letter out. Never raises; bound in size, depth and time.

Reports that machines write come first (RFC 3464, RFC 5965), then the words of mail servers. An automatic answer
(RFC 3834) is no bounce; what is nothing of these is a reply.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from baton.people.returns.answers import MESSAGE, Meaning, fold, meaning_of
from baton.people.returns.mime import MAX_BYTES, Part, read_part, split_headers
from baton.people.returns.reports import (
    MAX_RECIPIENTS,
    Feedback,
    Report,
    address_in,
    addresses_in,
    amazon_notice,
    delivery_reports,
    feedback,
)
from baton.people.returns.signs import (
    is_auto_reply,
    is_bounce,
    is_challenge,
    is_delay,
    words_before_copy,
)

BOUNCE, DELAY, DELIVERED, COMPLAINT, REPORT = "bounce", "delay", "delivered", "complaint", "report"
AUTO_REPLY, CHALLENGE, REPLY = "auto_reply", "challenge", "reply"
QUOTE = 300
EXCERPT = 4000

_BLOCK = re.compile(
    r"^[ \t>*\-]{0,20}([45]\d\d[ \-](?:[45]\.\d\.\d{1,3} )?)?"
    r"(?:to:|recipient:|rcpt:|failed to deliver to|could not deliver mail to)?\s{0,5}['\"`]{0,2}<?"
    r"(?:smtp:|rfc822;)?([^\s<>@,;:'\"()\[\]`]{1,64}@[^\s<>@,;:'\"()\[\]`]{1,253})>?['\"`]{0,2}",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"/u/([A-Za-z0-9_\-]{8,80})")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")


@dataclass(frozen=True)
class Returned:
    """What came back about one recipient. `verdict` is one of the four classes for a bounce or delay, else empty."""

    kind: str
    recipient: str = ""
    verdict: str = ""
    reason: str = ""
    status: str = ""
    code: int = 0
    quote: str = ""


@dataclass(frozen=True)
class Letter:
    """A mail that came back, read: what it says, and every trace of the mail it is about.

    `digest` is the same for the same mail whichever way it came; `addressed_to` holds every envelope address it or the
    returned copy names; `message_ids` what it answers or returns; `tokens` those of unsubscribe links in the copy;
    `leaving` the addresses for unsubscribing that it was sent to, unless a machine answered or returned it.
    """

    returned: tuple[Returned, ...]
    digest: str
    sender: str
    subject: str
    text: str
    excerpt: str
    addressed_to: tuple[str, ...]
    message_ids: tuple[str, ...]
    tokens: tuple[str, ...]
    leaving: tuple[str, ...] = ()


def read_letter(raw: bytes) -> Letter:
    """Read a mail of any kind and any hostility; at most the first MAX_BYTES count."""
    raw = raw[:MAX_BYTES]
    mail = read_part(raw)
    told = _told(mail)
    copies = _copies(mail, told.rest)
    returned = tuple(_unique(_returned(mail, told.words, copies)))
    return Letter(
        returned=returned,
        digest=_digest(mail),
        sender=address_in(mail.get("from")),
        subject=" ".join(mail.get("subject").split())[:300],
        text=told.words,
        excerpt=_excerpt(mail, told.words),
        addressed_to=tuple(_addressed_to(mail, copies)),
        message_ids=tuple(_message_ids(mail, copies)),
        tokens=tuple(dict.fromkeys(_TOKEN.findall(" ".join(c.get("list-unsubscribe") for c in copies)))),
        leaving=tuple(_leaving(mail)) if _is_written(mail, returned) else (),
    )


@dataclass(frozen=True)
class _Told:
    words: str
    rest: str


def _told(mail: Part) -> _Told:
    """The words a person is meant to read, and the copy of the mail some servers put below them."""
    texts = {"text/plain": [], "text/html": []}  # type: dict[str, list[str]]
    for part in mail.outside_copies():
        if part.kind in texts and part.body.strip():
            texts[part.kind].append(part.text)
    words = "\n".join(texts["text/plain"])
    if not words.strip():
        words = "\n".join(texts["text/html"])
    words, rest = words_before_copy(words)
    return _Told(words, rest)


def _copies(mail: Part, rest: str) -> list[Part]:
    """The returned mail's headers, from a part of their own or from below the words."""
    found = []
    for part in mail.walk():
        if part.kind in ("message/rfc822", "message/global", "text/rfc822"):
            found += part.parts[:1]
        elif part.kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            found.append(Part(split_headers(part.text.lstrip("\n").encode("utf-8", "replace"))[0]))
    if rest:
        found.append(read_part(rest.lstrip("\n> \t").encode("utf-8", "replace")))
    return found[:5]


def _returned(mail: Part, words: str, copies: list[Part]) -> list[Returned]:
    if (told := feedback(mail)) is not None:
        return _of_feedback(told, copies)
    if (notice := amazon_notice(words)) is not None:
        return _of_amazon(*notice)
    if reports := delivery_reports(mail):
        people = {report.recipient for report in reports}
        return [_of_report(report, words, mail, is_alone=len(people) == 1) for report in reports]
    if is_challenge(mail, words):
        return [Returned(CHALLENGE, address_in(mail.get("from")))]
    if is_auto_reply(mail, words) and not mail.get("x-failed-recipients"):
        return [Returned(AUTO_REPLY, address_in(mail.get("from")))]
    if is_bounce(mail, words):
        return _of_words(mail, words, copies)
    return [Returned(REPLY, address_in(mail.get("from")))]


def _of_feedback(told: Feedback, copies: list[Part]) -> list[Returned]:
    kind = (
        COMPLAINT
        if told.type in ("abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "complaint")
        else REPORT
    )
    people = told.recipients or tuple(address_in(copy.get("to")) for copy in copies[:1])
    return [Returned(kind, person, reason=told.type[:30]) for person in people or ("",)][:MAX_RECIPIENTS]


def _of_amazon(kind: str, reports: list[Report]) -> list[Returned]:
    if kind == "complaint":
        return [Returned(COMPLAINT, report.recipient, reason="abuse") for report in reports]
    return [_of_report(replace(r, action="delivered") if kind == "delivery" else r, r.answer, None) for r in reports]


def _of_report(report: Report, words: str, mail: Part | None, *, is_alone: bool = True) -> Returned:
    if report.action in ("delivered", "relayed", "expanded") or (not report.action and report.status.startswith("2")):
        return Returned(DELIVERED, report.recipient, status=report.status, quote=report.answer[:QUOTE])
    meaning, quote = meaning_of(report.answer, status=report.status), report.answer
    if not _says(report.answer) or not meaning.is_certain:
        block = _block_of(report.recipient, words)
        for text in (block, words if is_alone else ""):
            other = meaning_of(text, status=report.status) if text.strip() else meaning
            if other.is_certain:
                meaning, quote = other, quote if _says(quote) else _telling_line(text)
                break
    is_late = report.action == "delayed" or (not report.action and mail is not None and is_delay(mail, words))
    return _made(DELAY if is_late else BOUNCE, report.recipient, meaning, quote)


def _says(answer: str) -> bool:
    """Whether an answer holds words beside codes and addresses."""
    return len(re.sub(r"[^a-z]", "", fold(answer[:500]))) > 5


def _of_words(mail: Part, words: str, copies: list[Part]) -> list[Returned]:
    kind = DELAY if is_delay(mail, words) else BOUNCE
    own = set(addresses_in(" ".join([mail.get("from"), mail.get("to"), mail.get("delivered-to")])))
    blocks = _blocks(words, own)
    named = addresses_in(" ".join(mail.all("x-failed-recipients")))
    if not blocks or (named and not set(named) & {who for who, _text in blocks}):
        blocks = [(who, words) for who in named] or blocks
    if not blocks:
        others = [who for who in addresses_in(words) if who not in own and "daemon" not in who]
        blocks = [((others or [address_in(copy.get("to")) for copy in copies] or [""])[0], words)]
    return [_of_block(kind, who, text, words) for who, text in blocks[:MAX_RECIPIENTS]]


def _of_block(kind: str, recipient: str, text: str, words: str) -> Returned:
    meaning = meaning_of(text)
    quote = _telling_line(text)
    if not meaning.is_certain and (whole := meaning_of(words)).is_certain:
        meaning, quote = whole, quote or _telling_line(words)
    return _made(kind, recipient, meaning, quote)


def _made(kind: str, recipient: str, meaning: Meaning, quote: str) -> Returned:
    quote = " ".join(quote.split())[:QUOTE]
    return Returned(kind, recipient, meaning.verdict, meaning.reason, meaning.status, meaning.code, quote)


def _blocks(words: str, own: set[str]) -> list[tuple[str, str]]:
    """Each recipient that begins a line, with the lines that follow up to the next."""
    found: dict[str, list[str]] = {}
    at = ""
    since: list[str] = []
    for line in words.split("\n")[:600]:
        match = _BLOCK.match(line[:400])
        who = match.group(2).lower().rstrip(".") if match else ""
        if match and who not in own and "daemon" not in who:
            # "554 <who>... Host unknown" sums up what stands above it; "<who>:" begins what stands below.
            found.setdefault(who, []).extend([*(since if match.group(1) else []), line[max(0, match.start(2) - 1) :]])
            at, since = "" if match.group(1) else who, []
        elif at:
            found[at].append(line)
        else:
            since.append(line)
    return [(who, "\n".join(lines)) for who, lines in found.items()]


def _block_of(recipient: str, words: str) -> str:
    return "\n".join(text for who, text in _blocks(words, set()) if who == recipient)


def _telling_line(text: str) -> str:
    """The words of an answer worth keeping: from the first line with a code, else from the first line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    start = next((n for n, line in enumerate(lines) if re.search(r"\b[45]\d\d\b|\b[45]\.\d\.\d", line[:500])), 0)
    return " ".join(lines[start : start + 4])


def _unique(found: list[Returned]) -> list[Returned]:
    """One per recipient; the gravest word about it stays."""
    kept: dict[tuple[str, str], Returned] = {}
    for one in found:
        before = kept.get((one.kind, one.recipient))
        if before is None or (before.verdict == MESSAGE and one.verdict != MESSAGE):
            kept[one.kind, one.recipient] = one
    return list(kept.values())


_ENVELOPE = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "apparently-to", "cc")
_OF_COPY = ("return-path", "errors-to", "sender", "x-envelope-from")


def _addressed_to(mail: Part, copies: list[Part]) -> list[str]:
    own = [value for name in _ENVELOPE for value in mail.all(name)[:5]]
    theirs = [value for copy in copies for name in _OF_COPY for value in copy.all(name)[:3]]
    return addresses_in(" ".join([*own, *theirs]))


def _leaving(mail: Part) -> list[str]:
    told = addresses_in(" ".join(value for name in _ENVELOPE for value in mail.all(name)[:5]))
    return [one for one in told if "+u" in one.partition("@")[0]]


def _is_written(mail: Part, returned: tuple[Returned, ...]) -> bool:
    """Whether a person wrote it, or their mail program for them (RFC 3834: auto-generated); no answer of a machine."""
    kinds = {one.kind for one in returned}
    return kinds == {REPLY} or (kinds == {AUTO_REPLY} and mail.get("auto-submitted").strip().startswith("auto-gen"))


def _message_ids(mail: Part, copies: list[Part]) -> list[str]:
    told = [*mail.all("in-reply-to"), *mail.all("references"), *mail.all("x-original-message-id")]
    told += [value for copy in copies for value in copy.all("message-id")]
    return list(dict.fromkeys(_MESSAGE_ID.findall(" ".join(told)[:20_000])))[:50]


def _digest(mail: Part) -> str:
    """Names the mail by what its author wrote, not by the trace lines that each way of delivery adds."""
    kept = "\n".join(f"{n}:{mail.get(n)}" for n in ("message-id", "date", "from", "to", "subject"))
    return hashlib.sha256(kept.encode("utf-8", "replace") + b"\n" + mail.body.strip()).hexdigest()


def _excerpt(mail: Part, words: str) -> str:
    names = ("from", "to", "subject", "date", "message-id", "auto-submitted", "x-failed-recipients")
    head = "\n".join(f"{n.title()}: {v}" for n in names for v in mail.all(n)[:1])
    return f"{head}\n\n{words.strip()}".replace("\0", "")[:EXCERPT]
