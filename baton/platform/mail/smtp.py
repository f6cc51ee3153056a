"""A pipelined SMTP client (RFC 5321, 2920, 3207, 4954): one answer waited for per message instead of four.

Each message's text goes out together with the next one's MAIL, RCPT and DATA. What became of a message is told in three
words that the ledger can act on: handed, refused (for now or for good), or unknown when the connection was lost between
the first byte of its end and the answer.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from baton.platform.errors import OutsideFault

HANDED, REFUSED, LATER, UNKNOWN, NOT_TRIED = "handed", "refused", "later", "unknown", "not_tried"
MAX_LINE = 4096
_DOT_AT_START = re.compile(rb"\n\.")  # bytes.replace takes six times as long
_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Envelope:
    """One message to one person: `tag` is the caller's own name for it."""

    tag: int
    sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of one envelope.

    `state`: handed (the server has it), refused (for good), later (try again), unknown (it may have it), not_tried
    (nothing of its text was sent). `code` 250, 550 ... or 0; `at_sender` says the fault is ours, not the recipient's.
    """

    tag: int
    state: str
    code: int = 0
    text: str = ""
    at_sender: bool = False

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463) such as 5.1.1, or nothing."""
        found = _CODE.search(self.text)
        return found[0] if found else ""


Before = Callable[[int], None] | None
After = Callable[[Outcome], None] | None


class SmtpFault(OutsideFault):
    """The server cannot be reached or will not take mail from us; nothing was handed over."""


class _Lost(Exception):
    """The connection is gone: time-out, reset, closed, or not SMTP."""


class SmtpConnection:
    """One connection: `connect()`, send any number of batches, `close()`; after a loss, connect anew."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        user: str = "",
        password: str = "",
        tls: str = "none",
        timeout: float = 30,
        local_name: str = "localhost",
    ) -> None:
        """`tls` is none, starttls or direct."""
        self._host, self._port, self._tls, self._timeout = host, port, tls, timeout
        self._user, self._password, self._local_name = user, password, local_name
        self._socket: socket.socket | None = None
        self._left = b""
        self._features: set[str] = set()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def connect(self) -> None:
        """Greet, encrypt, sign in. Raises SmtpFault, `permanent` when the server said no for good."""
        try:
            self._socket = socket.create_connection((self._host, self._port), timeout=self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._left = b""
            if self._tls == "direct":
                self._encrypt()
            self._expect(self._answer(), 220, "greeting")
            self._greet()
            if self._tls == "starttls":
                self._expect(self._command("STARTTLS"), 220, "STARTTLS")
                self._encrypt()
                self._greet()
            if self._user:
                self._sign_in()
        except (OSError, _Lost) as error:
            self._drop()
            raise SmtpFault(f"The mail server {self._host}:{self._port} does not answer: {error}.") from None
        except SmtpFault:
            self._drop()
            raise

    def close(self) -> None:
        """Say goodbye and hang up; nobody misses an answer that does not come."""
        if self._socket:
            try:
                self._send(b"QUIT\r\n")
            except (OSError, _Lost):
                pass
            self._drop()

    def send(
        self,
        envelopes: Iterable[Envelope],
        *,
        before: Before = None,
        after: After = None,
    ) -> Iterator[Outcome]:
        """Hand envelopes over in order; yields one outcome each, as it becomes known.

        `before(tag)` is called before the first byte of a message's text goes out, `after` with each outcome.
        When the connection is lost, the message in hand is unknown (if its end was on the way) and the rest not tried.
        """
        return (outcome for outcome in self.steps(envelopes, before=before, after=after) if outcome)

    def steps(
        self,
        envelopes: Iterable[Envelope],
        *,
        before: Before = None,
        after: After = None,
    ) -> Iterator[Outcome | None]:
        """As `send`, with None in between whenever a text is out and its answer on the way: time for something else."""
        waiting = list(envelopes)
        pipelined = "PIPELINING" in self._features
        gone = ""
        for number, envelope in enumerate(waiting):
            following = waiting[number + 1] if pipelined and number + 1 < len(waiting) else None
            if gone:
                outcome = Outcome(envelope.tag, NOT_TRIED, text=gone)
            else:
                outcome, gone = yield from self._hand_over(envelope, following, number == 0 or not pipelined, before)
            if after:
                after(outcome)
            yield outcome

    def _hand_over(
        self, envelope: Envelope, following: Envelope | None, first: bool, before: Before
    ) -> Generator[None, None, tuple[Outcome, str]]:
        text_is_out = False
        try:
            opening = self._open(envelope, first)
            if isinstance(opening, Outcome):
                self._finish_refused(following)
                return opening, ""
            if before:
                before(envelope.tag)
            text_is_out = True
            self._send(stuffed(envelope.message) + (_commands(following) if following else b""))
            yield None
            code, text = self._answer()
            if code == 421:  # it says goodbye instead of taking the message: not accepted, and the rest must wait
                self._drop()
                return Outcome(envelope.tag, LATER, code, text[:300]), f"server closed: {text[:200]}"
            return _judged(envelope.tag, code, text, stage="text"), ""
        except (OSError, _Lost) as error:
            self._drop()
            state = UNKNOWN if text_is_out else NOT_TRIED
            return Outcome(envelope.tag, state, text=f"connection lost: {error}"[:300]), f"connection lost: {error}"

    def _open(self, envelope: Envelope, first: bool) -> Outcome | None:
        """MAIL, RCPT and DATA; None when the server waits for the text."""
        refused: Outcome | None = None
        if "PIPELINING" in self._features:
            if first:
                self._send(_commands(envelope))
            answers = [("sender", self._answer()), ("recipient", self._answer()), ("data", self._answer())]
        else:
            answers = []
            for stage, line in zip(("sender", "recipient", "data"), _commands(envelope).splitlines(True), strict=True):
                self._send(line)
                answers.append((stage, self._answer()))
                if answers[-1][1][0] >= 400:
                    break
        for stage, (code, text) in answers:
            if code == 421:
                raise _Lost(text)
            if code >= 400 and refused is None:
                refused = _judged(envelope.tag, code, text, stage=stage)
        if refused is None:
            return None
        if answers[-1][0] == "data" and answers[-1][1][0] == 354:  # it waits for a text that nobody is to receive
            self._send(b".\r\n")
            self._answer()
        self._send(b"RSET\r\n")
        self._answer()
        return refused

    def _finish_refused(self, following: Envelope | None) -> None:
        # The next envelope's commands were not sent along with a text, so they go now.
        if following:
            self._send(_commands(following))

    def _greet(self) -> None:
        code, text = self._command(f"EHLO {self._local_name}")
        if code >= 500:
            code, text = self._command(f"HELO {self._local_name}")
        self._expect((code, text), 250, "EHLO")
        self._features = {line.split(" ")[0].upper() for line in text.split("\n")[1:]}
        self._features |= {f"AUTH {word}" for line in text.upper().split("\n") if line.startswith("AUTH")
                           for word in line.split()[1:]}  # fmt: skip

    def _sign_in(self) -> None:
        if "AUTH PLAIN" in self._features or "AUTH LOGIN" not in self._features:
            secret = base64.b64encode(f"\0{self._user}\0{self._password}".encode()).decode()
            self._expect(self._command(f"AUTH PLAIN {secret}"), 235, "AUTH")
            return
        self._expect(self._command("AUTH LOGIN"), 334, "AUTH")
        self._expect(self._command(base64.b64encode(self._user.encode()).decode()), 334, "AUTH")
        self._expect(self._command(base64.b64encode(self._password.encode()).decode()), 235, "AUTH")

    def _encrypt(self) -> None:
        assert self._socket
        self._left = b""  # what came before the handshake is nobody's word (RFC 3207 section 6)
        self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=self._host)

    def _expect(self, answer: tuple[int, str], wanted: int, stage: str) -> None:
        code, text = answer
        if code != wanted:
            raise SmtpFault(
                f"The mail server {self._host}:{self._port} said no at {stage}: {code} {text}"[:300],
                permanent=code >= 500,
            )

    def _command(self, line: str) -> tuple[int, str]:
        self._send(f"{line}\r\n".encode())
        return self._answer()

    def _send(self, raw: bytes) -> None:
        if self._socket is None:
            raise _Lost("not connected")
        self._socket.sendall(raw)

    def _answer(self) -> tuple[int, str]:
        line = self._line()
        if line[3:4] == b" " and b"200" <= line[:3] < b"600" and line[:3].isdigit():
            return int(line[:3]), line[4:].decode("utf-8", "replace")
        return self._long_answer(line)

    def _long_answer(self, line: bytes) -> tuple[int, str]:
        """An answer of several lines, of a number alone, or none at all."""
        lines = []
        while True:
            if not re.match(rb"[2-5]\d\d([ -]|$)", line):
                raise _Lost(f"not an answer: {line[:60]!r}")
            lines.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return int(line[:3]), "\n".join(lines)
            if len(lines) > 100:
                raise _Lost("an answer without end")
            line = self._line()

    def _line(self) -> bytes:
        while b"\n" not in self._left:
            if len(self._left) > MAX_LINE:
                raise _Lost("a line without end")
            if self._socket is None:
                raise _Lost("not connected")
            got = self._socket.recv(65536)
            if not got:
                raise _Lost("closed by the server")
            self._left += got
        line, _, self._left = self._left.partition(b"\n")
        return line.rstrip(b"\r")

    def _drop(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None


def stuffed(message: bytes) -> bytes:
    """The message as DATA wants it: dots at line starts doubled, ended by a line with one dot."""
    message = _DOT_AT_START.sub(b"\n..", message)
    if message.startswith(b"."):
        message = b"." + message
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")


def _commands(envelope: Envelope) -> bytes:
    return f"MAIL FROM:<{envelope.sender}>\r\nRCPT TO:<{envelope.recipient}>\r\nDATA\r\n".encode()


def _judged(tag: int, code: int, text: str, *, stage: str) -> Outcome:
    if code < 400:
        return Outcome(tag, HANDED, code, text[:300])
    status = _CODE.search(text)
    # Policy, authentication and reputation (x.7.x), and all that is said of MAIL FROM, is about us.
    ours = stage in ("sender", "data") or bool(status and status[0].split(".")[1] == "7")
    return Outcome(tag, REFUSED if code >= 500 else LATER, code, text[:300], at_sender=ours)
