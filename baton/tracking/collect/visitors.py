"""Who a visitor is without a cookie: a key of one day that nobody can turn back once the day's salt is gone."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from baton.platform.visitor import client_address
from baton.tracking.store.models import EventSalt

CONSENTED = re.compile(r"v[0-9a-f]{24}")  # what the script keeps in the browser after baton.consent(true)
_lock = threading.Lock()
_salts: dict[tuple[str, date], bytes] = {}


def visitor_of(environ: Mapping[str, Any], told: str = "", *, now: datetime) -> str:
    """The visitor behind a request: `told` by a browser that has consented, else the anonymous key of the day.

    `environ` is WSGI's (request.META). A browser that sends Global Privacy Control or Do Not Track is never recognised
    beyond the day, whatever it tells.
    """
    if told and not asks_for_privacy(environ) and CONSENTED.fullmatch(told):
        return told
    text = f"{client_address(environ)}|{environ.get('HTTP_USER_AGENT', '')}"
    return "d" + blake2b(text.encode(), digest_size=12, key=_salt_of(now.date())).hexdigest()


def asks_for_privacy(environ: Mapping[str, Any]) -> bool:
    """Whether the browser asks not to be followed (Sec-GPC or DNT)."""
    return environ.get("HTTP_SEC_GPC") == "1" or environ.get("HTTP_DNT") == "1"


def _salt_of(day: date) -> bytes:
    place = (settings.SECRET_KEY, day)
    found = _salts.get(place)
    if found is None:
        with _lock:
            close_old_connections_unless_in_use()
            row, _made = EventSalt.objects.get_or_create(day=day, defaults={"salt": secrets.token_hex(32)})
            _salts.clear()
            found = _salts[place] = bytes.fromhex(row.salt)
    return found


def close_old_connections_unless_in_use() -> None:
    """Let go of connections the server has closed, as Django does between requests; not inside a transaction."""
    from django.db import connections

    if not any(connections[alias].in_atomic_block for alias in connections):
        close_old_connections()


def forget_salts() -> None:
    """Read salts anew; for tests."""
    _salts.clear()
