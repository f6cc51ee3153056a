"""What people type about an activity and the step after it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from baton.sales.activities.actions import NextStep
from baton.sales.activities.models import Activity
from baton.sales.tasks.forms import when
from baton.sales.tasks.models import Task


class ActivityForm(forms.Form):
    """One thing done, and in the same form what comes next."""

    kind = forms.ChoiceField(choices=Activity.Kind.choices)
    outcome = forms.ChoiceField(choices=Activity.Outcome.choices, required=False)
    subject = forms.CharField(max_length=200, required=False)
    body = forms.CharField(max_length=20_000, required=False)
    at = forms.DateTimeField(required=False, label=_("When"))
    next_title = forms.CharField(max_length=200, required=False, label=_("Next step"))
    next_kind = forms.ChoiceField(choices=Task.Kind.choices, required=False)
    next_on = forms.DateField(required=False, label=_("Next step on"))
    next_time = forms.TimeField(required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("next_title") and not told.get("next_on"):
            self.add_error("next_on", _("Say on which day."))
        if told.get("kind") == Activity.Kind.NOTE and not (told.get("body") or told.get("subject")):
            self.add_error("body", _("An empty note was not kept."))
        return told

    def values(self) -> dict[str, Any]:
        """Keyword arguments of log_and_next, without kind and whom it was with."""
        told = self.cleaned_data
        return {
            "outcome": told["outcome"],
            "subject": told["subject"],
            "body": told["body"],
            "at": told["at"],
            "next_step": self._next_step(),
        }

    def _next_step(self) -> NextStep | None:
        told = self.cleaned_data
        if not told["next_title"]:  # the day may be filled in beforehand; the words make it a step
            return None
        kind = told["next_kind"] or Task.Kind.TODO
        due = when({"due_on": told["next_on"], "due_time": told["next_time"]})
        return NextStep(told["next_title"], due["due_at"], kind=kind, is_all_day=due["is_all_day"])
