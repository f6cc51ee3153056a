"""Routing's table: the seats of the round robin."""

from django.conf import settings
from django.db import models


class Seat(models.Model):
    """One person's place in the round robin; who waited longest is next. A person has one seat."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_taken = models.BooleanField(default=True)
    last_assigned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["last_assigned_at", "pk"]

    def __str__(self) -> str:
        return str(self.user)
