"""Asking web servers: on loopback, with the guard told to let loopback through; and what the guard refuses."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from baton.platform import http
from baton.platform.tests.zone import Zone


def anywhere(address: str) -> bool:
    return True


@contextlib.contextmanager
def web_server(answers: dict[str, tuple[int, str]]) -> Iterator[tuple[str, list[str]]]:
    """Answers "VERB /path" with a status and a place to go to; gives its address and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            status, place = answers.get(asked[-1], answers.get(self.path, (404, "")))
            self.send_response(status)
            if place:
                self.send_header("Location", place)
            self.end_headers()

        do_GET = do_HEAD = answer

        def log_message(self, *words) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_head_is_enough_where_it_is_answered() -> None:
    with web_server({"/fine": (200, ""), "/moved": (301, "/fine")}) as (place, asked):
        assert http.ask_status(f"{place}/fine", is_allowed=anywhere).status == 200
        reply = http.ask_status(f"{place}/moved?a=1 2#x", is_allowed=anywhere)
        assert (reply.status, reply.url) == (404, f"{place}/moved?a=1 2#x")
        assert http.ask_status(f"{place}/moved", is_allowed=anywhere) == http.Reply(200, f"{place}/fine")
    assert asked[0] == "HEAD /fine"
    assert asked[1] == "HEAD /moved?a=1%202"


def test_get_is_tried_where_head_is_refused() -> None:
    with web_server({"HEAD /page": (405, ""), "GET /page": (200, ""), "/gone": (410, "")}) as (place, asked):
        assert http.ask_status(f"{place}/page", is_allowed=anywhere).status == 200
        assert http.ask_status(f"{place}/gone", is_allowed=anywhere).status == 410
    assert asked == ["HEAD /page", "GET /page", "HEAD /gone", "GET /gone"]


def test_redirects_end() -> None:
    with web_server({"/round": (302, "/round")}) as (place, _asked), pytest.raises(http.NoAnswer, match="redirects"):
        http.ask_status(f"{place}/round", is_allowed=anywhere)


def test_a_private_address_is_never_asked() -> None:
    zone = Zone({("inside.test", "A"): ["93.184.215.14", "10.0.0.8"]})
    with web_server({"/": (200, "")}) as (place, asked):
        for url in (
            place,
            "http://[::1]/",
            "http://169.254.169.254/",
            "http://[::ffff:10.0.0.1]/",
            "http://inside.test",
        ):
            with pytest.raises(http.PrivateAddress):
                http.ask_status(url, resolver=zone)
    assert asked == []


def test_a_redirect_into_the_house_is_not_followed() -> None:
    with web_server({"/out": (302, "http://10.0.0.8/secret")}) as (place, _asked), pytest.raises(http.PrivateAddress):
        http.ask_status(f"{place}/out", is_allowed=lambda address: address == "127.0.0.1")


@pytest.mark.parametrize(
    "url", ["ftp://acme.test/", "http://", "http:///x", "mailto:a@b.c", "http://a b/", "http://x:99999/"]
)
def test_what_is_no_web_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(http.NoAnswer):
        http.ask_status(url, resolver=Zone({}))


def test_an_unknown_name_nobody_listening_and_another_protocol() -> None:
    with pytest.raises(http.NoAnswer, match="not known"):
        http.ask_status("https://nowhere.test/", resolver=Zone({}))
    with pytest.raises(http.NoAnswer, match="nobody answers"):
        http.ask_status("https://mute.test/", resolver=Zone({}, mute=("mute.test",)))
    with pytest.raises(http.NoAnswer):
        http.ask_status("http://127.0.0.1:1/", is_allowed=anywhere)


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.1.1", "100.64.0.1",
                                     "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1",
                                     "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1"])  # fmt: skip
def test_what_is_not_of_the_open_internet(address: str) -> None:
    assert not http.is_public(address)


def test_what_is() -> None:
    assert http.is_public("93.184.215.14")
    assert http.is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
