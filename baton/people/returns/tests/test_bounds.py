"""Strangers' mail: never an error, never more work than its size is worth."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from baton.people.returns import mime
from baton.people.returns.actions import receive_mail
from baton.people.returns.answers import meaning_of
from baton.people.returns.rules import EXCERPT, QUOTE, Letter, read_letter
from baton.people.returns.tests.conftest import a_complaint, a_letter, a_report
from tests.cast import NOW

SEEDS = [
    a_report("550 5.1.1 user unknown"),
    a_complaint(),
    a_letter("failure notice", "<a@b.example>:\n550 no such user"),
]
MEGABYTE = 1024 * 1024


def checked(letter: Letter) -> Letter:
    assert 1 <= len(letter.returned) <= 60
    assert len(letter.excerpt) <= EXCERPT
    for one in letter.returned:
        assert len(one.quote) <= QUOTE
        assert one.verdict in ("", "dead_address", "mailbox", "message_refused", "sender_refused")
    return letter


def _changed(seed: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, put in cuts:
        at %= len(seed) + 1
        seed = seed[:at] + put + seed[at + length :]
    return seed


@given(st.binary(max_size=2000))
@example(b"")
@example(b"Content-Type: multipart/mixed; boundary=\n\n--")
@example(b"Content-Type: text/plain; charset=unicode_escape\n\n\\ud800")
def test_any_bytes_are_a_letter(raw: bytes) -> None:
    checked(read_letter(raw))


@settings(max_examples=200)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 80), st.binary(max_size=30)), max_size=8),
)
def test_a_mangled_bounce_is_still_a_letter(seed: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    checked(read_letter(_changed(seed, cuts)))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 80), st.binary(max_size=30)), max_size=8),
)
@example(a_complaint(kind="a\0b"), [])
@example(
    a_letter(
        "failure notice", "<\ud800@b.example>: \0 550 no such user".encode("utf-8", "surrogatepass").decode("latin-1")
    ),
    [],
)
def test_whatever_comes_can_be_kept(seed: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    raw = _changed(seed, cuts)
    kept = receive_mail(raw, source="pipe", now=NOW)
    assert receive_mail(raw, source="pipe", now=NOW) == kept


@given(st.text(max_size=300), st.sampled_from([0, 421, 550, 999]), st.sampled_from(["", "5.1.1", "4.7.1", "9.9.9"]))
def test_any_answer_has_a_meaning(text: str, code: int, status: str) -> None:
    assert meaning_of(text, code=code, status=status).verdict


def _nested(levels: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels))


HOSTILE = {
    "one line": b"x" * MEGABYTE,
    "tags": b"Content-Type: text/html\n\n" + b"<" * MEGABYTE,
    "styles": b"Content-Type: text/html\n\n" + b"<style>" * (MEGABYTE // 7),
    "parts": b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" * (MEGABYTE // 5),
    "nesting": _nested(20_000),
    "letters in letters": b"Content-Type: message/rfc822\n\n" * 30_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 70_000,
    "headers": b"A: b\n" * 200_000,
    "folds": b"A: b\n" + b" c\n" * 300_000,
    "recipients": b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.c\n\n" * 30_000,
    "addresses": b"From: mailer-daemon@x\n\n" + (b"a" * 60 + b"@" + b"b" * 200 + b"\n") * 4000,
    "links": b"From: mailer-daemon@x\n\n" + b"https://a" * 100_000,
    "json": b'{"notificationType":' + b"[" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_be_hard_is_read_within_bounds(name: str) -> None:
    letter = checked(read_letter(HOSTILE[name]))
    assert len(letter.text) <= mime.MAX_TEXT * mime.MAX_PARTS


def test_the_tree_is_as_deep_and_as_wide_as_is_allowed_and_no_more() -> None:
    def depth(part: mime.Part) -> int:
        return 1 + max(map(depth, part.parts), default=0)

    assert depth(mime.read_part(_nested(500))) <= mime.MAX_DEPTH + 1
    assert len(list(mime.read_part(HOSTILE["parts"]).walk())) <= mime.MAX_PARTS
    assert mime.split_headers(HOSTILE["headers"])[0][0] == ("a", "b")
    assert len(mime.split_headers(HOSTILE["headers"])[0]) == mime.MAX_HEADERS
