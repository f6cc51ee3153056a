"""Telling people."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from baton.platform import jobs
from baton.platform.accounts.models import User
from baton.platform.jobs.models import Job
from baton.platform.notifications.models import Notification


def notify(user: User, kind: str, text: str, *, url: str = "", key: str | None = None) -> Notification:
    """Tell `user` one thing in the app and by mail. The same `key` tells it once, however often it is called."""
    values = {"user": user, "kind": kind, "text": text[:300], "url": url}
    if key is None:
        notice = Notification.objects.create(**values)
    else:
        notice, made = Notification.objects.get_or_create(key=key, defaults=values)
        if not made:
            return notice
    jobs.enqueue("notification.mail", key=f"notification:{notice.pk}", notification_id=notice.pk)
    return notice


def mail_notification(job: Job, *, notification_id: int) -> None:
    """Job: send a notification as mail, once. A row already mailed or read meanwhile is left alone."""
    notice = Notification.objects.select_related("user").get(pk=notification_id)
    if notice.mailed_at or notice.read_at or not notice.user.is_active:
        return
    link = f"{settings.BATON_URL}{notice.url}" if notice.url else settings.BATON_URL
    send_mail(notice.text, f"{notice.text}\n\n{link}\n", None, [notice.user.email])
    Notification.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


def mark_read(user: User, *, notification_id: int | None = None) -> int:
    """Mark one or all of the user's notifications as read; gives how many."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    return unread.update(read_at=timezone.now())
