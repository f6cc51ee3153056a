"""One's own page, and what one was told."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.platform.accounts.access import Request, signed_in
from baton.platform.accounts.forms import ProfileForm
from baton.platform.notifications.actions import mark_read
from baton.platform.notifications.models import Notification

SHOWN = 100


@signed_in
def profile(request: Request) -> HttpResponse:
    """Who one is here: name, zone, formats, away; the doors to password and second factor."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    return render(request, "account/profile.html", {"form": form, "has_totp": is_mfa_enabled(request.user)})


@signed_in
def notifications(request: Request) -> HttpResponse:
    """What one was told, newest first."""
    told = Notification.objects.filter(user=request.user).order_by("-created_at", "-pk")[:SHOWN]
    return render(request, "account/notifications.html", {"told": list(told)})


@require_POST
@signed_in
def read_notifications(request: Request) -> HttpResponse:
    """POST: mark all as read."""
    mark_read(request.user)
    return redirect("notifications")


@require_POST
@signed_in
def open_notification(request: Request, notification_id: int) -> HttpResponse:
    """POST: mark one as read and go where it leads."""
    notice = get_object_or_404(Notification, pk=notification_id, user=request.user)
    mark_read(request.user, notification_id=notice.pk)
    is_ours = url_has_allowed_host_and_scheme(notice.url, {request.get_host()})
    return redirect(notice.url if is_ours else "notifications")
