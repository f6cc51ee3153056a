"""DKIM signatures (RFC 6376) with RSA-2048 and Ed25519 (RFC 8463), on `cryptography`.

Headers are canonicalised "relaxed", the body "simple": a quoted-printable body has no blanks that a relay could trim,
and hashing bytes as they are costs next to nothing. Measured: 0.3 ms RSA-2048, 0.06 ms Ed25519 a message.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

SIGNED = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-unsubscribe",
          "list-unsubscribe-post", "feedback-id", "reply-to"]  # fmt: skip
ONCE_MORE = ["from", "subject", "list-unsubscribe", "list-unsubscribe-post"]
_BLANKS = re.compile(rb"[ \t]+")
Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Signer:
    """Signs for one domain with one selector's key."""

    domain: str
    selector: str
    key: Key

    def __call__(self, head: bytes, body: bytes) -> bytes:
        """The DKIM-Signature header for the header lines and body of one message, both with CRLF line ends.

        Subject, From and the unsubscribe headers are signed once more than they occur, so that none can be added.
        """
        lines = _relaxed(head)
        names = [name for name in SIGNED if name in lines]
        told = [*names, *(name for name in ONCE_MORE if name in lines)]
        digest = base64.b64encode(hashlib.sha256(_simple(body)).digest()).decode()
        algorithm = "rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ed25519-sha256"
        value = (
            f"v=1; a={algorithm}; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n"
            f" h={':'.join(told)};\r\n bh={digest};\r\n b="
        )
        unsigned = _BLANKS.sub(b" ", value.replace("\r\n", "").encode())
        text = b"".join([lines[name] + b"\r\n" for name in names]) + b"dkim-signature:" + unsigned
        signature = base64.b64encode(self._sign(text)).decode()
        wrapped = "\r\n ".join(signature[start : start + 72] for start in range(0, len(signature), 72))
        return f"DKIM-Signature: {value}{wrapped}\r\n".encode()

    def _sign(self, text: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(hashlib.sha256(text).digest())  # RFC 8463 section 3: PureEdDSA over the hash

    def dns_record(self) -> tuple[str, str]:
        """Name and text of the TXT record that the domain's owner publishes."""
        public = self.key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            kind, form = "rsa", serialization.PublicFormat.SubjectPublicKeyInfo
            raw = public.public_bytes(serialization.Encoding.DER, form)
        else:
            kind = "ed25519"
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"{self.selector}._domainkey.{self.domain}", f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"


def several(signers: Sequence[Signer]) -> Callable[[bytes, bytes], bytes] | None:
    """One function that signs with each; None when there is none."""
    if not signers:
        return None
    return lambda head, body: b"".join([signer(head, body) for signer in signers])


def signers_of(folder: Path, domain: str) -> list[Signer]:
    """The keys kept for a domain: `folder`/dkim/<domain>/<selector>.pem, one signature each. None found: no signing."""
    place = folder / "dkim" / domain.lower()
    if not re.fullmatch(r"[a-z0-9.-]+", domain.lower()) or not place.is_dir():
        return []
    return [Signer(domain.lower(), path.stem, read_key(path)) for path in sorted(place.glob("*.pem"))]


def make_key(folder: Path, domain: str, selector: str, kind: str = "rsa") -> Signer:
    """Make and keep a key of kind "rsa" (2048 bits) or "ed25519", readable by the owner only.

    Raises FileExistsError when the selector has one: keys are rotated by a new selector, never replaced.
    """
    if not re.fullmatch(r"[a-z0-9.-]+", domain.lower()) or not re.fullmatch(r"[a-z0-9-]+", selector):
        raise ValueError(f"{selector}._domainkey.{domain} is no name of a record.")
    key: Key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    path = folder / "dkim" / domain.lower() / f"{selector}.pem"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return Signer(domain.lower(), selector, key)


def read_key(path: Path) -> Key:
    """The private key in a PEM file. Raises ValueError for another kind of key."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError(f"{path.name} holds neither an RSA nor an Ed25519 key.")
    return key


def _relaxed(head: bytes) -> dict[str, bytes]:
    """Header lines in relaxed form by name; of a name that occurs twice, the last, as RFC 6376 5.4.2 asks."""
    lines: dict[str, bytes] = {}
    for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            small = name.strip().lower()
            lines[small.decode("ascii")] = small + b":" + _BLANKS.sub(b" ", value).strip(b" \t")
    return lines


def _simple(body: bytes) -> bytes:
    if body.endswith(b"\r\n") and not body.endswith(b"\r\n\r\n"):
        return body
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n"
