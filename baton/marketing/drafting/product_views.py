"""The list of products in the editor's dialog."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from baton.marketing.drafting.products import MOST, products_to_show
from baton.platform.accounts.access import Request, may


@require_GET
@may("marketing.change")
def products_for_email(request: Request) -> HttpResponse:
    """A part: the products that fit `q`, each a button that holds what is put into the mail."""
    text = request.GET.get("q", "").strip()[:100]
    found = products_to_show(text)
    context = {"products": found[:MOST], "has_more": len(found) > MOST, "text": text}
    return render(request, "marketing/drafting/_products.html", context)
