"""Sharing a look at the Website page, and the page behind the link."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from baton.platform import journal
from baton.platform.accounts.access import Request, may, public
from baton.platform.errors import OutsideFault
from baton.platform.organisation import organisation
from baton.platform.tokens import holder_of
from baton.tracking.shares.models import SharedLook
from baton.tracking.website import looks, reads
from baton.tracking.website.views import about, figures
from baton.tracking.weekly.models import WeeklyMail

MOST_SHARES = 50


@require_GET
@may("marketing.view")
def shares(request: Request) -> HttpResponse:
    """Every shared look with its link."""
    mine = WeeklyMail.objects.filter(user=request.user)
    context = {
        "shares": [(one, _place(one)) for one in SharedLook.objects.select_related("actor")],
        "weekly": [(one, reads.words_of(reads.look_at(QueryDict(one.query)))) for one in mine],
        "may_change": request.user.may("marketing.change"),
    }
    return render(request, "tracking/shares/shares.html", context)


@require_POST
@may("marketing.change")
def share(request: Request) -> HttpResponse:
    """POST: a link to the look of this address (`query`), that anyone may read who holds it."""
    look = reads.look_at(QueryDict(request.POST.get("query", "")))
    if SharedLook.objects.count() >= MOST_SHARES:
        messages.warning(request, _("There are %(most)s links already. Take one back first.") % {"most": MOST_SHARES})
        return redirect("website_shares")
    name = ", ".join(part for part in (str(looks.PERIODS[look.kind]), reads.words_of(look)) if part)
    made = SharedLook.objects.create(name=name[:120], query=look.query(), actor=request.user)
    journal.record("website.shared", made, actor=request.user, query=made.query)
    messages.success(request, _("Whoever holds the link can read this look, always as it is then."))
    return redirect("website_shares")


@require_POST
@may("marketing.change")
def unshare(request: Request, share_id: int) -> HttpResponse:
    """POST: the link leads nowhere from now on."""
    found = get_object_or_404(SharedLook, pk=share_id)
    journal.record("website.unshared", found, actor=request.user, query=found.query)
    found.delete()
    messages.success(request, _("The link leads nowhere any more."))
    return redirect("website_shares")


@require_safe
@public
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """A look for whoever holds its link: figures alone, nothing to click, nobody's name."""
    found = holder_of(SharedLook.objects.all(), token)
    if found is None:
        raise Http404
    look, now = reads.look_at(QueryDict(found.query)), timezone.now()
    context = about(look) | {"organisation": organisation(), "is_shared": True, "may_see_people": False}
    try:
        context |= figures(look, now)
        context["parts"] = {name: reads.lines(look, members[0], now) for name, members in reads.PANELS.items()}
    except OutsideFault as error:
        context["fault"] = str(error)
    answer = render(request, "tracking/shares/shared.html", context)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _place(one: SharedLook) -> str:
    return f"{settings.BATON_URL}{reverse('shared_look', kwargs={'token': one.token})}"
