"""Search for people and for the palette, and the style guide."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from baton.platform.accounts.access import Request, public, signed_in
from baton.platform.accounts.models import User

FEW, MANY = 12, 60


@signed_in
def search(request: Request) -> HttpResponse:
    """Find records by words: a page, or JSON for the palette (`format=json`)."""
    text = request.GET.get("q", "").strip()
    as_json = request.GET.get("format") == "json"
    found = _find(request.user, text, FEW if as_json else MANY) if len(text) > 1 else []
    if as_json:
        return JsonResponse({"results": found})
    return render(request, "shell/search.html", {"text": text, "found": found})


def _find(user: User, text: str, limit: int) -> list[dict[str, str]]:
    reads = import_module("baton.platform.search.reads")
    return [_as_row(hit) for hit in reads.find(user, text, limit)]


def _as_row(hit: Any) -> dict[str, str]:
    # A hit may be a row or a dictionary: the palette wants five words of it.
    get = hit.get if isinstance(hit, dict) else lambda key, other="": getattr(hit, key, other)
    return {key: str(get(key, "") or "") for key in ("url", "label", "note", "kind", "kind_label")}


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page; only while debugging."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "shell/styleguide.html", {"now": timezone.now()})
