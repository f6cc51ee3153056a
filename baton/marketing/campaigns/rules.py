"""Links that carry where they stand. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def tagged(address: str, **values: str) -> str:
    """The address with utm_source, utm_medium ... of `values` that are not empty; only these replace what it had.

    Without an address only the parameters are given.
    """
    told = {f"utm_{name}": value for name, value in values.items() if value}
    if not address:
        return urlencode(told)
    parts = urlsplit(address if "//" in address else f"https://{address}")
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in told]
    return urlunsplit(parts._replace(query=urlencode([*kept, *told.items()])))
