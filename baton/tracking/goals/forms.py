"""The form of a goal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.platform.money import decimals, parse_scaled
from baton.platform.organisation import organisation
from baton.tracking.goals.models import Goal

MOST_MINOR = 10**13


class GoalForm(forms.ModelForm):
    """Name, what counts and, if it has one, the worth of one visit that reaches it."""

    worth = forms.CharField(label=_("Worth"), required=False, max_length=30)

    class Meta:
        model = Goal
        fields = ["name", "kind", "match"]
        help_texts = {"match": _("An event's name, such as order, or a path such as /thanks or /docs/*.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worth"].help_text = _now(
            "In %(currency)s, of one visit. Left empty, what the events tell is added up."
        ) % {"currency": organisation().currency}

    def clean_worth(self) -> int | None:
        try:
            scale = 10 ** decimals(organisation().currency)
            found = parse_scaled(self.cleaned_data["worth"], scale=scale, locale=get_language() or "en")
        except ValueError:
            raise forms.ValidationError(_("Write an amount such as 49.50.")) from None
        if found is not None and not 0 <= found <= MOST_MINOR:
            raise forms.ValidationError(_("Write an amount from 0 to %(most)s.") % {"most": MOST_MINOR // scale})
        return found

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") == Goal.Kind.PAGE and not (told.get("match") or "").startswith(("/", "*")):
            self.add_error("match", _("A path begins with /, as in /thanks."))
        return told

    def save(self, commit: bool = True) -> Goal:
        self.instance.value_minor = self.cleaned_data["worth"]
        return super().save(commit)
