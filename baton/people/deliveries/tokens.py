"""Short signed tokens for addresses in mails, the keyed hash of an address, and the names a delivery goes by.

Each purpose has a key of its own, derived from one secret in BATON_HOME/keys; a token of one purpose is worth nothing
for another. Measured 4 us a token: a mailing makes several for each person.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import struct

from django.conf import settings

from baton.platform import environment
from baton.platform.errors import Refusal

CLICK, OPEN, UNSUBSCRIBE, PREFERENCES = "click", "open", "unsubscribe", "preferences"
_MAC_BYTES = 10
_MAX_TOKEN = 80


class ForgedToken(Refusal):
    """A link that was not made here."""


def make_token(purpose: str, *numbers: int) -> str:
    """A token that carries a few numbers and that only this installation can make."""
    packed = struct.pack(f">{len(numbers)}Q", *numbers)
    # Leading zero bytes of each number are most of it: an id rarely needs more than three of eight.
    short = b"".join(
        bytes([len(part)]) + part for part in (_trimmed(packed[i : i + 8]) for i in range(0, len(packed), 8))
    )
    mac = hmac.digest(_key(purpose), short, "sha256")[:_MAC_BYTES]
    return base64.urlsafe_b64encode(short + mac).rstrip(b"=").decode()


def read_token(purpose: str, token: str) -> tuple[int, ...]:
    """The numbers in a token. Raises ForgedToken when it is forged, cut or made for another purpose."""
    try:
        if len(token) > _MAX_TOKEN:
            raise ValueError
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        short, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not short or not hmac.compare_digest(mac, hmac.digest(_key(purpose), short, "sha256")[:_MAC_BYTES]):
            raise ValueError
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:  # one token, one spelling
            raise ValueError
    except ValueError:
        raise ForgedToken("This link was not made here, or a part of it is missing.") from None
    numbers = []
    while short:
        size = short[0]
        numbers.append(int.from_bytes(short[1 : 1 + size], "big"))
        short = short[1 + size :]
    return tuple(numbers)


def address_hash(email: str) -> str:
    """Keyed hash of a folded address: tells whether it is on the list without keeping it."""
    return hmac.new(_key("suppression"), email.strip().lower().encode(), "sha256").hexdigest()


def message_id(delivery: int, kind: str, message: int, domain: str) -> str:
    """The Message-ID of a delivery: the same each time it is asked, never guessable."""
    return f"<{kind[0]}{message}.{delivery}.{_mark('message-id', delivery)}@{domain}>"


def return_path(delivery: int, sender: str) -> str:
    """The envelope sender that ties a bounce to one delivery: news+b12-3f9a...@example.com (keyed VERP)."""
    local, _, domain = sender.rpartition("@")
    return f"{local.partition('+')[0]}+b{delivery}-{_mark('verp', delivery)}@{domain}"


def delivery_of_return_path(address: str) -> int | None:
    """Which delivery a bounce is about; None when the address was not made here."""
    tag = address.rpartition("@")[0].partition("+b")[2]
    number, _, mark = tag.partition("-")
    if not number.isdigit() or len(number) > 18 or not hmac.compare_digest(mark, _mark("verp", int(number))):
        return None
    return int(number)


def _mark(purpose: str, number: int) -> str:
    return hmac.digest(_key(purpose), b"%d" % number, "sha256")[:8].hex()


def _trimmed(part: bytes) -> bytes:
    return part.lstrip(b"\0")


@functools.cache
def _key(purpose: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{environment.kept_secret(settings.BATON_HOME, 'mail')}".encode()).digest()
