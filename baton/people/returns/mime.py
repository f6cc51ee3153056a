"""Reading a strange mail's structure within bounds: size, depth, number of parts, length of headers.

The standard library's parser costs the square of the nesting; this one reads each level once, at most MAX_DEPTH deep,
and never fails: what cannot be read is text.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 8
MAX_PARTS = 60
MAX_HEADERS = 400
MAX_HEADER = 4000
MAX_ALL_HEADERS = 256 * 1024
MAX_TEXT = 64 * 1024
COPIES = ("text/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers")

# What a sender may name; other names reach codecs that are slow or no charsets at all ("punycode", "unicode_escape").
_CHARSETS = re.compile(
    r"(us-)?ascii|utf-?(8|7|16|32)|(iso-?8859|windows|cp)-?\d{1,5}|iso-2022-(jp|kr|cn)(-\d)?|shift_?jis|euc-?(jp|kr|cn)"
    r"|gb_?(2312|k|18030)|big5(-?hkscs)?|koi8-?[ru]|tis-620|mac-?\w{1,12}",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]{0,10}:")
_PARAMETER = re.compile(r';\s{0,20}([\w-]{1,30})\s{0,5}=\s{0,5}(?:"([^"]{1,200})"|([^\s;"]{1,200}))')
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head)\b[^<>]{0,500}>", re.IGNORECASE)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&quot;": '"', "&#39;": "'", "&amp;": "&"}


@dataclass
class Part:
    """One part: its headers in order (names in small letters, values unfolded), its body and the parts inside it."""

    headers: list[tuple[str, str]]
    body: bytes = b""
    parts: list[Part] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first header of that name, decoded and cut; empty when there is none."""
        return decoded(next((value for key, value in self.headers if key == name), ""))

    def all(self, name: str) -> list[str]:
        return [decoded(value) for key, value in self.headers if key == name]

    @property
    def kind(self) -> str:
        """The content type in small letters, without its parameters."""
        kind = self.get("content-type").partition(";")[0].strip().lower()
        return kind if "/" in kind else "text/plain"

    def parameter(self, name: str) -> str:
        """A parameter of the content type."""
        for key, quoted, bare in _PARAMETER.findall(self.get("content-type")):
            if key.lower() == name:
                return quoted or bare
        return ""

    @property
    def text(self) -> str:
        """The body as text, at most MAX_TEXT characters; HTML loses its tags."""
        body = self.body[: 2 * MAX_TEXT]
        encoding = self.get("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            body = _from_base64(body)
        elif encoding == "quoted-printable":
            body = quopri.decodestring(body)
        text = _decoded(body, self.parameter("charset"))[:MAX_TEXT]
        return without_tags(text) if self.kind == "text/html" else text

    def walk(self) -> Iterator[Part]:
        """This part and all inside it, depth first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def outside_copies(self, depth: int = 0) -> Iterator[Part]:
        """This part and those inside it, without what a returned mail is made of."""
        if self.kind in COPIES or (depth and self.kind in ("message/rfc822", "message/global")):
            return
        yield self
        for part in self.parts:
            yield from part.outside_copies(depth + 1)


def read_part(raw: bytes) -> Part:
    """A whole mail's tree. Never raises; what lies beyond the bounds stays unread."""
    raw = raw[:MAX_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if raw.startswith((b"From ", b">From ")) and b"\n" in raw:
        raw = raw[raw.index(b"\n") + 1 :]
    return _read(raw, 0, [MAX_PARTS])


def _read(raw: bytes, depth: int, left: list[int]) -> Part:
    left[0] -= 1
    headers, body = split_headers(raw)
    part = Part(headers, body)
    if depth >= MAX_DEPTH or left[0] <= 0:
        return part
    if part.kind.startswith("multipart/") and (boundary := part.parameter("boundary")):
        pieces = _pieces(body, boundary.encode("utf-8", "replace"))
        part.parts = [_read(piece, depth + 1, left) for piece in pieces if left[0] > 0]
    elif part.kind in ("message/rfc822", "message/global", "text/rfc822", "message/partial"):
        inner = body
        if part.get("content-transfer-encoding").strip().lower() == "base64":
            inner = _from_base64(body)
        part.parts = [_read(inner.lstrip(b"\n"), depth + 1, left)]
    return part


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    marker = b"\n--" + boundary
    pieces = (b"\n" + body).split(marker)[1 : MAX_PARTS + 1]
    found = []
    for piece in pieces:
        if piece.startswith(b"--"):
            break
        found.append(piece.partition(b"\n")[2])
    return found


def split_headers(raw: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and what follows them. A line that is no header ends them, as if a blank one stood before it."""
    headers: list[tuple[str, str]] = []
    at = 0
    last = min(len(raw), MAX_ALL_HEADERS)
    while at < last and len(headers) < MAX_HEADERS:
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        line = raw[at : min(end, at + MAX_HEADER)]
        if not line.strip():
            return headers, raw[end + 1 :]
        if line[:1] in b" \t" and headers:
            name, value = headers[-1]
            if len(value) < MAX_HEADER:
                headers[-1] = (name, f"{value} {line.strip().decode('utf-8', 'replace')}")
        elif match := _FIELD.match(line):
            value = line[match.end() :].strip().decode("utf-8", "replace")
            headers.append((match.group(1).decode("ascii").lower(), value))
        else:
            return headers, raw[at:]
        at = end + 1
    return headers, raw[at:]


def decoded(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) read."""
    value = value[:MAX_HEADER]
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:1000])
    except (HeaderParseError, binascii.Error, ValueError):
        return value
    return "".join(_decoded(p, c or "") if isinstance(p, bytes) else p for p, c in pieces)


def without_tags(text: str) -> str:
    """The words of HTML, roughly: good enough to look for phrases in."""
    text = _without_unseen(text[:MAX_TEXT])
    text = _TAG.sub(" ", _BREAK.sub("\n", text))
    for name, sign in _ENTITIES.items():
        text = text.replace(name, sign)
    return text


def _without_unseen(text: str) -> str:
    kept, at = [], 0
    lowered = text.lower()
    while found := _UNSEEN.search(text, at):
        kept.append(text[at : found.start()])
        end = lowered.find(f"</{found.group(1).lower()}", found.end())
        if end < 0:
            return "".join(kept)
        at = end
    return "".join([*kept, text[at:]])


def _decoded(body: bytes, charset: str) -> str:
    charset = charset.strip().strip("'\"").lower()
    if not _CHARSETS.fullmatch(charset):
        charset = "utf-8"
    for name in (charset, "utf-8"):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    if charset not in ("utf-8", "ascii", "us-ascii"):
        try:
            return body.decode(charset, "replace")
        except (LookupError, ValueError):
            pass
    return body.decode("latin-1")


def _from_base64(body: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    return base64.b64decode(letters[: len(letters) // 4 * 4] + _end(letters))


def _end(letters: bytes) -> bytes:
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
