"""The verbs of products: create and change. Imports call the same two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.sales.products.models import Product

FIELDS = (
    "name",
    "code",
    "family",
    "description",
    "currency",
    "price_micros",
    "cost_micros",
    "tax_bp",
    "is_active",
)


@transaction.atomic
def create_product(*, actor: User | None, now: datetime, **fields: Any) -> Product:
    """Make a product of FIELDS; `name`, `code`, `currency` and `price_micros` are needed. Raises Refusal."""
    _refuse(fields)
    _refuse_taken(fields["code"])
    product = Product.objects.create(created_at=now, changed_at=now, **fields)
    journal.record("product.created", product, actor=actor, **fields)
    return product


@transaction.atomic
def change_product(
    product: Product, changes: dict[str, Any], *, actor: User | None, now: datetime, seen_revision: int | None = None
) -> Product:
    """Set fields of a product; quotes and orders keep what they copied. Raises Refusal, ChangedMeanwhile."""
    changed = {name: value for name, value in changes.items() if getattr(product, name) != value}
    if not changed:
        return product
    _refuse({name: getattr(product, name) for name in FIELDS} | changed)
    if "code" in changed:
        _refuse_taken(changed["code"], but=product)
    product.claim_revision(seen_revision)
    before = {name: getattr(product, name) for name in changed}
    for name, value in changed.items():
        setattr(product, name, value)
    product.save(update_fields=list(changed))
    journal.record("product.changed", product, actor=actor, before=before, after=changed)
    return product


def _refuse(fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"no such field of a product: {sorted(unknown)}")
    if not fields.get("name") or not fields.get("code"):
        raise Refusal(_("A product needs a name and a code."))
    if fields["price_micros"] < 0 or (fields.get("cost_micros") or 0) < 0:
        raise Refusal(_("Price and cost are zero or more."))
    if not 0 <= fields.get("tax_bp", 0) <= 10_000:
        raise Refusal(_("Tax is a percentage from 0 to 100."))


def _refuse_taken(code: str, *, but: Product | None = None) -> None:
    if Product.objects.filter(code=code).exclude(pk=but.pk if but else 0).exists():
        raise Refusal(_("The code %(code)s belongs to another product.") % {"code": code})
