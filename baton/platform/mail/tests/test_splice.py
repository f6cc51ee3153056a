"""Spliced messages read back by the standard library's parser, whatever stands in them."""

import base64
import email
import email.policy
from types import SimpleNamespace

import dkim as dkimpy
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from baton.platform.mail.dkim import Signer, make_key, several, signers_of
from baton.platform.mail.smtp import stuffed
from baton.platform.mail.splice import BadHeader, Body, Mould, Slot, address, checked_address, header_line

WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=300)


def parsed(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def one(text: str, value: str = "", headers=(("Subject", "Hello"),), sign=None) -> bytes:
    mould = Mould(text=Body([text, Slot("x"), text]), html=Body(["<p>", Slot("x"), "</p>"]), boundary="abcdefgh12")
    return mould.splice(headers, {"x": value}, {"x": value}, sign=sign)


@given(WORDS, WORDS)
def test_bodies_read_back_as_written(text: str, value: str) -> None:
    raw = one(text, value)
    plain, html = parsed(raw).iter_parts()
    assert unix(plain.get_payload(decode=True).decode()) == unix(text) + unix(value) + unix(text)
    assert unix(html.get_payload(decode=True).decode()) == f"<p>{unix(value)}</p>"
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)


@pytest.mark.parametrize(
    "text", [".", "..\n.\n", "x" * 5000, "blank \nblank\t\n ", "=_abcdefgh12", "From x", "é" * 300]
)
def test_dots_long_lines_and_blanks_survive_the_way(text: str) -> None:
    sent = stuffed(one(text, text))
    assert sent.endswith(b"\r\n.\r\n")
    received = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in sent[:-3].split(b"\r\n"))
    plain = next(parsed(received).iter_parts())
    assert plain.get_payload(decode=True).decode().replace("\r\n", "\n") == text * 3


@given(WORDS)
def test_no_value_makes_a_second_header(value: str) -> None:
    message = parsed(header_line("Subject", f"x{value}") + b"\r\n")
    assert message.keys() == ["Subject"]


def test_a_header_with_line_breaks_becomes_one_line() -> None:
    assert header_line("Subject", "Hi\r\nBcc: all@x.example") == b"Subject: Hi Bcc: all@x.example\r\n"


@pytest.mark.parametrize("subject", ["Grüße aus Köln " * 12, "plain words " * 30, "=?utf-8?q?x?=", "x" * 1500, "🎉"])
def test_subjects_fold_and_read_back(subject: str) -> None:
    raw = header_line("Subject", subject)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert parsed(raw + b"\r\n")["Subject"].split() == subject.split()


@pytest.mark.parametrize("name", ["Ada", 'A "quoted" <name>', "Änne, Müller", "x\r\nBcc: y@z.example"])
def test_display_names_read_back(name: str) -> None:
    header = parsed(header_line("From", address(name, "ada@example.com")) + b"\r\n")["From"].addresses[0]
    assert header.addr_spec == "ada@example.com"
    assert header.display_name.split() == name.split()


@pytest.mark.parametrize("bad", ["a@b\r\nRCPT TO:<c@d>", "a b@c.example", "<a@b.example>", "a@", "", "ä@b.example"])
def test_addresses_that_could_carry_commands_are_refused(bad: str) -> None:
    with pytest.raises(BadHeader):
        checked_address(bad)


def nacl_by_cryptography() -> SimpleNamespace:
    """What dkimpy asks of PyNaCl, so that only its reading of the message is on trial."""

    class VerifyKey:
        def __init__(self, key: bytes, encoder: object) -> None:
            self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))

        def verify(self, text: bytes, signature: bytes) -> None:
            self._key.verify(signature, text)

    return SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
    )


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signature_is_held_valid_by_another_implementation(kind: str, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(dkimpy, "nacl", nacl_by_cryptography(), raising=False)
    signer = make_key(tmp_path, "example.com", "s1", kind)
    headers = [("From", "Ada <ada@example.com>"), ("Subject", "Grüße  mit  Lücken " * 9), ("To", "b@c.example"),
               ("List-Unsubscribe", "<https://x.example/u/1>"),
               ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]  # fmt: skip
    raw = one("Hello\n\n\n", "é", headers=headers, sign=signer)
    name, record = signer.dns_record()

    def published(asked: bytes, timeout: int = 5) -> bytes | None:
        return record.encode() if asked.decode().rstrip(".") == name else None

    assert dkimpy.verify(raw, dnsfunc=published)
    assert b"list-unsubscribe-post" in raw.split(b"h=")[1].split(b";")[0]
    assert not dkimpy.verify(raw.replace(b"One-Click", b"One-Klick"), dnsfunc=published)
    assert not dkimpy.verify(raw.replace(b"<p>", b"<b>"), dnsfunc=published)
    assert not dkimpy.verify(b"Subject: another\r\n" + raw, dnsfunc=published)


def test_keys_are_kept_for_the_owner_and_never_replaced(tmp_path) -> None:
    make_key(tmp_path, "example.com", "s1")
    make_key(tmp_path, "example.com", "s2", "ed25519")
    assert [signer.selector for signer in signers_of(tmp_path, "Example.com")] == ["s1", "s2"]
    assert all(path.stat().st_mode & 0o77 == 0 for path in tmp_path.rglob("*.pem"))
    assert signers_of(tmp_path, "../example.com") == []
    assert several([]) is None
    with pytest.raises(FileExistsError):
        make_key(tmp_path, "example.com", "s1")
    assert isinstance(signers_of(tmp_path, "example.com")[0], Signer)
