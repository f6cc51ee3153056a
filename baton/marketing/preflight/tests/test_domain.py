"""Checks of the sending domain: each with a finding and without."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from baton.marketing.preflight import relay
from baton.marketing.preflight.domain import domain_findings, records_to_publish
from baton.marketing.preflight.relay import Offer, Relay
from baton.marketing.preflight.tests.conftest import GOOD, by_key, levels
from baton.platform import dns
from baton.platform.mail.dkim import make_key
from baton.platform.tests.zone import Zone, name_server

HOST = "93.184.215.14"
ROWS = {
    ("acme.org", "TXT"): [f"v=spf1 ip4:{HOST} -all"],
    ("_dmarc.acme.org", "TXT"): ["v=DMARC1; p=none; rua=mailto:d@acme.org"],
    ("14.215.184.93.in-addr.arpa", "PTR"): ["mail.acme.org"],
    ("mail.acme.org", "A"): [HOST],
}


def findings(rows: dict | None = None, *, without: tuple = (), offer: Offer = GOOD, mute: tuple[str, ...] = ()) -> list:
    zone = Zone({key: value for key, value in (ROWS | (rows or {})).items() if key not in without}, mute)
    return domain_findings("acme.org", zone, lambda place: offer)


def dkim_rows(folder, kind: str = "rsa", selector: str = "s1") -> dict:
    name, text = make_key(folder / "keys", "acme.org", selector, kind).dns_record()
    return {(name, "TXT"): [text]}


def test_all_is_well(outside, tmp_path) -> None:
    found = findings(dkim_rows(tmp_path))
    assert set(levels(found).values()) == {"ok"}
    assert set(levels(found)) == {"spf", "dkim.s1", "dmarc", "alignment", "reverse", "tls"}


@pytest.mark.parametrize("url", ["catcher://", "smtp://127.0.0.1:25", "smtp://10.0.0.5", "smtp://postfix:25"])
def test_within_the_house_nothing_is_asked(outside, url: str) -> None:
    outside.SMTP_URL, outside.SENDING_HOSTS = url, []
    zone = Zone({})
    (found,) = domain_findings("acme.org", zone, lambda place: GOOD)
    assert (found.level, zone.asked) == ("ok", [])
    assert "do not apply" in found.what


def test_a_relay_of_our_own_is_checked_once_its_hosts_are_told(outside) -> None:
    outside.SMTP_URL = "smtp://127.0.0.1:25"
    assert levels(findings())["spf"] == "ok"
    assert levels(findings())["tls"] == "ok"


def test_no_spf_record_names_the_one_to_publish(outside) -> None:
    found = by_key(findings(without=(("acme.org", "TXT"),)))["spf.none"]
    assert found.level == "block"
    assert found.record.value == f"v=spf1 ip4:{HOST} ~all"
    outside.SENDING_HOSTS, outside.SMTP_URL = [], "smtp://smtp.mailgun.org:587?starttls=yes"
    found = by_key(findings(without=(("acme.org", "TXT"),)))["spf.none"]
    assert found.record.value == "v=spf1 include:mailgun.org ~all"


@pytest.mark.parametrize(
    ("records", "key", "level"),
    [
        (["v=spf1 -all", "v=spf1 +all"], "spf.several", "block"),
        (["v=spf1 ip4:nonsense -all"], "spf.bad", "block"),
        (["v=spf1 include:nobody.org -all"], "spf.bad", "block"),
        ([f"v=spf1 ip4:{HOST} +all"], "spf.all", "warn"),
        ([f"v=spf1 ip4:{HOST} ?all"], "spf.all", "warn"),
        ([f"v=spf1 ip4:{HOST}"], "spf.all", "warn"),
        (["v=spf1 ip4:198.51.100.1 -all"], f"spf.host.{HOST}", "block"),
        ([f"v=spf1 ip4:{HOST} {' '.join(['a'] * 11)} -all"], "spf.lookups", "block"),
    ],
)
def test_faults_of_spf(outside, records: list[str], key: str, level: str) -> None:
    assert levels(findings({("acme.org", "TXT"): records}))[key] == level


def test_a_host_that_is_not_allowed_is_written_into_the_record(outside) -> None:
    found = by_key(findings({("acme.org", "TXT"): ["v=spf1 include:a.org ~all"], ("a.org", "TXT"): ["v=spf1 -all"]}))
    assert found[f"spf.host.{HOST}"].record.value == f"v=spf1 ip4:{HOST} include:a.org ~all"


def test_hosts_by_name_are_looked_up(outside) -> None:
    outside.SENDING_HOSTS = ["mail.acme.org"]
    assert levels(findings())["spf"] == "ok"
    assert levels(findings(mute=("mail.acme.org",)))["hosts.unasked"] == "warn"


def test_without_hosts_the_record_alone_is_looked_at(outside) -> None:
    outside.SENDING_HOSTS = []
    found = by_key(findings(without=(("14.215.184.93.in-addr.arpa", "PTR"),)))
    assert found["spf"].level == found["reverse"].level == "ok"
    assert "SENDING_HOSTS" in found["spf"].evidence


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_faults_of_dkim(outside, tmp_path, kind: str) -> None:
    rows = dkim_rows(tmp_path, kind)
    ((name, _kind), (text,)) = next(iter(rows.items()))
    missing = by_key(findings())["dkim.s1"]
    assert (missing.level, missing.record.name, missing.record.value) == ("block", name, text)
    cases = {
        "": "block",
        f"{text[:-4]}AAAA": "block",
        "v=DKIM1; p=": "block",
        f"{text}; t=y": "warn",
        f"{text}; t=s": "ok",
        text.replace("; ", " ;\t"): "ok",
    }
    for published, level in cases.items():
        assert levels(findings({(name, "TXT"): [published]}))["dkim.s1"] == level, published
    assert levels(findings({(name, "TXT"): [text, text]}))["dkim.s1"] == "block"


def test_a_second_key_that_is_missing_does_no_harm(outside, tmp_path) -> None:
    rows = dkim_rows(tmp_path, "rsa", "s1")
    dkim_rows(tmp_path, "ed25519", "s2")
    assert {key: level for key, level in levels(findings(rows)).items() if key.startswith("dkim")} == {
        "dkim.s1": "ok", "dkim.s2": "warn",
    }  # fmt: skip


def test_no_key_is_a_warning(outside) -> None:
    assert levels(findings())["dkim.none"] == "warn"


@pytest.mark.parametrize(
    ("records", "key", "level"),
    [
        ([], "dmarc.none", "block"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "dmarc.several", "block"),
        (["v=DMARC1; p=maybe"], "dmarc.bad", "block"),
        (["v=DMARC1; p=reject; pct=20"], "dmarc.pct", "warn"),
        (["v=DMARC1; p=reject; pct=100"], "dmarc", "ok"),
        (["v=DMARC1; p=reject; t=y"], "dmarc", "ok"),
    ],
)
def test_dmarc(outside, records: list[str], key: str, level: str) -> None:
    assert levels(findings({("_dmarc.acme.org", "TXT"): records}))[key] == level


def test_a_second_record_where_another_applies_is_a_warning(outside) -> None:
    found = levels(findings({("_dmarc.org", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}))
    assert (found["dmarc.several"], found["dmarc"]) == ("warn", "ok")


def test_no_dmarc_names_the_record_and_all_that_was_asked(outside) -> None:
    found = by_key(findings(without=(("_dmarc.acme.org", "TXT"),)))
    assert found["dmarc.none"].record.name == "_dmarc.acme.org"
    assert found["dmarc.none"].evidence == "_dmarc.acme.org\n_dmarc.org"
    assert "alignment" not in found


def test_reverse_dns(outside) -> None:
    ptr = ("14.215.184.93.in-addr.arpa", "PTR")
    missing = by_key(findings(without=(ptr,)))[f"reverse.{HOST}"]
    assert (missing.level, missing.record.name, missing.record.kind) == ("block", ptr[0], "PTR")
    elsewhere = by_key(findings({ptr: ["other.acme.org"], ("other.acme.org", "A"): ["198.51.100.1"]}))
    assert elsewhere[f"reverse.{HOST}"].level == "block"


@pytest.mark.parametrize(
    ("offer", "key", "level"),
    [
        (Offer(), "tls.none", "block"),
        (Offer(offers_tls=True, bad_certificate="expired"), "tls.certificate", "block"),
        (Offer(fault="refused"), "tls.unasked", "warn"),
        (GOOD, "tls", "ok"),
    ],
)
def test_tls(outside, offer: Offer, key: str, level: str) -> None:
    assert levels(findings(offer=offer))[key] == level


def test_tls_that_is_not_used(outside) -> None:
    outside.SMTP_URL = "smtp://smtp.acme-relay.com:587"
    assert levels(findings())["tls.unused"] == "warn"


@pytest.mark.parametrize("mute", [("acme.org",), ("_dmarc.acme.org",), ("14.215.184.93.in-addr.arpa",)])
def test_what_could_not_be_asked_is_a_warning_and_never_a_block(outside, mute: tuple[str, ...]) -> None:
    found = findings(mute=mute)
    assert "block" not in levels(found).values()
    assert any(key.endswith(".unasked") for key in levels(found))


def test_what_is_not_kept_is_open(outside) -> None:
    found = domain_findings("acme.org", dns.Keeping(None), lambda place: GOOD)
    assert {one.level for one in found if one.key.endswith(".open")} == {"open"}


def test_by_a_real_name_server(outside, tmp_path) -> None:
    with name_server(Zone(ROWS | dkim_rows(tmp_path))) as place:
        outside.DNS_SERVERS = [place]
        found = domain_findings("acme.org", dns.resolver(), lambda where: GOOD)
    assert set(levels(found).values()) == {"ok"}


def test_records_to_publish(outside, tmp_path) -> None:
    dkim_rows(tmp_path)
    assert [one.name for one in records_to_publish("acme.org")] == [
        "acme.org",
        "s1._domainkey.acme.org",
        "_dmarc.acme.org",
    ]


def test_a_relay_is_asked(tmp_path) -> None:
    cert, key = _certificate(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    trusting = ssl.create_default_context(cafile=str(cert))
    with _relay(None) as port:
        assert relay.ask(Relay("smtp", "127.0.0.1", port, True)) == Offer()
    with _relay(server) as port:
        assert relay.ask(Relay("smtp", "127.0.0.1", port, True), context=trusting) == Offer(offers_tls=True)
    with _relay(server) as port:
        assert relay.ask(Relay("smtp", "127.0.0.1", port, True)).bad_certificate
    assert relay.ask(Relay("smtp", "127.0.0.1", port, True)).fault


@contextlib.contextmanager
def _relay(tls: ssl.SSLContext | None) -> Iterator[int]:
    """Takes one visitor, says what it offers, and encrypts when asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_greet, args=(listener, tls), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def _greet(listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    peer, _address = listener.accept()
    with peer, peer.makefile("rb") as lines, contextlib.suppress(OSError):
        peer.sendall(b"220 relay\r\n")
        while line := lines.readline().upper():
            if line.startswith(b"EHLO"):
                peer.sendall(b"250-relay\r\n250 STARTTLS\r\n" if tls else b"250 relay\r\n")
            elif line.startswith(b"STARTTLS") and tls:
                peer.sendall(b"220 go on\r\n")
                with tls.wrap_socket(peer, server_side=True) as inner:
                    inner.recv(100)
                    inner.sendall(b"221 bye\r\n")
                return
            else:
                peer.sendall(b"221 bye\r\n")
                return


def _certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    cert = made.add_extension(names, False).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"
