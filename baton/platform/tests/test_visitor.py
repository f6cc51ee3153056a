"""Who is asking, also behind proxies; what is no address is none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from baton.platform.visitor import visitor_of


@pytest.mark.parametrize(
    ("proxies", "told", "ip"),
    [
        (0, {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "203.0.113.9"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}, "203.0.113.9"),
        (2, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "a lie, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"),
        (1, {"REMOTE_ADDR": "10.0.0.1"}, "10.0.0.1"),
        (1, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "<script>"}, None),
        (0, {"REMOTE_ADDR": "2001:DB8::1"}, "2001:db8::1"),
        (0, {"REMOTE_ADDR": ""}, None),
    ],
)
def test_the_address_is_the_one_the_outermost_proxy_saw(settings: Any, proxies: int, told: dict[str, str], ip) -> None:
    settings.PROXIES = proxies
    assert visitor_of(RequestFactory().get("/", **told)).ip == ip


def test_the_browsers_name_is_cut_and_holds_no_zero_byte() -> None:
    request = RequestFactory().get("/", HTTP_USER_AGENT="Phone\0/1 " + "x" * 400)
    agent = visitor_of(request).agent
    assert agent.startswith("Phone/1 x")
    assert len(agent) <= 250
