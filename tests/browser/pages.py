"""Going to a page as a person who is signed in, and knowing that it has all it loads."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import Client

from baton.platform.accounts.models import User

SETTLED = "body:not(:has(.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added))"  # htmx listens again
WHOLE = "body:not(:has(.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added, [hx-trigger=load]))"


def sign_in(page: Any, live_server: Any, user: User) -> None:
    """From now on the window is this person's; the form by which one signs in has a story of its own."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])


def visit(page: Any, address: str) -> None:
    """Go there and wait until the parts that a page fetches by itself are in their places."""
    page.goto(address)
    page.wait_for_selector(WHOLE, state="attached")
