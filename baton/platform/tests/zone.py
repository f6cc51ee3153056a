"""A small DNS: a dictionary that answers at once, and a real name server on loopback that answers from it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from baton.platform.dns import Answer, CouldNotAsk

Rows = dict[tuple[str, str], list[str]]


class Zone:
    """Answers from {(name, kind): values}; a name without any row does not exist. `mute` names cannot be asked."""

    def __init__(self, rows: Rows, mute: tuple[str, ...] = ()) -> None:
        self.rows, self.mute = rows, mute
        self.asked: list[tuple[str, str]] = []

    def ask(self, name: str, kind: str) -> Answer:
        self.asked.append((name, kind))
        if name in self.mute:
            raise CouldNotAsk(f"{name} {kind}: nobody answers")
        exists = any(one == name or one.endswith(f".{name}") for one, _kind in self.rows)
        return Answer(tuple(self.rows.get((name, kind), [])), exists)


@contextlib.contextmanager
def name_server(zone: Zone) -> Iterator[str]:
    """A name server on UDP; gives its place as DNS_SERVERS wants it. What is mute is never answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(peer, zone), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{peer.getsockname()[1]}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"end", peer.getsockname())
            thread.join(5)


def _serve(peer: socket.socket, zone: Zone) -> None:
    while True:
        raw, sender = peer.recvfrom(4096)
        if raw == b"end":
            return
        query = dns.message.from_wire(raw)
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), asked.rdtype.name
        try:
            answer = zone.ask(name, kind)
        except CouldNotAsk:
            continue
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if not answer.exists:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif answer.values:
            reply.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, _texts(answer.values, kind)))
        peer.sendto(reply.to_wire(), sender)


def _texts(values: tuple[str, ...], kind: str) -> list[str]:
    if kind == "TXT":  # long texts come in pieces of 255
        return [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in values]
    if kind == "MX":
        return [f"{10 * (number + 1)} {name}." for number, name in enumerate(values)]
    return [f"{value}." if kind == "PTR" else value for value in values]
