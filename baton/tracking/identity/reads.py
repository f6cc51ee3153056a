"""Who visitors turned out to be, as the engines join it."""

from __future__ import annotations

import threading
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Sum

from baton.tracking.identity.models import VisitorClaim

_lock = threading.Lock()
_kept: tuple[Any, Any] = (None, None)


def held_claims() -> Any:
    """Arrow table visitor, contact of every claim that holds; read again only when a claim has come or gone."""
    import pyarrow as pa

    global _kept
    version = claims_version()
    with _lock:
        if _kept[0] == version:
            return _kept[1]
        pairs = list(VisitorClaim.objects.filter(holds=True).values_list("visitor", "contact_id"))
        visitors, contacts = zip(*pairs, strict=True) if pairs else ((), ())
        table = pa.table({"visitor": pa.array(visitors, pa.string()), "contact": pa.array(contacts, pa.int64())})
        _kept = (version, table)
        return table


def claims_version() -> tuple[Any, ...]:
    """Changes whenever the claims that hold change: every change adds a claim or removes one."""
    found = VisitorClaim.objects.aggregate(Max("pk"), Count("pk"), Sum("contact_id"), Max("visitor"))
    return *found.values(), transaction.get_connection().settings_dict["NAME"]


def contact_of(visitor: str) -> int | None:
    """The contact a visitor is held to be."""
    return VisitorClaim.objects.filter(visitor=visitor, holds=True).values_list("contact_id", flat=True).first()


def forget_claims() -> None:
    """Read claims anew; for tests."""
    global _kept
    _kept = (None, None)
