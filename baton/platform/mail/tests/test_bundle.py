"""Several connections at once: all arrives once, and what one loses touches no other."""

from __future__ import annotations

from collections import Counter

import pytest

from baton.platform.mail.bundle import WORTH_A_CONNECTION, Bundle
from baton.platform.mail.smtp import SmtpConnection, SmtpFault
from baton.platform.mail.tests.scripted import ScriptedServer, scripted
from baton.platform.mail.tests.test_smtp import envelopes

MANY = 4 * WORTH_A_CONNECTION


def a_bundle(server: ScriptedServer, most: int = 3) -> Bundle:
    bundle = Bundle(lambda: SmtpConnection("127.0.0.1", server.port, timeout=5), most)
    bundle.connect()
    return bundle


def greetings(server: ScriptedServer) -> int:
    return len([line for line in server.lines if line.startswith("EHLO")])


@pytest.mark.parametrize("pipelining", [True, False])
def test_every_message_arrives_once_and_whole(pipelining: bool) -> None:
    with scripted(pipelining=pipelining) as server:
        bundle = a_bundle(server)
        began: list[int] = []
        answered: list[int] = []
        outcomes = list(
            bundle.send(envelopes(MANY), before=began.append, after=lambda outcome: answered.append(outcome.tag))
        )
        bundle.close()
    assert Counter(outcome.state for outcome in outcomes) == {"handed": MANY}
    assert sorted(outcome.tag for outcome in outcomes) == sorted(began) == sorted(answered) == [*range(1, MANY + 1)]
    assert sorted(mail[1] for mail in server.accepted) == sorted(f"p{n}@them.example" for n in range(1, MANY + 1))
    assert all(f"body {mail[1][1:-13]}\r\n".encode() in mail[2] for mail in server.accepted)
    assert greetings(server) == 3


def test_a_text_goes_out_while_another_waits_for_its_answer() -> None:
    with scripted() as server:
        bundle = a_bundle(server)
        order: list[str] = []
        for _outcome in bundle.send(
            envelopes(MANY), before=lambda tag: order.append("out"), after=lambda outcome: order.append("answer")
        ):
            pass
        bundle.close()
    assert order[:4] == ["out", "out", "out", "answer"]


def test_few_messages_need_one_connection() -> None:
    with scripted() as server:
        bundle = a_bundle(server)
        assert [outcome.state for outcome in bundle.send(envelopes(WORTH_A_CONNECTION - 1))] == ["handed"] * 19
        bundle.close()
    assert greetings(server) == 1


def test_a_server_that_takes_one_connection_gets_one() -> None:
    with scripted(lambda line, seen: "421 one is enough" if line == "CONNECT" and seen > 1 else None) as server:
        bundle = a_bundle(server)
        assert {outcome.state for outcome in bundle.send(envelopes(MANY))} == {"handed"}
        assert bundle.is_open
        bundle.close()
    assert len(server.accepted) == MANY


def test_a_lost_connection_costs_one_unknown_and_its_own_share() -> None:
    with scripted(lambda line, seen: "close" if line == "TEXT" and seen == 5 else None) as server:
        bundle = a_bundle(server, most=2)
        states = Counter(outcome.state for outcome in bundle.send(envelopes(MANY)))
        assert not bundle.is_open
        bundle.close()
    assert states["unknown"] == 1
    assert states["handed"] == len(server.accepted) >= MANY // 2
    assert states["not_tried"] == MANY - 1 - states["handed"]


def test_a_server_that_is_not_there_is_told() -> None:
    with scripted() as server:
        port = server.port
    bundle = Bundle(lambda: SmtpConnection("127.0.0.1", port, timeout=1), 3)
    with pytest.raises(SmtpFault, match="does not answer"):
        bundle.connect()
    assert not bundle.is_open
