"""An SMTP server that follows a script: each rule says what to do at a command, given how often it was seen."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Rule = Callable[[str, int], str | None]  # (command line, how often this verb was seen) -> answer, "close", "hang", None


class ScriptedServer:
    """Speaks SMTP on loopback. `accepted` lists (sender, recipient, message) of what it said 250 to."""

    def __init__(self, rule: Rule = lambda line, seen: None, *, pipelining: bool = True) -> None:
        self._rule, self._pipelining = rule, pipelining
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.accepted: list[tuple[str, str, bytes]] = []
        self.lines: list[str] = []
        self.released = threading.Event()
        self._seen: dict[str, int] = {}
        self._of = threading.local()  # what is known of each connection, in its own thread
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, peer.makefile("rb") as lines, contextlib.suppress(OSError):
            if self._say(peer, "CONNECT", "220 scripted"):
                while raw := lines.readline():
                    line = raw.decode().strip()
                    self.lines.append(line)
                    if not self._follow(peer, lines, line):
                        return

    def _follow(self, peer, lines, line: str) -> bool:
        verb = line.split(" ")[0].upper()
        if verb == "EHLO":
            more = "250-PIPELINING\r\n" if self._pipelining else ""
            return self._say(peer, line, f"250-scripted\r\n{more}250 ENHANCEDSTATUSCODES")
        if verb == "MAIL":
            self._of.mail = [line[11:-1], ""]
        if verb == "RCPT":
            known = self._say(peer, line, "250 2.1.5 ok")
            self._of.mail[1] = line[9:-1] if self._of.last < 400 else ""
            return known
        if verb == "DATA":
            if not self._of.mail[1]:
                return self._say(peer, line, "503 5.5.1 nobody to send to")
            if not self._say(peer, line, "354 go on"):
                return False
            if self._of.last != 354:
                return True
            return self._take(peer, lines)
        if verb == "QUIT":
            peer.sendall(b"221 bye\r\n")
            return False
        return self._say(peer, line, "250 2.0.0 ok")

    def _take(self, peer, lines) -> bool:
        if self._rule("TEXT", self._count("TEXT")) == "close":
            lines.readline()
            return False
        text = b""
        while (raw := lines.readline()) not in (b".\r\n", b""):
            text += raw[1:] if raw.startswith(b".") else raw
        kept = self._say(peer, "END", "250 2.0.0 queued")
        if kept and self._of.last == 250:
            self.accepted.append((*self._of.mail, text))
        return kept

    def _count(self, verb: str) -> int:
        self._seen[verb] = self._seen.get(verb, 0) + 1
        return self._seen[verb]

    def _say(self, peer, line: str, usual: str) -> bool:
        answer = self._rule(line, self._count(line.split(" ")[0].upper())) or usual
        if answer == "hang":
            self.released.wait(20)
            return False
        if answer == "close":
            return False
        self._of.last = int(answer[:3])
        peer.sendall(f"{answer}\r\n".encode())
        return True

    def stop(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@contextlib.contextmanager
def scripted(rule: Rule = lambda line, seen: None, *, pipelining: bool = True) -> Iterator[ScriptedServer]:
    server = ScriptedServer(rule, pipelining=pipelining)
    try:
        yield server
    finally:
        server.stop()
