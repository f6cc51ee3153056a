"""Random public tokens for addresses that strangers may hold."""

import base64
import os
import secrets
from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def new_token() -> str:
    """128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)


def holder_of(rows: QuerySet[M], token: str) -> M | None:
    """The record whose public token a stranger holds; None for one that was made up."""
    return rows.filter(token=token).first() if "\x00" not in token else None  # PostgreSQL takes no zero byte


def new_tokens(number: int) -> list[str]:
    """Many at once: asking the machine for its random bits is most of what one costs."""
    bits = os.urandom(16 * number)
    return [base64.urlsafe_b64encode(bits[at : at + 16]).rstrip(b"=").decode() for at in range(0, len(bits), 16)]
