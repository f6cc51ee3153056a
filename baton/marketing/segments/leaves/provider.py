"""Who receives a contact's mail: the large providers by the address's domain, as an email's report counts them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap64

from baton.marketing.segments.leaves.look import CHUNK
from baton.people.returns.providers import provider_of

if TYPE_CHECKING:
    from baton.marketing.segments.leaves.look import Look


def found(leaf: dict[str, Any], look: Look) -> BitMap64:
    """Whose address the provider receives for; without an address nobody's."""
    by_domain = cache(provider_of)
    pairs = look.contacts().exclude(email="").values_list("pk", "email").iterator(chunk_size=CHUNK)
    return BitMap64([pk for pk, email in pairs if by_domain(email.rpartition("@")[2]) == leaf["provider"]])
