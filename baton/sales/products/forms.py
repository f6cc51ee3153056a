"""What people type about a product, in their own way of writing numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from baton.platform.money import BASIS_POINTS, MICROS, decimals, format_scaled, parse_scaled
from baton.sales.products.models import Product

PERCENT = BASIS_POINTS // 100


class ScaledField(forms.CharField):
    """A number as typed, as a whole number `scale` times as large; empty is None."""

    def __init__(self, *, scale: int, most: int = 10**15, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.most = scale, most
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        try:
            found = parse_scaled(text.replace("%", ""), scale=self.scale, locale=translation.get_language() or "en")
        except ValueError:
            found = -1
        if found is not None and not 0 <= found <= self.most:
            raise forms.ValidationError(_("Write a number such as 1,250.50."))
        return found


class ProductForm(forms.Form):
    """A product. An empty cost is unknown, and so is every margin made with it."""

    name = forms.CharField(max_length=200, label=_("Name"))
    code = forms.CharField(max_length=60, label=_("Code"))
    family = forms.CharField(max_length=120, required=False, label=_("Family"))
    description = forms.CharField(
        required=False, max_length=2000, label=_("Description"), widget=forms.Textarea(attrs={"rows": 3})
    )
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), help_text=_("Three letters, such as EUR."))
    price = ScaledField(scale=MICROS, label=_("Price"))
    cost = ScaledField(
        scale=MICROS, required=False, label=_("Cost"), help_text=_("Left empty, margins with it are unknown.")
    )
    tax = ScaledField(scale=PERCENT, most=BASIS_POINTS, required=False, label=_("Tax %"))
    is_active = forms.BooleanField(required=False, initial=True, label=_("Sold now"))

    def values(self) -> dict[str, Any]:
        """As actions take it."""
        told = self.cleaned_data
        plain = {name: told[name] for name in ("name", "code", "family", "description", "currency", "is_active")}
        return {**plain, "price_micros": told["price"], "cost_micros": told["cost"], "tax_bp": told["tax"] or 0}


def as_typed(product: Product) -> dict[str, Any]:
    """A product as its form shows it."""
    locale, digits = translation.get_language() or "en", decimals(product.currency)

    def price(micros: int | None) -> str:
        return "" if micros is None else format_scaled(micros, scale=MICROS, locale=locale, least=digits)

    plain = {
        name: getattr(product, name) for name in ("name", "code", "family", "description", "currency", "is_active")
    }
    tax = format_scaled(product.tax_bp, scale=PERCENT, locale=locale, most=2)
    return {**plain, "price": price(product.price_micros), "cost": price(product.cost_micros), "tax": tax}
