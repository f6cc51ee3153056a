"""What a person types of a topic, and of what someone told them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.people.consent.actions import Evidence
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.consent.rules import BASES, CONSENT, RESTS_ON_SOMETHING, last_day

MOST_DAYS = 60


class TopicForm(forms.ModelForm):
    """A topic: what it is called, who sees it, and the mail that asks for confirmation."""

    confirm_days = forms.IntegerField(
        label=gettext_lazy("The link is good for days"), min_value=1, max_value=MOST_DAYS, initial=7
    )

    class Meta:
        model = ConsentTopic
        fields = ["label", "explanation", "purpose", "is_public", "needs_confirmation", "confirm_days",
                  "confirm_subject", "confirm_text"]  # fmt: skip
        widgets = {
            "explanation": forms.Textarea(attrs={"rows": 2}),
            "confirm_text": forms.Textarea(attrs={"rows": 13}),
        }
        help_texts = {
            "explanation": gettext_lazy("Stands under the name in the preference centre."),
            "confirm_text": gettext_lazy(
                "{link}, {topic} and {organisation} are filled in. Without {link} the link follows the text. Empty: "
                "what stands there in grey."
            ),
            "confirm_subject": gettext_lazy("{topic} and {organisation} are filled in."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["purpose"]  # what was agreed to for one purpose is not agreed to for the other

    def show_when_empty(self, **words: str) -> None:
        """Stand these words in grey in the fields of that name."""
        for name, text in words.items():
            self.fields[name].widget.attrs["placeholder"] = text

    def clean_confirm_subject(self) -> str:
        return " ".join(self.cleaned_data["confirm_subject"].split())

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields}


class ToldForm(forms.Form):
    """What a contact told someone: yes or no, on which basis, when and how. The last day follows from the basis."""

    state = forms.ChoiceField(
        label=gettext_lazy("They"),
        choices=[(Consent.State.GIVEN, gettext_lazy("agreed")), (Consent.State.WITHDRAWN, gettext_lazy("withdrew"))],
    )
    how = forms.CharField(label=gettext_lazy("How"), max_length=110)
    basis = forms.ChoiceField(label=gettext_lazy("Basis"), choices=BASES, required=False)
    told_on = forms.DateField(label=gettext_lazy("When"), required=False)
    rests_on = forms.CharField(label=gettext_lazy("Sale or inquiry it rests on"), max_length=200, required=False)
    ends_on = forms.DateField(label=gettext_lazy("Ends on"), required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        told["basis"] = told.get("basis") or CONSENT
        if told.get("state") != Consent.State.GIVEN:
            return told
        if told["basis"] in RESTS_ON_SOMETHING and not told.get("rests_on"):
            self.add_error("rests_on", _("Name the sale or inquiry that this rests on."))
        if told.get("told_on") and told["told_on"] > timezone.localdate():
            self.add_error("told_on", _("That day is still to come."))
        by_law = last_day(told["basis"], told.get("told_on") or timezone.localdate())
        told["ends_on"] = min(filter(None, [by_law, told.get("ends_on")]), default=None)
        if told["ends_on"] and told["ends_on"] < timezone.localdate():
            self.add_error("ends_on", _("That has ended already."))
        return told

    @property
    def evidence(self) -> Evidence:
        told = self.cleaned_data
        day = told.get("told_on")
        earlier = day if day and day != timezone.localdate() else None
        return Evidence(
            how=told["how"],
            basis=told["basis"],
            proof={"rests_on": told["rests_on"]} if told.get("rests_on") else {},
            told_at=timezone.make_aware(datetime.combine(earlier, time(12))) if earlier else None,
        )

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day."""
        day = self.cleaned_data.get("ends_on")
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None

    def said(self) -> str:
        """What is wrong, in one line."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)
