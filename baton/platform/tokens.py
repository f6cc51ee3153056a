"""Random public tokens for addresses that strangers may hold."""

import base64
import os
import secrets


def new_token() -> str:
    """128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)


def new_tokens(number: int) -> list[str]:
    """Many at once: asking the machine for its random bits is most of what one costs."""
    bits = os.urandom(16 * number)
    return [base64.urlsafe_b64encode(bits[at : at + 16]).rstrip(b"=").decode() for at in range(0, len(bits), 16)]
