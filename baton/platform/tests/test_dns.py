"""Asking the DNS: a real name server on loopback, what is kept, what cannot be asked."""

from __future__ import annotations

import pytest

from baton.platform import dns
from baton.platform.tests.zone import Zone, name_server

ROWS = {
    ("acme.test", "TXT"): ["v=spf1 -all", "x" * 600],
    ("acme.test", "MX"): ["mx1.acme.test", "mx2.acme.test"],
    ("acme.test", "A"): ["203.0.113.9"],
    ("acme.test", "AAAA"): ["2001:db8::9"],
    ("9.113.0.203.in-addr.arpa", "PTR"): ["mail.acme.test"],
}


@pytest.fixture(autouse=True)
def _forgotten():
    dns.forget()
    yield
    dns.forget()


def test_each_kind_is_asked_of_a_real_server() -> None:
    with name_server(Zone(ROWS)) as place:
        asker = dns.Asker([place])
        assert set(asker.ask("acme.test", "TXT").values) == {"v=spf1 -all", "x" * 600}
        assert asker.ask("acme.test", "MX").values == ("mx1.acme.test", "mx2.acme.test")
        assert asker.ask(dns.reverse_name("203.0.113.9"), "PTR").values == ("mail.acme.test",)
        assert dns.addresses("acme.test", asker) == ["203.0.113.9", "2001:db8::9"]


def test_no_record_is_told_from_no_name() -> None:
    with name_server(Zone({("mail.acme.test", "A"): ["203.0.113.9"]})) as place:
        asker = dns.Asker([place])
        assert asker.ask("mail.acme.test", "TXT") == dns.Answer()
        assert asker.ask("acme.test", "TXT") == dns.Answer()  # something stands below it
        assert asker.ask("no.acme.test", "TXT") == dns.Answer(exists=False)


def test_silence_is_a_fault_and_the_whole_has_an_end() -> None:
    with name_server(Zone(ROWS, mute=("acme.test",))) as place:
        with pytest.raises(dns.CouldNotAsk):
            dns.Asker([place], seconds=0.2).ask("acme.test", "TXT")
        with pytest.raises(dns.CouldNotAsk, match="no time"):
            dns.Asker([place], whole=0).ask("acme.test", "TXT")


def test_a_name_that_is_none_is_a_fault() -> None:
    for name in ("a..test", "x" * 64 + ".test", "x." * 130 + "test"):
        with pytest.raises(dns.CouldNotAsk):
            dns.Asker(["127.0.0.1:9"], seconds=0.2).ask(name, "A")


def test_answers_are_kept_and_forgotten() -> None:
    zone = Zone(ROWS, mute=("mute.test",))
    for _again in range(2):
        assert dns.Keeping(zone).ask("Acme.test.", "A").values == ("203.0.113.9",)
        with pytest.raises(dns.CouldNotAsk):
            dns.Keeping(zone).ask("mute.test", "A")
    assert zone.asked == [("acme.test", "A"), ("mute.test", "A")]
    assert dns.Keeping(None).ask("acme.test", "A").values == ("203.0.113.9",)
    dns.forget()
    with pytest.raises(dns.NotAskedYet):
        dns.Keeping(None).ask("acme.test", "A")
