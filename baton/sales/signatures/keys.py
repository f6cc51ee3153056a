"""The keys that seal papers: an authority of our own and, under it, one sealing key (EC P-256) at a time.

They live in BATON_HOME/keys/seal, readable by the owner only, and are made on first use. `rotate_seal_key` makes the
next one; the authority's certificate stays, so that papers sealed before still check.
"""

from __future__ import annotations

import functools
import os
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

AUTHORITY_YEARS, SEAL_YEARS = 30, 10
CERTIFICATE, KEY = "certificate.pem", "key.pem"


def seal_signer(organisation: str, *, now: datetime) -> SimpleSigner:
    """The current sealing key, ready to sign; made on first use. The key object is kept for the process."""
    folder = _current() or rotate_seal_key(organisation, now=now)
    return _signer(folder)


def trusted_roots() -> list[asn1_x509.Certificate]:
    """The authority's certificate: what a seal of ours must lead to."""
    path = _home() / "authority" / CERTIFICATE
    return [load_cert_from_pemder(str(path))] if path.exists() else []


def rotate_seal_key(organisation: str, *, now: datetime) -> Path:
    """Make the next sealing key and use it from now on; gives its folder. Two at once make one of them the current."""
    authority = _authority(organisation, now)
    ca_key = serialization.load_pem_private_key((authority / KEY).read_bytes(), None)
    ca_certificate = x509.load_pem_x509_certificate((authority / CERTIFICATE).read_bytes())
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is no EC key")
    key = ec.generate_private_key(ec.SECP256R1())
    # Non-repudiation (content commitment) must be set, or validators refuse the seal.
    certificate = (
        _certificate(_name(organisation, "Seal"), ca_certificate.subject, key.public_key(), SEAL_YEARS, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    return _keep(_home() / f"seal-{name}", key, certificate)


def _home() -> Path:
    return settings.BATON_HOME / "keys" / "seal"


def _current() -> Path | None:
    found = sorted(_home().glob("seal-*")) if _home().exists() else []
    return found[-1] if found else None


@functools.lru_cache(maxsize=8)
def _signer(folder: Path) -> SimpleSigner:
    chain = SimpleCertificateStore()
    chain.register_multiple(trusted_roots())
    return SimpleSigner(
        signing_cert=load_cert_from_pemder(str(folder / CERTIFICATE)),
        signing_key=load_private_key_from_pemder(str(folder / KEY), passphrase=None),
        cert_registry=chain,
    )


def _authority(organisation: str, now: datetime) -> Path:
    folder = _home() / "authority"
    if folder.exists():
        return folder
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(organisation, "Seal authority")
    certificate = (
        _certificate(name, name, key.public_key(), AUTHORITY_YEARS, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _keep(folder, key, certificate)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, years: int, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(organisation: str, what: str) -> x509.Name:
    # A common name holds 64 characters at most (RFC 5280, ub-common-name).
    ours = organisation.strip()[: 62 - len(what)] or "Baton"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ours),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{ours} {what}"),
        ]
    )


def _usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _keep(folder: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Path:
    """Write both files into a new folder that appears whole or not at all; whoever comes second takes the first's."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    making = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    making.mkdir(mode=0o700)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for name, text in ((KEY, plain), (CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM))):
        with os.fdopen(os.open(making / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    try:
        making.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(making)
    return folder
