"""Reading products: those that fit some words."""

from __future__ import annotations

from django.db.models import Q

from baton.platform.record import RecordQuerySet
from baton.sales.products.models import Product


def products_like(text: str) -> RecordQuerySet:
    """Products with `text` in their name, code or family, sold or not; all of them where it is empty."""
    products = Product.objects.live()
    if not text:
        return products
    return products.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(family__icontains=text))
