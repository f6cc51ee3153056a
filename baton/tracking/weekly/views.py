"""Asking for the week's figures by mail, and no longer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import Request, may
from baton.tracking.website import reads
from baton.tracking.weekly.models import WeeklyMail

LONGEST = WeeklyMail._meta.get_field("query").max_length or 0


@require_POST
@may("marketing.view")
def mail_weekly(request: Request) -> HttpResponse:
    """POST: mail the person who asks the week's figures each Monday, with the site and filters of `query`."""
    look = reads.look_at(QueryDict(request.POST.get("query", "")))
    query = look.query(**{"period": "", "from": "", "to": "", "against": ""})
    if len(query) > LONGEST:
        messages.warning(request, _("These filters are too long to be kept. Take one away first."))
        return redirect("website_shares")
    WeeklyMail.objects.get_or_create(user=request.user, query=query)
    messages.success(request, _("You get the week's figures by mail, each Monday at seven."))
    return redirect("website_shares")


@require_POST
@may("marketing.view")
def stop_weekly(request: Request, mail_id: int) -> HttpResponse:
    """POST: no more of these mails; only one's own."""
    get_object_or_404(WeeklyMail, pk=mail_id, user=request.user).delete()
    messages.success(request, _("You get no more of these mails."))
    return redirect("website_shares")
