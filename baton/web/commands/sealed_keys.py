"""Signing keys in a backup: encrypted with a passphrase, never in clear."""

from __future__ import annotations

import base64
import io
import os
import tarfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from baton.platform.errors import Refusal

PASSPHRASE = "BATON_BACKUP_PASSPHRASE"  # noqa: S105 (the variable's name, not a secret)
SALT_BYTES = 16


def seal_keys(folder: Path, target: Path) -> bool:
    """Write `folder` encrypted to `target`. False, and nothing written, without a passphrase or keys."""
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase or not folder.exists():
        return False
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.add(folder, arcname="keys")
    salt = os.urandom(SALT_BYTES)
    target.write_bytes(salt + _cipher(passphrase, salt).encrypt(plain.getvalue()))
    return True


def unseal_keys(source: Path, home: Path) -> bool:
    """Put the keys of a backup back under `home`. False where the backup has none. Raises Refusal when it cannot."""
    if not source.exists():
        return False
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        raise Refusal(f"The backup holds encrypted keys. Set {PASSPHRASE} to the passphrase it was made with.")
    sealed = source.read_bytes()
    try:
        plain = _cipher(passphrase, sealed[:SALT_BYTES]).decrypt(sealed[SALT_BYTES:])
    except InvalidToken:
        raise Refusal(f"{PASSPHRASE} is not the passphrase the backup was made with. Nothing was restored.") from None
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        archive.extractall(home, filter="data")
    return True


def _cipher(passphrase: str, salt: bytes) -> Fernet:
    # RFC 7914 interactive parameters doubled; about a tenth of a second.
    key = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
