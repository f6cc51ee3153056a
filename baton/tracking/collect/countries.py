"""The country of a network address, from a local file: COUNTRIES_FILE names a database in MaxMind's format (MMDB 2.0).

Any provider's will do that keeps the code as country/iso_code, country_code or country. The address itself is not kept.
Without a file the country is what the proxy in front says (CF-IPCountry), or unknown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from baton.platform.visitor import client_address

log = logging.getLogger("baton.events")

LOOK_AGAIN_SECONDS = 60.0


class CountriesFile:
    """A file that is read where it lies, and opened anew when a newer one has taken its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader: Any = None
        self._of: tuple[int, int] = (0, 0)
        self._looked_at = -LOOK_AGAIN_SECONDS

    def country(self, address: str) -> str:
        """ISO 3166 code of two letters; empty where the file does not know or cannot be read."""
        reader = self._opened()
        try:
            found = reader.get(address) if reader else None
        except ValueError:  # no address, or of IPv6 in a file of IPv4
            return ""
        return _code(found)

    def fault(self) -> str:
        """What is wrong with the file, as a sentence; empty when it can be read."""
        import maxminddb

        try:
            with maxminddb.open_database(self.path) as reader:
                return "" if reader.metadata().node_count else f"{self.path} is empty."
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            return f"{self.path} cannot be read: {error}."

    def _opened(self) -> Any:
        """The reader; the old one stays in use while a new file cannot be read."""
        import maxminddb

        if time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return self._reader
        self._looked_at = time.monotonic()
        try:
            found = self.path.stat()
            if (found.st_ino, found.st_mtime_ns) != self._of:
                self._reader = maxminddb.open_database(self.path)
                self._of = (found.st_ino, found.st_mtime_ns)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            log.warning("Countries of visitors are not known: %s", error)
        return self._reader


_files: dict[Path, CountriesFile] = {}


def country_of(environ: Mapping[str, Any]) -> str:
    """The country of a request's sender. `environ` is WSGI's."""
    path: Path | None = settings.COUNTRIES_FILE
    if path is None:
        return _letters(environ.get("HTTP_CF_IPCOUNTRY", ""))
    if path not in _files:
        _files[path] = CountriesFile(path)
    return _files[path].country(client_address(environ))


def countries_health() -> list[str]:
    """What is wrong with the file of countries, as sentences that say what to do."""
    fault = CountriesFile(settings.COUNTRIES_FILE).fault() if settings.COUNTRIES_FILE else ""
    return [f"{fault} Countries of visitors stay unknown: put a file in MaxMind's format there."] if fault else []


def _code(found: Any) -> str:
    """The code in a record: GeoLite2 and DB-IP keep it below "country", others at the top."""
    if not isinstance(found, dict):
        return ""
    country = found.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else found.get("country_code") or country
    return _letters(code)


def _letters(code: Any) -> str:
    """A code of two letters, in capitals; XX and T1 are a proxy's words for "unknown" and "Tor"."""
    is_code = isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha()
    return code.upper() if is_code and code.upper() != "XX" else ""
