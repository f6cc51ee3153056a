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


class Site(BaseHTTPRequestHandler):
    """Serves a page and the script, and remembers what is sent to /e."""

    heard: list[dict[str, Any]]

    def do_GET(self) -> None:
        body = small_script().encode() if self.path == "/b.js" else PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path == "/b.js" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.heard.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    heard: list[dict[str, Any]] = []
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
