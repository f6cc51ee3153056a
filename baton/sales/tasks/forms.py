"""What people type about tasks."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.sales.tasks.models import Task

NOON = time(12)  # what a whole-day task carries, so that neighbouring zones agree on the day


class TaskForm(forms.Form):
    """A follow-up: what, when (a day, or a day and an hour), of which kind."""

    title = forms.CharField(max_length=200, label=_("What to do"))
    kind = forms.ChoiceField(choices=Task.Kind.choices, required=False, label=_("Kind"))
    due_on = forms.DateField(label=_("On"))
    due_time = forms.TimeField(required=False, label=_("At"))
    note = forms.CharField(required=False)

    def values(self) -> dict[str, Any]:
        """Keyword arguments of add_task, without whom it is for."""
        told = self.cleaned_data
        return {
            "title": told["title"],
            "kind": told["kind"] or Task.Kind.TODO,
            "note": told["note"],
            **when(told),
        }


class DueForm(forms.Form):
    due_on = forms.DateField(label=_("On"))
    due_time = forms.TimeField(required=False, label=_("At"))


def when(told: dict[str, Any]) -> dict[str, Any]:
    """`due_at` and `is_all_day` of a day and an optional hour in the reader's zone."""
    hour = told.get("due_time")
    moment = datetime.combine(told["due_on"], hour or NOON, timezone.get_current_timezone())
    return {"due_at": moment, "is_all_day": hour is None}
