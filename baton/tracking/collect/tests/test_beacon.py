"""The beacon stores before it answers, refuses what is wrong whole, and follows nobody who does not want it."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connections

from baton.tracking.collect.answers import MAX_BYTES
from baton.tracking.collect.beacon import Beacon
from baton.tracking.collect.models import Site
from baton.tracking.collect.rates import Rates
from baton.tracking.collect.reading import MAX_EVENTS, new_id
from baton.tracking.collect.script import MAX_GZIPPED, small_script
from baton.tracking.collect.visitors import forget_salts, visitor_of
from baton.tracking.identity import link_token
from baton.tracking.store.append import insert_rows, to_micros
from baton.tracking.store.columns import event_of
from baton.tracking.store.models import EventCount, EventSalt, EventTail

pytestmark = pytest.mark.django_db(databases=["default", "events"])

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"
KNOWN = "v" + "0a" * 12


class Tail:
    """Writes over the test's own connection."""

    broken = False

    def store(self, rows, *refused) -> None:
        if self.broken:
            raise DatabaseError("away")
        with connections["events"].cursor() as cursor:
            insert_rows(cursor, rows, vendor=connections["events"].vendor)
        for day, reason, count in refused:
            EventCount.objects.create(day=day, reason=reason, count=count)


def beacon(**options) -> Beacon:
    options = {"writer": Tail(), "rates": Rates(0, 0), "clock": lambda: to_micros(NOW) * 1000, **options}
    return Beacon(lambda environ, start: [b"pages"], **options)


def send(told, beacon=None, *, method="POST", path="/e", **headers):
    """Status, headers and body of one request."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    answer = {}

    def start(status, headers):
        answer["status"], answer["headers"] = int(status[:3]), dict(headers)

    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "203.0.113.7",
        "HTTP_USER_AGENT": CHROME, "wsgi.input": io.BytesIO(body), **headers,
    }  # fmt: skip
    made = (beacon or globals()["beacon"]())(environ, start)
    return answer.get("status"), answer.get("headers"), b"".join(made)


def an_event(at=NOW, **told) -> dict:
    return {"id": new_id(int(at.timestamp() * 1000)), "url": "https://shop.example/pricing", **told}


def stored() -> list:
    return [event_of(json.loads(row)) for row in EventTail.objects.order_by("pk").values_list("row", flat=True)]


def test_a_page_view_is_stored_with_everything_it_tells() -> None:
    told = an_event(
        NOW - timedelta(minutes=1),
        url="https://www.shop.example/pricing?utm_source=Google&utm_medium=cpc&utm_campaign=Spring&gclid=abc&t=secret#x",
        referrer="https://www.google.com/search?q=private",
        props={"plan": "Größe", "n": 3},
        value=4900,
        currency="EUR",
    )
    status, headers, body = send(told, HTTP_ACCEPT_LANGUAGE="de-DE,de;q=0.9")
    assert (status, json.loads(body)) == (202, {"taken": 1, "too_old": 0})
    assert headers["Access-Control-Allow-Origin"] == "*"
    (event,) = stored()
    assert (event.name, event.host, event.path, event.site) == ("pageview", "shop.example", "/pricing", "shop.example")
    assert (event.source, event.medium, event.campaign) == ("Google", "cpc", "Spring")
    assert (event.click_kind, event.click_id, event.referrer_host) == ("gclid", "abc", "google.com")
    assert (event.device, event.browser, event.system, event.language) == ("desktop", "Chrome", "Linux", "de-DE")
    assert (event.value_minor, event.currency, json.loads(event.props)) == (4900, "EUR", {"plan": "Größe", "n": 3})
    assert event.at == to_micros(NOW - timedelta(minutes=1))
    assert "secret" not in EventTail.objects.get().row
    assert "private" not in EventTail.objects.get().row


def test_a_retry_is_stored_once() -> None:
    told = [an_event() for _ in range(20)]
    for _time in range(2):
        assert send(told)[0] == 202
    assert EventTail.objects.count() == 20


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (b'{"url":"https://shop.example/","props":{"a":NaN}}', 400),
        (b"{", 400), (b"\xff\xfe", 400), (b"[" * 5000, 400), (b"", 400), ([], 400), ("text", 400), ([1], 400),
        (None, 400),
        ({"url": "https://shop.example/", "id": "123"}, 400),
        ({"url": "https://shop.example/", "id": "6ba7b812-9dad-11d1-80b4-00c04fd430c8"}, 400),
        ({"url": "/pricing"}, 400), ({"url": "javascript:alert(1)"}, 400), ({"url": "https://[::1"}, 400), ({}, 400),
        ({"url": ["x"]}, 400), ({"url": "https://shop.example/" + "x" * 3000}, 400),
        ({"url": "https://shop.example/", "name": "<script>"}, 400),
        ({"url": "https://shop.example/", "name": "x" * 61}, 400),
        ({"url": "https://shop.example/", "props": [1]}, 400),
        ({"url": "https://shop.example/", "props": {"a": {"deep": 1}}}, 400),
        ({"url": "https://shop.example/", "props": {"a": "x" * 3000}}, 400),
        ({"url": "https://shop.example/", "value": 1.5, "currency": "EUR"}, 400),
        ({"url": "https://shop.example/", "value": 1, "currency": "euro"}, 400),
        ({"url": "https://shop.example/", "value": 1}, 400),
        ({"url": "https://shop.example/", "sent": "now"}, 400),
        ({"url": "https://shop.example/", "referrer": 7}, 400),
        (b" " * (MAX_BYTES + 1), 413),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_whole_with_a_reason(told, status) -> None:
    with_good = [an_event(), told] if isinstance(told, dict) else told
    got, headers, body = send(with_good)
    assert got == status
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["detail"]
    assert not EventTail.objects.exists()


def test_too_many_at_once_other_methods_and_no_length_are_refused() -> None:
    assert send([an_event() for _ in range(MAX_EVENTS + 1)])[0] == 400
    assert send(b"", method="GET")[0] == 405
    assert send(an_event(), CONTENT_LENGTH="")[0] == 411
    assert send(an_event(), CONTENT_LENGTH="-5")[0] == 411
    assert not EventTail.objects.exists()


def test_a_preflight_is_answered() -> None:
    status, headers, _body = send(b"", method="OPTIONS")
    assert status == 204
    assert headers["Access-Control-Allow-Methods"] == "POST"


def test_everything_else_goes_to_the_pages() -> None:
    assert send(b"", path="/deals/")[2] == b"pages"


def test_nothing_is_answered_as_stored_when_it_was_not() -> None:
    tail = Tail()
    tail.broken = True
    status, _headers, body = send(an_event(), beacon(writer=tail))
    assert status == 503
    assert "Send it again" in json.loads(body)["detail"]


def test_events_too_old_to_know_repeats_are_refused_and_counted() -> None:
    old = an_event(NOW - timedelta(hours=48))
    status, _headers, body = send([old, an_event()])
    assert (status, json.loads(body)) == (202, {"taken": 1, "too_old": 1})
    assert EventCount.objects.get().count == 1
    assert EventTail.objects.count() == 1


def test_a_browser_with_a_wrong_clock_is_corrected() -> None:
    theirs = NOW - timedelta(days=400)
    send(an_event(theirs, sent=int((theirs + timedelta(seconds=5)).timestamp() * 1000)))
    assert stored()[0].at == to_micros(NOW - timedelta(seconds=5))
    send(an_event(NOW + timedelta(days=3)))
    assert stored()[1].at == to_micros(NOW)


def test_only_known_sites_may_send_once_there_are_some() -> None:
    Site.objects.create(name="Shop", domain="shop.example")
    assert send(an_event())[0] == 202
    assert send(an_event(url="https://en.shop.example/"))[0] == 202
    assert send(an_event(url="https://evilshop.example/"))[0] == 403
    assert send(an_event(), HTTP_ORIGIN="https://evil.example")[0] == 403
    assert send(an_event(), HTTP_ORIGIN="https://www.shop.example")[0] == 202
    assert {event.site for event in stored()} == {"shop.example"}
    assert len(stored()) == 3


def test_an_address_that_sends_too_much_has_to_wait() -> None:
    clock = [0.0]
    made = beacon(rates=Rates(2, 10, clock=lambda: clock[0]))
    assert [send([an_event()] * 4, made)[0] for _time in range(3)] == [202, 202, 429]
    clock[0] = 2.0
    assert send([an_event()] * 4, made)[0] == 202
    assert send(an_event(), made, REMOTE_ADDR="203.0.113.8")[0] == 202


def test_without_consent_a_visitor_is_one_for_a_day_and_nobody_after() -> None:
    send(an_event())
    send(an_event(visitor="not made by the script"))
    tomorrow = beacon(clock=lambda: to_micros(NOW + timedelta(days=1)) * 1000)
    send(an_event(NOW + timedelta(days=1)), tomorrow)
    send(an_event(), REMOTE_ADDR="203.0.113.8")
    first, again, later, other = (event.visitor for event in stored())
    assert first == again
    assert len({first, later, other}) == 3
    assert EventSalt.objects.count() == 2
    EventSalt.objects.all().delete()
    forget_salts()
    send(an_event())
    assert stored()[-1].visitor != first


def test_with_consent_a_visitor_stays_the_same() -> None:
    send(an_event(visitor=KNOWN))
    assert (stored()[0].visitor, stored()[0].consent) == (KNOWN, "yes")


@pytest.mark.parametrize("header", ["HTTP_SEC_GPC", "HTTP_DNT"])
def test_who_asks_for_privacy_is_never_recognised_beyond_the_day(header) -> None:
    send(an_event(visitor=KNOWN), **{header: "1"})
    assert stored()[0].visitor.startswith("d")
    assert stored()[0].consent == ""


def test_a_form_finds_the_same_visitor_as_the_beacon() -> None:
    send(an_event())
    request = {"REMOTE_ADDR": "203.0.113.7", "HTTP_USER_AGENT": CHROME}
    assert visitor_of(request, now=NOW) == stored()[0].visitor
    assert visitor_of(request, KNOWN, now=NOW) == KNOWN


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "crawler"),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", "assistant"),
        ("facebookexternalhit/1.1", "preview"), ("curl/8.5.0", "library"), ("", "library"), ("Mozilla/5.0", "library"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/141.0 Safari/537.36", "automation"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "mail"),
        (CHROME, ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1", ""),
        ("Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", ""),
    ],
)  # fmt: skip
def test_machines_are_kept_and_flagged_with_a_reason(agent, reason) -> None:
    assert send(an_event(), HTTP_USER_AGENT=agent)[0] == 202
    assert stored()[0].machine == reason


def test_a_signed_link_names_the_contact_and_a_forged_one_nobody() -> None:
    token = link_token(12)
    send([an_event(url=f"https://shop.example/?b={token}"), an_event(url=f"https://shop.example/?b={token[:-2]}xx")])
    assert [event.contact for event in stored()] == [12, None]
    assert token not in EventTail.objects.first().row


def test_control_characters_and_halves_of_characters_do_no_harm() -> None:
    send(an_event(url="https://shop.example/a\u0000b?utm_campaign=%00x%F0", props={"a": "x\u0000y\ud800z"}))
    (event,) = stored()
    assert "\x00" not in EventTail.objects.get().row
    assert json.loads(event.props)["a"] == "xyz"


def test_the_script_is_small_and_keeps_nothing_before_consent() -> None:
    script = small_script()
    assert len(gzip.compress(script.encode(), 9)) <= MAX_GZIPPED
    assert "cookie" not in script
    before, _consent, after = script.partition("consent:function")
    assert "setItem" not in before
    assert after.count("setItem") == 1
    status, headers, body = send(b"", method="GET", path="/b.js")
    assert (status, body.decode()) == (200, script)
    assert headers["Content-Type"].startswith("text/javascript")
