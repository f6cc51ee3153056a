"""The form of a draft lead SLA."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.handoff.agreement.models import WEEKDAYS, Agreement
from baton.platform.dates import known_zones

LABELS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


class AgreementForm(forms.ModelForm):
    """Terms, clocks and business hours; a weekday without times is closed."""

    class Meta:
        model = Agreement
        fields = [
            "fit_at_least",
            "engagement_at_least",
            "accept_within_minutes",
            "attempt_within_minutes",
            "max_assignments",
            "rest_days",
            "zone",
            "note",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in zip(WEEKDAYS, LABELS, strict=True):
            opens, closes = self.instance.hours.get(day, ["", ""])
            self.fields[f"{day}_opens"] = forms.TimeField(label=label, required=False, initial=opens)
            self.fields[f"{day}_closes"] = forms.TimeField(label=label, required=False, initial=closes)

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"]
        if zone not in known_zones():
            raise forms.ValidationError(_now("Write a zone such as Europe/Berlin."))
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["hours"] = hours = {}
        for day in WEEKDAYS:
            opens, closes = cleaned.get(f"{day}_opens"), cleaned.get(f"{day}_closes")
            if opens and closes and opens < closes:
                hours[day] = [_clock(opens), _clock(closes)]
            elif opens or closes:
                self.add_error(f"{day}_opens", _now("Give an opening and a later closing time, or neither."))
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        """The draft's new values by field."""
        return {name: self.cleaned_data[name] for name in [*self.Meta.fields, "hours"]}


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"
