"""Which hosts may send events, read again every half minute."""

from __future__ import annotations

import threading
import time

from baton.tracking.collect.models import Site
from baton.tracking.collect.visitors import close_old_connections_unless_in_use

KEPT_SECONDS = 30.0


class KnownSites:
    """Answers which site a host belongs to. With no site at all every host is its own site."""

    def __init__(self) -> None:
        self._domains: tuple[str, ...] = ()
        self._read_at = -KEPT_SECONDS
        self._lock = threading.Lock()

    def site_of(self, host: str) -> str | None:
        """The site's domain, or None for a host that is in no site while there are some."""
        if time.monotonic() - self._read_at >= KEPT_SECONDS:
            self._read()
        if not self._domains:
            return host
        for domain in self._domains:
            if host == domain or host.endswith(f".{domain}"):
                return domain
        return None

    def _read(self) -> None:
        with self._lock:
            close_old_connections_unless_in_use()
            domains = Site.objects.values_list("domain", flat=True)
            self._domains = tuple(sorted((domain.removeprefix("www.") for domain in domains), key=len, reverse=True))
            self._read_at = time.monotonic()
