"""Pages and verbs of products."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.platform.organisation import organisation
from baton.platform.pages import Sort, capped_count, page_of
from baton.sales.products import actions
from baton.sales.products.forms import ProductForm, as_typed
from baton.sales.products.models import Product
from baton.sales.products.reads import products_like

BY_NAME = Sort("name", False, gettext_lazy("name"))
SOLD = [("no", gettext_lazy("no longer sold")), ("all", gettext_lazy("all"))]


@require_GET
@may("sales.view")
def product_list(request: Request) -> HttpResponse:
    """Products as rows, fifty at a time; those sold now unless asked otherwise."""
    sold, text = request.GET.get("sold", ""), request.GET.get("q", "").strip()[:100]
    products = products_like(text)
    if sold != "all":
        products = products.filter(is_active=sold != "no")
    count, is_capped = capped_count(products)
    found = page_of(products, BY_NAME, request.GET.get("after", ""))
    context = {
        "products": found.rows,
        "next": found.next,
        "is_first": not request.GET.get("after"),
        "count": count + 1 if is_capped else count,
        "sold": sold,
        "sold_choices": SOLD,
        "text": text,
        "may_change": request.user.may("sales.change"),
    }
    return render(request, "sales/products/list.html", context)


@may("sales.manage")
def new_product(request: Request) -> HttpResponse:
    """The form of a new product, and POST: make it."""
    form = ProductForm(request.POST or None, initial={"currency": organisation().currency, "is_active": True})
    if request.method == "POST" and form.is_valid():
        try:
            product = actions.create_product(actor=request.user, now=timezone.now(), **form.values())
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("%(product)s can be sold now.") % {"product": product})
            return redirect("products")
    context = {"form": form, "product": None}
    return render(request, "sales/products/form.html", context, status=422 if form.is_bound else 200)


@may("sales.manage")
def product_page(request: Request, product_id: int) -> HttpResponse:
    """A product's form, and POST: change it."""
    product = get_object_or_404(Product.objects.live(), pk=product_id)
    form = ProductForm(request.POST or None, initial=as_typed(product))
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("revision", "")
        try:
            actions.change_product(
                product,
                form.values(),
                actor=request.user,
                now=timezone.now(),
                seen_revision=int(seen) if seen.isdecimal() else None,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved. Quotes made before keep their price."))
            return redirect("products")
    context = {"form": form, "product": product}
    return render(request, "sales/products/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@may("sales.manage")
def sell(request: Request, product_id: int) -> HttpResponse:
    """POST: sell a product (`on` = 1) or stop selling it."""
    product = get_object_or_404(Product.objects.live(), pk=product_id)
    on = request.POST.get("on") == "1"
    actions.change_product(product, {"is_active": on}, actor=request.user, now=timezone.now())
    messages.success(request, _("Sold again.") if on else _("No longer offered; quotes made before keep it."))
    return redirect("products")
