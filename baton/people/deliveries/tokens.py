"""Short signed tokens for addresses in mails, the keyed hash of an address, and the names a delivery goes by.

Each purpose has a key of its own, derived from one secret in BATON_HOME/keys; a token of one purpose is worth nothing
for another. Measured 2 us a token: a mailing makes several for each person.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac

from django.conf import settings

from baton.platform import environment
from baton.platform.errors import Refusal

CLICK, OPEN, UNSUBSCRIBE, PREFERENCES, CONFIRM = "click", "open", "unsubscribe", "preferences", "confirm"
_MAC_BYTES = 10
_MAX_TOKEN = 80
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class ForgedToken(Refusal):
    """A link that was not made here."""


def make_token(purpose: str, *numbers: int) -> str:
    """A token that carries a few numbers and that only this installation can make."""
    short = b"".join([_sized(number) for number in numbers])
    return _spelled(short + _mac(purpose, short))


def read_token(purpose: str, token: str) -> tuple[int, ...]:
    """The numbers in a token. Raises ForgedToken when it is forged, cut or made for another purpose."""
    try:
        if len(token) > _MAX_TOKEN:
            raise ValueError
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        short, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not short or not hmac.compare_digest(mac, _mac(purpose, short)):
            raise ValueError
        if _spelled(raw) != token:  # one token, one spelling
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
    return hmac.digest(_key("suppression"), email.strip().lower().encode(), "sha256").hex()


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


def leaving_address(contact: int, topic: int, delivery: int, sender: str) -> str:
    """The address a mail to which unsubscribes a person from a topic: news+u12-3-40-3f9a...@example.com (RFC 2369).

    "" where the sender's own name leaves no room for it (RFC 5321, 4.5.3.1.1: 64 characters).
    """
    local, _, domain = sender.rpartition("@")
    name = f"{local.partition('+')[0]}+u{contact}-{topic}-{delivery}-{_mark('leave', contact, topic, delivery)}"
    return f"{name}@{domain}" if len(name) <= 64 else ""


def numbers_of_leaving(address: str) -> tuple[int, int, int] | None:
    """Contact, topic and delivery that such an address names; None for one that was not made here."""
    *numbers, mark = address.rpartition("@")[0].partition("+u")[2].split("-")
    if len(numbers) != 3 or not all(one.isdigit() and len(one) < 19 for one in numbers):
        return None
    contact, topic, delivery = map(int, numbers)
    is_ours = hmac.compare_digest(mark.encode(), _mark("leave", contact, topic, delivery).encode())
    return (contact, topic, delivery) if is_ours else None


def _mark(purpose: str, *numbers: int) -> str:
    told = b".".join(b"%d" % number for number in numbers)
    return hashlib.blake2b(told, key=_key(purpose), digest_size=8).hexdigest()


def _mac(purpose: str, text: bytes) -> bytes:
    """BLAKE2b with a key (RFC 7693): a third of the time of HMAC-SHA-256, and a mailing makes seven for each person."""
    mac = _blank_mac(purpose).copy()
    mac.update(text)
    return mac.digest()


@functools.cache
def _blank_mac(purpose: str) -> hashlib.blake2b:
    return hashlib.blake2b(key=_key(purpose), digest_size=_MAC_BYTES)


def _spelled(raw: bytes) -> str:
    """Base64 for addresses, without padding (RFC 4648 section 5)."""
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode()


def _sized(number: int) -> bytes:
    """The number in as few bytes as it needs, after a byte that says how many: an id rarely needs more than three."""
    size = (number.bit_length() + 7) // 8
    return bytes((size,)) + number.to_bytes(size, "big")


@functools.cache
def _key(purpose: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{environment.kept_secret(settings.BATON_HOME, 'mail')}".encode()).digest()
