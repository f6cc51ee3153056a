"""How often strangers' addresses may be written to, and how an address is shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

APART = timedelta(hours=24)  # between two confirmation mails to one address, whatever the topic
MOST_OF_A_NETWORK = (
    60  # confirmation mails that one network address may cause in an hour; an office or a fair stays under
)
NETWORK_SPAN = timedelta(hours=1)


def mail_from(now: datetime, to_address: datetime | None, of_network: Sequence[datetime]) -> datetime:
    """When the next confirmation mail may go out: `now`, or later.

    `to_address` is when the address had its last one, `of_network` when those went out that the asking network caused
    in the last hour, the oldest first.
    """
    at = now
    if to_address:
        at = max(at, to_address + APART)
    if len(of_network) >= MOST_OF_A_NETWORK:
        at = max(at, of_network[-MOST_OF_A_NETWORK] + NETWORK_SPAN)
    return at


def one_click_fault(base_url: str) -> str:
    """Why mail programs will not offer one-click unsubscribe, with the mend; "" where nothing stands against it.

    RFC 8058 section 3.1 asks for an https address in List-Unsubscribe; Gmail and Yahoo ask bulk senders for RFC 8058.
    """
    if base_url.startswith("https://"):
        return ""
    return _("BATON_URL is not https: one-click unsubscribe does not work (RFC 8058). Put a TLS proxy in front.")


def shown_address(email: str) -> str:
    """Enough of an address to know it by, for a page that may be forwarded with the mail."""
    local, _, domain = email.partition("@")
    return f"{local[:2]}…@{domain}" if domain else ""
