"""SPF: the rules of RFC 7208, each with a record that keeps it and one that does not."""

from __future__ import annotations

import pytest

from baton.marketing.preflight import spf
from baton.platform.tests.zone import Zone

IP = "192.0.2.3"


def result(record: str, rows: dict | None = None, *, ip: str = IP, sender: str = "news@acme.test") -> str:
    zone = Zone({("acme.test", "TXT"): [record], **(rows or {})})
    return spf.check_host(ip, "acme.test", sender, zone).result


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:192.0.2.3 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.0/24 ~all", "softfail"),
        ("v=spf1 ip4:198.51.100.0/24 ?all", "neutral"),
        ("v=spf1 ip4:198.51.100.0/24", "neutral"),
        ("v=spf1 -ip4:192.0.2.3 +all", "fail"),
        ("V=SPF1 IP4:192.0.2.3 -ALL", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "fail"),
        ("v=spf1", "neutral"),
        ("v=spf10 -all", "none"),
        ("something else", "none"),
        ("v=spf1 ip4:192.0.2.300 -all", "permerror"),
        ("v=spf1 ip4:192.0.2.3/33 -all", "permerror"),
        ("v=spf1 ipv4:192.0.2.3 -all", "permerror"),
        ("v=spf1 include -all", "permerror"),
        ("v=spf1 all:acme.test", "permerror"),
        ("v=spf1 +all redirect=a.test redirect=b.test", "permerror"),
        ("v=spf1 unknown=modifier ip4:192.0.2.3 -all", "pass"),
        ("v=spf1 exp=why.acme.test -all", "fail"),
    ],
)
def test_a_record_alone(record: str, expected: str) -> None:
    assert result(record) == expected


def test_ipv6_and_what_is_mapped() -> None:
    assert result("v=spf1 ip6:2001:db8::/32 -all", ip="2001:db8::5") == "pass"
    assert result("v=spf1 ip4:192.0.2.3 -all", ip="::ffff:192.0.2.3") == "pass"


def test_a_and_mx_with_prefixes() -> None:
    rows = {("acme.test", "A"): ["192.0.2.200"], ("acme.test", "MX"): ["mx.acme.test"], ("mx.acme.test", "A"): [IP]}
    assert result("v=spf1 a -all", rows) == "fail"
    assert result("v=spf1 a/24 -all", rows) == "pass"
    assert result("v=spf1 a//64 -all", rows) == "fail"
    assert result("v=spf1 mx -all", rows) == "pass"
    assert result("v=spf1 a:mx.acme.test/32 -all", rows) == "pass"
    many = {("acme.test", "MX"): [f"mx{n}.acme.test" for n in range(11)]}
    assert result("v=spf1 mx -all", many) == "permerror"


def test_include_takes_only_a_pass() -> None:
    def rows(record: str) -> dict:
        return {("them.test", "TXT"): [record]}

    assert result("v=spf1 include:them.test -all", rows(f"v=spf1 ip4:{IP} -all")) == "pass"
    assert result("v=spf1 include:them.test ?all", rows("v=spf1 -all")) == "neutral"
    assert result("v=spf1 include:them.test -all", rows("v=spf1 ip4:nonsense")) == "permerror"
    assert result("v=spf1 include:nobody.test -all") == "permerror"


def test_redirect_is_taken_where_nothing_matched() -> None:
    rows = {("them.test", "TXT"): [f"v=spf1 ip4:{IP} -all"]}
    assert result("v=spf1 redirect=them.test", rows) == "pass"
    assert result("v=spf1 redirect=them.test ~all", rows) == "softfail"
    assert result("v=spf1 redirect=nobody.test") == "permerror"


def test_exists_ptr_and_macros() -> None:
    rows = {("3.2.0.192.news._spf.acme.test", "A"): ["127.0.0.2"]}
    assert result("v=spf1 exists:%{ir}.%{l}._spf.%{d} -all", rows) == "pass"
    assert result("v=spf1 exists:%{ir}.%{l}._spf.%{d} -all", rows, sender="other@acme.test") == "fail"
    rows = {("acme.v4.spf.test", "A"): ["127.0.0.2"]}
    assert result("v=spf1 exists:%{d1r}.v4.spf.test -all", rows) == "pass"
    assert result("v=spf1 exists:%{d0}.spf.test -all") == "permerror"
    assert result("v=spf1 exists:%{x}.spf.test -all") == "permerror"
    rows = {("3.2.0.192.in-addr.arpa", "PTR"): ["mail.acme.test"], ("mail.acme.test", "A"): [IP]}
    assert result("v=spf1 ptr -all", rows) == "pass"
    assert result("v=spf1 ptr:them.test -all", rows) == "fail"
    six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.spf.test"
    assert result("v=spf1 exists:%{ir}.%{v}.spf.test -all", {(six, "A"): ["127.0.0.2"]}, ip="2001:db8::1") == "pass"


def test_ten_lookups_and_no_more() -> None:
    rows = {(f"i{n}.test", "TXT"): ["v=spf1 ?all"] for n in range(11)}
    ten = " ".join(f"include:i{n}.test" for n in range(10))
    assert result(f"v=spf1 {ten} -all", rows) == "fail"
    assert result(f"v=spf1 {ten} include:i10.test -all", rows) == "permerror"
    assert result(f"v=spf1 ip4:{IP} {ten} include:i10.test -all", rows) == "pass"


def test_a_circle_ends() -> None:
    rows = {("a.test", "TXT"): ["v=spf1 include:acme.test"]}
    assert result("v=spf1 include:a.test -all", rows) == "permerror"
    zone = Zone({("acme.test", "TXT"): ["v=spf1 include:a.test -all"], **rows})
    worst, _asked = spf.lookups_at_worst(spf.read("v=spf1 include:a.test -all"), "acme.test", zone)
    assert worst >= 30


def test_two_void_lookups_and_no_more() -> None:
    assert result("v=spf1 a:a.test a:b.test -all") == "fail"
    assert result("v=spf1 a:a.test a:b.test a:c.test -all") == "permerror"


def test_several_records_are_an_error_and_silence_is_another() -> None:
    zone = Zone({("acme.test", "TXT"): ["v=spf1 -all", "v=spf1 +all"]})
    assert spf.check_host(IP, "acme.test", "a@acme.test", zone).result == "permerror"
    zone = Zone({}, mute=("acme.test",))
    assert spf.check_host(IP, "acme.test", "a@acme.test", zone).result == "temperror"


def test_the_worst_case_counts_every_term() -> None:
    zone = Zone({("them.test", "TXT"): ["v=spf1 a mx include:deep.test ~all"], ("deep.test", "TXT"): ["v=spf1 a"]})
    record = spf.read("v=spf1 a mx ip4:192.0.2.1 include:them.test exists:%{i}.x.test redirect=deep.test")
    worst, asked = spf.lookups_at_worst(record, "acme.test", zone)
    assert worst == len(asked) == 10
    assert "them.test: include:deep.test" in asked
    with pytest.raises(spf.BadRecord, match=r"include:nobody\.test"):
        spf.lookups_at_worst(spf.read("v=spf1 include:nobody.test"), "acme.test", zone)
