"""Products: matched by code."""

from __future__ import annotations

from typing import Any

from baton.exchange.imports.loaders.base import (
    CREATED,
    REFUSED,
    SKIPPED,
    UPDATED,
    Batch,
    Loader,
    Outcome,
    differing,
    keep_ids,
    set_values,
)
from baton.platform.money import MICROS
from baton.platform.organisation import organisation
from baton.sales.products.models import Product

FIELDS = {
    "external_id": "text", "name": "text", "code": "text", "family": "text", "description": "text", "price": "decimal",
    "cost": "decimal", "currency": "text", "tax_percent": "decimal",
}  # fmt: skip


def load(batch: Batch) -> list[Outcome]:
    codes = [_code(row) for _number, row in batch.rows]
    there = {one.code: one for one in Product.objects.filter(code__in=codes)}
    currency = organisation().currency
    return [_one(batch, number, row, there, currency) for number, row in batch.rows]


def _one(batch: Batch, number: int, row: dict[str, Any], there: dict[str, Product], currency: str) -> Outcome:
    code = _code(row)
    if not code or row.get("price") is None:
        return Outcome(number, REFUSED, reason="a product needs a name or code, and a price")
    values = {
        "name": (row.get("name") or code)[:200],
        "family": row.get("family"),
        "description": row.get("description"),
        "currency": row.get("currency") or currency,
        "price_micros": int(row["price"] * MICROS),
        "cost_micros": None if row.get("cost") is None else int(row["cost"] * MICROS),
        "tax_bp": None if row.get("tax_percent") is None else int(row["tax_percent"] * 100),
    }
    product = there.get(code)
    before = differing(product, values) if product else None
    if product and not before:
        return Outcome(number, SKIPPED, product)
    kind, product = (UPDATED, product) if product else (CREATED, Product(code=code))
    if not batch.dry:
        set_values(product, values)
        product.save()
        keep_ids(batch.source, "products", [(row.get("external_id") or "", product.pk)])
    there[code] = product
    return Outcome(number, kind, product, before)


def _code(row: dict[str, Any]) -> str:
    return (row.get("code") or row.get("external_id") or row.get("name") or "")[:60]


LOADER = Loader("products", FIELDS, load)
