"""The sites' table. One row is one website whose visits are collected."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.platform.tokens import new_token


class Site(models.Model):
    """A website. Once there is one, the beacon refuses events from a domain that is in no row."""

    name = models.CharField(_("Name"), max_length=100)
    domain = models.CharField(_("Domain"), max_length=253, unique=True)
    key = models.CharField(max_length=32, unique=True, default=new_token, editable=False)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
