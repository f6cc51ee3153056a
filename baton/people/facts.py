"""Facts of a record edited where they stand: what one small form sent, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from baton.platform.accounts.access import Request
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.fields.reads import with_typed

PREFIX = "custom-"


def typed_changes(request: Request, on: str, custom: dict[str, Any], editable: Iterable[str]) -> dict[str, Any]:
    """The fields sent: plain ones of `editable`, the owner as a user, and custom fields checked. Raises BadField."""
    sent = {name: request.POST[name] for name in editable if name in request.POST}
    changes: dict[str, Any] = dict(sent)
    if "owner" in sent:
        pk = sent["owner"]
        changes["owner"] = User.objects.filter(pk=pk, is_active=True).first() if pk.isdecimal() else None
    if any(name.startswith(PREFIX) for name in request.POST):
        changes["custom"] = with_typed(on, custom, request.POST, locale=request.user.locale or "en")
    return changes


def change_in_place(request: Request, record: Any, change: Callable[[], object], part: str, context: Any) -> Any:
    """Do `change` and answer with the facts drawn anew (htmx) or the record's page; a refusal says why on it."""
    try:
        change()
        refused = ""
    except Refusal as refusal:
        refused = str(refusal)
        record.refresh_from_db()
    if not request.headers.get("HX-Request"):
        messages.error(request, refused) if refused else messages.success(request, _("Saved."))
        return redirect(record)
    # All facts, not the one: the revision in every other small form has changed too.
    answer: HttpResponse = render(request, part, {**context(), "refused": refused, "saved": not refused})
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#facts", "outerHTML"
    return answer
