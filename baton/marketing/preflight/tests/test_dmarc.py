"""DMARC: the walk of RFC 9989, what applies, what is aligned."""

from __future__ import annotations

import pytest

from baton.marketing.preflight import dmarc
from baton.platform.tests.zone import Zone


def zone(**records: str) -> Zone:
    """`zone(com="...", example_com="...")`: what stands at _dmarc.example.com."""
    return Zone({(f"_dmarc.{name.replace('_', '.')}", "TXT"): [text] for name, text in records.items()})


def test_a_walk_asks_eight_times_at_most() -> None:
    assert dmarc.names_up("a.example.com") == ["a.example.com", "example.com", "com"]
    long = "a.b.c.d.e.f.g.h.i.j.example.com"
    names = dmarc.names_up(long)
    assert len(names) == 8
    assert names[:2] == [long, "f.g.h.i.j.example.com"]
    assert names[-1] == "com"
    for labels in range(1, 30):
        assert len(dmarc.names_up(".".join("x" * labels))) == min(labels, 8)


def test_the_record_at_the_shortest_name_is_the_organisation() -> None:
    going = dmarc.walk(
        "a.mail.example.com", zone(example_com="v=DMARC1; p=reject", mail_example_com="v=DMARC1; p=none")
    )
    assert going.organisation == "example.com"
    assert going.policy.domain == "example.com"
    assert going.asked[-1] == "_dmarc.com"


def test_psd_y_puts_the_organisation_one_below() -> None:
    going = dmarc.walk("a.mail.example.com", zone(com="v=DMARC1; p=reject; psd=y"))
    assert going.organisation == "example.com"
    assert going.policy.domain == "com"
    both = dmarc.walk("a.mail.example.com", zone(com="v=DMARC1; p=none; psd=y", example_com="v=DMARC1; p=reject"))
    assert (both.organisation, both.policy.domain) == ("example.com", "example.com")


def test_psd_n_ends_the_walk() -> None:
    going = dmarc.walk("a.mail.example.com", zone(mail_example_com="v=DMARC1; p=none; psd=n", com="v=DMARC1; psd=y"))
    assert going.organisation == "mail.example.com"
    assert going.asked == ["_dmarc.a.mail.example.com", "_dmarc.mail.example.com"]


def test_no_record_leaves_the_name_itself() -> None:
    going = dmarc.walk("mail.example.com", zone())
    assert (going.organisation, going.policy) == ("mail.example.com", None)


@pytest.mark.parametrize("text", ["v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1; p=none; sp=maybe"])
def test_a_record_without_a_policy_that_can_be_read_counts_where_reports_are_asked_for(text: str) -> None:
    going = dmarc.walk("example.com", zone(example_com=text))
    assert going.policy is None
    assert len(going.unusable) == 1
    going = dmarc.walk("example.com", zone(example_com=f"{text}; rua=mailto:a@example.com"))
    assert going.policy.applied(is_below=False, exists=True) == "none"


def test_what_is_no_record_and_two_records() -> None:
    assert dmarc.read("v=DMARC1; p=none") == {"v": "DMARC1", "p": "none"}
    assert dmarc.read(" V = DMARC1 ;P= Reject; ") == {"v": "DMARC1", "p": "Reject"}
    for text in ("", "v=DMARC2; p=none", "p=none; v=DMARC1", "v=spf1 -all"):
        assert dmarc.read(text) is None
    two = Zone({("_dmarc.example.com", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject", "other"]})
    going = dmarc.walk("example.com", two)
    assert (going.several, going.policy) == (["example.com"], None)


def test_np_is_for_names_that_do_not_exist() -> None:
    policy = dmarc.Policy("example.com", "", {"p": "none", "sp": "quarantine", "np": "reject"})
    assert policy.applied(is_below=False, exists=True) == "none"
    assert policy.applied(is_below=True, exists=True) == "quarantine"
    assert policy.applied(is_below=True, exists=False) == "reject"
    bare = dmarc.Policy("example.com", "", {"p": "reject"})
    assert bare.applied(is_below=True, exists=False) == "reject"


def test_t_and_modes() -> None:
    policy = dmarc.Policy("example.com", "", {"p": "none", "t": "Y", "aspf": "s"})
    assert policy.is_test
    assert (policy.mode("spf"), policy.mode("dkim")) == ("s", "r")


def test_relaxed_takes_the_organisation_and_strict_only_the_same() -> None:
    dns = zone(example_com="v=DMARC1; p=none")
    author = dmarc.walk("news.example.com", dns)
    assert dmarc.is_aligned(author, "mail.example.com", "r", dns)
    assert dmarc.is_aligned(author, "news.example.com.", "s", dns)
    assert not dmarc.is_aligned(author, "mail.example.com", "s", dns)
    assert not dmarc.is_aligned(author, "example.net", "r", dns)
