"""Random public tokens for addresses that strangers may hold."""

import secrets


def new_token() -> str:
    """128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)
