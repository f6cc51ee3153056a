"""The website script in a real browser: what it sends, and that it keeps nothing before consent."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from baton.tracking.collect.script import small_script

pytestmark = pytest.mark.browser

PAGE = b"""<!doctype html><title>Shop</title><script defer src="/b.js"></script>
<button onclick="history.pushState({}, '', '/second')">next</button>
<a href="http://localhost:1/away" onclick="setTimeout(function () {}, 0); event.preventDefault()">away</a>
<a href="/files/Guide.PDF?key=secret" onclick="event.preventDefault()">guide</a>
<a href="/export" download onclick="event.preventDefault()">export</a>
<form id="ask" onsubmit="event.preventDefault()"><button>send</button></form>"""

CHANGES = "document.dispatchEvent(new Event('visibilitychange'))"
HIDE = f"Object.defineProperty(document, 'hidden', {{value: true, configurable: true}}); {CHANGES}"
SHOW = f"delete document.hidden; {CHANGES}"


class Heard(list[dict[str, Any]]):
    """What was sent to /e; `engagement` apart, for a slow browser tells of it wherever a page is left."""

    def __init__(self) -> None:
        super().__init__()
        self.engagement: list[dict[str, Any]] = []

    def hear(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            (self.engagement if event["name"] == "engagement" else self).append(event)


class Site(BaseHTTPRequestHandler):
    """Serves a page and the script, and remembers what is sent to /e. Nothing is found below /gone."""

    heard: Heard

    def do_GET(self) -> None:
        body = small_script().encode() if self.path == "/b.js" else PAGE
        self.send_response(404 if self.path.startswith("/gone") else 200)
        self.send_header("Content-Type", "text/javascript" if self.path == "/b.js" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.heard.hear(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[tuple[str, Heard]]:
    heard = Heard()
    handler = type("Heard", (Site,), {"heard": heard})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


def until(page: Any, heard: list[dict[str, Any]], names: list[str]) -> None:
    """Wait until these events have been heard, in this order."""
    for _ in range(100):
        if [event["name"] for event in heard] == names:
            return
        page.wait_for_timeout(50)
    assert [event["name"] for event in heard] == names


def test_views_moves_links_forms_and_own_events_are_told(page, site) -> None:
    address, heard = site
    page.goto(f"{address}/first?utm_source=x&b=secret#part")
    until(page, heard, ["pageview"])
    assert page.evaluate("location.search") == "?utm_source=x"
    page.click("text=next")
    page.evaluate("baton.track('video played', {title: 'Tour'}, {value: 4900, currency: 'EUR'})")
    page.click("text=away")
    page.click("text=send")
    until(page, heard, ["pageview", "pageview", "video played", "outbound link", "form sent"])
    assert [event["url"].replace(address, "") for event in heard[:2]] == ["/first?utm_source=x&b=secret", "/second"]
    assert (heard[2]["props"], heard[2]["value"], heard[2]["currency"]) == ({"title": "Tour"}, 4900, "EUR")
    assert heard[3]["props"] == {"to": "http://localhost:1/away"}
    assert heard[4]["props"] == {"form": "ask"}
    assert all(re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", event["id"]) for event in heard)
    assert len({event["id"] for event in heard}) == 5


def test_nothing_is_kept_before_consent_and_nothing_after_it_is_taken_back(page, site) -> None:
    address, heard = site
    page.goto(address)
    until(page, heard, ["pageview"])
    assert heard[0]["visitor"] == ""
    kept = "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
    assert page.evaluate(kept) == "{}{}"
    page.evaluate("baton.consent(true)")
    until(page, heard, ["pageview", "consent given"])
    assert re.fullmatch(r"v[0-9a-f]{24}", heard[1]["visitor"])
    assert page.evaluate("document.cookie") == ""
    page.goto(f"{address}/again")
    until(page, heard, ["pageview", "consent given", "pageview"])
    assert heard[2]["visitor"] == heard[1]["visitor"]
    page.evaluate("baton.consent(false)")
    until(page, heard, ["pageview", "consent given", "pageview", "consent withdrawn"])
    assert heard[3]["visitor"] == ""
    assert page.evaluate(kept) == "{}{}"


def test_downloads_are_told_by_their_file_without_its_query(page, site) -> None:
    address, heard = site
    page.goto(address)
    until(page, heard, ["pageview"])
    page.click("text=guide")
    page.click("text=export")
    until(page, heard, ["pageview", "file downloaded", "file downloaded"])
    assert [event["props"]["file"].replace(address, "") for event in heard[1:]] == ["/files/Guide.PDF", "/export"]


@pytest.mark.parametrize("asks", ["globalPrivacyControl: true", "doNotTrack: '1'"])
def test_a_browser_that_asks_for_privacy_keeps_nothing_even_after_consent(page, site, asks) -> None:
    address, heard = site
    name, _colon, value = asks.partition(": ")
    page.add_init_script(f"Object.defineProperty(navigator, '{name}', {{get: function () {{ return {value}; }}}})")
    page.goto(address)
    page.evaluate("baton.consent(true)")
    until(page, heard, ["pageview", "consent given"])
    assert heard[1]["visitor"] == ""
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_what_waits_is_sent_when_the_page_is_left(page, site) -> None:
    address, heard = site
    page.goto(address)
    until(page, heard, ["pageview"])
    page.evaluate("baton.track('last word'); location.href = '/other'")
    until(page, heard, ["pageview", "last word", "pageview"])
    assert heard[2]["referrer"] == f"{address}/"


def test_it_is_told_how_long_and_how_far_a_page_was_read(page, site) -> None:
    address, heard = site
    page.clock.install()
    page.goto(f"{address}/first?utm_campaign=spring")
    page.evaluate("document.body.style.height = '4000px'")
    page.clock.run_for(7_000)
    page.evaluate(f"window.scrollTo(0, 4000); {HIDE}")
    page.clock.run_for(60_000)  # nobody sees it
    page.evaluate(SHOW)
    page.clock.run_for(3_000)
    page.click("text=next")
    page.clock.run_for(1_000)
    until(page, heard.engagement, ["engagement"] * 2)
    assert [event["props"]["seconds"] for event in heard.engagement] == [7, 3]
    assert heard.engagement[1]["props"]["scroll"] > 90
    assert [event["url"] for event in heard.engagement] == [f"{address}/first"] * 2  # a campaign would begin a visit


def test_a_page_left_open_past_the_visits_end_tells_nothing_more(page, site) -> None:
    address, heard = site
    page.clock.install()
    page.goto(address)
    page.clock.run_for(1_000)
    until(page, heard, ["pageview"])
    page.clock.run_for(31 * 60_000)
    page.evaluate("baton.track('late')")
    page.click("text=next")
    page.clock.run_for(1_000)
    until(page, heard, ["pageview", "late", "pageview"])
    assert len(heard.engagement) == 1  # told with "late", which began another visit
    page.clock.run_for(31 * 60_000)
    page.evaluate(HIDE)
    page.evaluate("baton.track('later')")
    page.clock.run_for(1_000)
    until(page, heard, ["pageview", "late", "pageview", "later"])
    assert len(heard.engagement) == 1


def test_a_page_that_is_not_there_is_told(page, site) -> None:
    address, heard = site
    page.goto(f"{address}/gone/away")
    until(page, heard, ["pageview", "not found"])
    assert heard[1]["props"] == {"status": 404}
    assert heard[1]["url"] == f"{address}/gone/away"
