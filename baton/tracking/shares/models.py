"""The shared looks' table."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.platform.tokens import new_token


class SharedLook(models.Model):
    """A look at the Website page, as its address tells it (`query`), open to whoever holds the link with `token`."""

    name = models.CharField(_("Name"), max_length=120)
    query = models.TextField(default="", blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name
