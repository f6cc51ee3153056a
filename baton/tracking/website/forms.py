"""The form of a site."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from baton.tracking.collect.models import Site

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class SiteForm(forms.ModelForm):
    """Name and domain; an address that was pasted whole becomes its domain."""

    class Meta:
        model = Site
        fields = ["name", "domain"]
        help_texts = {"domain": _("Such as example.com; its subdomains are included.")}

    def clean_domain(self) -> str:
        told = self.cleaned_data["domain"].strip().lower()
        host = re.sub(r"^[a-z]+://", "", told).partition("/")[0].partition(":")[0].removeprefix("www.")
        try:
            host = host.encode("idna").decode() if not host.isascii() else host
        except UnicodeError:
            host = ""
        if not _DOMAIN.fullmatch(host):
            raise forms.ValidationError(_("Write a domain such as example.com."))
        return host
