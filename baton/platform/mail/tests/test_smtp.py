"""The pipelined client against servers that refuse, hang and hang up."""

from __future__ import annotations

import pytest

from baton.platform.mail.smtp import Envelope, SmtpConnection, SmtpFault
from baton.platform.mail.tests.scripted import scripted


def envelopes(number: int) -> list[Envelope]:
    return [
        Envelope(n, "news@us.example", f"p{n}@them.example", b"Subject: x\r\n\r\n.dot\r\nbody %d\r\n" % n)
        for n in range(1, number + 1)
    ]


def states(server, mails, timeout=5.0) -> list[str]:
    connection = SmtpConnection("127.0.0.1", server.port, timeout=timeout)
    connection.connect()
    outcomes = list(connection.send(mails))
    connection.close()
    assert [outcome.tag for outcome in outcomes] == [mail.tag for mail in mails]
    return [outcome.state for outcome in outcomes]


@pytest.mark.parametrize("pipelining", [True, False])
def test_every_message_arrives_once_and_whole(pipelining: bool) -> None:
    with scripted(pipelining=pipelining) as server:
        assert states(server, envelopes(20)) == ["handed"] * 20
    assert [mail[1] for mail in server.accepted] == [f"p{n}@them.example" for n in range(1, 21)]
    assert server.accepted[4][2] == b"Subject: x\r\n\r\n.dot\r\nbody 5\r\n"


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(("answer", "state"), [("550 5.1.1 user unknown", "refused"), ("451 4.3.0 later", "later")])
def test_a_refused_recipient_touches_no_other(answer: str, state: str, pipelining: bool) -> None:
    def rule(line: str, seen: int) -> str | None:
        return answer if line.startswith("RCPT TO:<p2@") else None

    with scripted(rule, pipelining=pipelining) as server:
        assert states(server, envelopes(4)) == ["handed", state, "handed", "handed"]
    assert [mail[1][:2] for mail in server.accepted] == ["p1", "p3", "p4"]


def test_a_refused_text_touches_no_other() -> None:
    with scripted(lambda line, seen: "554 5.7.1 spam" if line == "END" and seen == 2 else None) as server:
        assert states(server, envelopes(3)) == ["handed", "refused", "handed"]


def test_a_connection_closed_in_mid_message_leaves_one_unknown_and_the_rest_untried() -> None:
    with scripted(lambda line, seen: "close" if line == "TEXT" and seen == 3 else None) as server:
        assert states(server, envelopes(6)) == ["handed", "handed", "unknown", "not_tried", "not_tried", "not_tried"]
    assert len(server.accepted) == 2


def test_a_server_that_hangs_after_the_text_leaves_one_unknown() -> None:
    with scripted(lambda line, seen: "hang" if line == "END" and seen == 2 else None) as server:
        assert states(server, envelopes(4), timeout=0.3) == ["handed", "unknown", "not_tried", "not_tried"]


def test_a_server_that_hangs_before_the_text_has_nothing() -> None:
    with scripted(lambda line, seen: "hang" if line == "DATA" and seen == 1 else None) as server:
        assert states(server, envelopes(2), timeout=0.3) == ["not_tried", "not_tried"]


def test_a_server_that_says_goodbye_took_nothing_more() -> None:
    with scripted(lambda line, seen: "421 4.3.2 shutting down" if line == "END" and seen == 2 else None) as server:
        assert states(server, envelopes(3)) == ["handed", "later", "not_tried"]


def test_refused_sender_is_our_fault() -> None:
    with scripted(lambda line, seen: "550 5.7.1 not you" if line.startswith("MAIL") else None) as server:
        connection = SmtpConnection("127.0.0.1", server.port, timeout=5)
        connection.connect()
        (outcome,) = connection.send(envelopes(1))
        connection.close()
    assert outcome.state == "refused"
    assert outcome.at_sender
    assert outcome.status == "5.7.1"


@pytest.mark.parametrize(("answer", "permanent"), [("554 no", True), ("421 later", False)])
def test_a_greeting_that_refuses_is_told(answer: str, permanent: bool) -> None:
    with scripted(lambda line, seen: answer if line == "CONNECT" else None) as server:
        with pytest.raises(SmtpFault) as told:
            SmtpConnection("127.0.0.1", server.port, timeout=5).connect()
        assert told.value.permanent is permanent


def test_a_server_that_is_not_there_is_told() -> None:
    with scripted() as server:
        port = server.port
    with pytest.raises(SmtpFault, match="does not answer"):
        SmtpConnection("127.0.0.1", port, timeout=1).connect()
