"""What a person sets of an A/B test, and what each variant has of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.email import designs, writing
from baton.marketing.email.models import Broadcast
from baton.marketing.trials.models import Trial, TrialVariant
from baton.marketing.trials.rules import LETTERS
from baton.platform.forms import offer
from baton.tracking.goals.models import Goal

LONGEST_HOURS = 168


class TrialForm(forms.ModelForm):
    """How it is tested and decided."""

    test_percent = forms.IntegerField(min_value=1, max_value=100, label=gettext_lazy("Tested, in percent"))
    held_percent = forms.IntegerField(min_value=0, max_value=50, label=gettext_lazy("Held out, in percent"))
    wait_hours = forms.IntegerField(min_value=1, max_value=LONGEST_HOURS, label=gettext_lazy("Waiting time, in hours"))
    goal = forms.ModelChoiceField(
        Goal.objects.none(), required=False, label=gettext_lazy("Conversion"), empty_label=gettext_lazy("A lead opened")
    )

    class Meta:
        model = Trial
        fields = ["test_percent", "held_percent", "metric", "wait_hours", "if_unclear"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, goal=Goal.objects.all())
        held = self.instance
        if held.goal_match:
            self.fields["goal"].initial = Goal.objects.filter(kind=held.goal_kind, match=held.goal_match).first()
        self.fields["test_percent"].help_text = _("Cut equally among the variants; the rest waits for the winner.")
        self.fields["held_percent"].help_text = _("They get nothing, to show what the email brings at all.")
        self.fields["goal"].help_text = _("Also what the mailed are compared by with those held out.")
        self.fields["wait_hours"].help_text = _("Each person’s acts count for so long after their own mail.")

    def values(self) -> dict[str, Any]:
        """Field values for the action. The goal is kept in words."""
        told = {name: self.cleaned_data[name] for name in self.Meta.fields}
        goal = self.cleaned_data["goal"]
        kept = {"goal_name": goal.name, "goal_kind": goal.kind, "goal_match": goal.match} if goal else {}
        return {**told, "goal_name": "", "goal_kind": "", "goal_match": "", **kept}


class VariantForm(forms.ModelForm):
    """What one variant has of its own; every field left empty is as in the email."""

    hours_later = forms.IntegerField(
        min_value=0, max_value=LONGEST_HOURS, required=False, label=gettext_lazy("Hours later")
    )

    class Meta:
        model = TrialVariant
        fields = ["subject", "preheader", "sender_name", "hours_later", "mjml", "text"]
        widgets = {
            "mjml": forms.Textarea({"rows": 12, "spellcheck": "false"}),
            "text": forms.Textarea({"rows": 6}),
        }

    def __init__(self, broadcast: Broadcast, letter: str, *args: Any, **kwargs: Any) -> None:
        self.letter, self.broadcast = letter, broadcast
        super().__init__(*args, **{**kwargs, "prefix": letter.lower()})
        self.initial["hours_later"] = self.instance.hours_later or ""
        if broadcast.has_own_source and not self.instance.mjml:
            self.initial["mjml"] = broadcast.mjml  # to be changed; left as it is, it stays the email's
        for name in ("subject", "preheader", "sender_name"):
            self.fields[name].widget.attrs["placeholder"] = getattr(broadcast, name)

    @property
    def of_template(self) -> list[tuple[Any, str, str, str]]:
        """The template's fields: each with its input's name, what the variant has, and what the email has."""
        if self.broadcast.has_own_source:
            return []
        told = self.cleaned_fields if self.is_bound else self.instance.fields
        return [
            (field, f"{self.prefix}-field_{field.name}", told.get(field.name, ""),
             str(self.broadcast.fields.get(field.name, "")))
            for field in designs.DESIGNS[self.broadcast.design].fields
        ]  # fmt: skip

    @property
    def cleaned_fields(self) -> dict[str, str]:
        names = [field.name for field in designs.DESIGNS[self.broadcast.design].fields]
        told = {name: self.data.get(f"{self.prefix}-field_{name}", "")[:20_000] for name in names}
        return {} if self.broadcast.has_own_source else {name: value for name, value in told.items() if value.strip()}

    @property
    def is_used(self) -> bool:
        """Whether anything of it differs from the email."""
        if not self.is_bound:
            return bool(self.instance.pk)
        return bool(self.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in self.cleaned_fields.items():
            if name.startswith(("link", "image")) and not value.startswith(("http://", "https://", "{{")):
                self.add_error(None, _("An address starts with https://, not “%(value)s”.") % {"value": value[:60]})
        own = TrialVariant(**{name: cleaned.get(name) or "" for name in ("subject", "mjml", "text")})
        own.fields = self.cleaned_fields
        made = own.of(self.broadcast)
        source = made.mjml if made.has_own_source else designs.source_of(made.design, made.fields)
        try:
            writing.write(subject=made.subject, source=source, text=made.text, known={})
        except writing.BadWriting as error:
            self.add_error(None, str(error))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Only what is its own: nothing of a variant that is not used."""
        same = {name: getattr(self.broadcast, name) for name in ("subject", "preheader", "sender_name", "text")}
        same["mjml"] = _lines(self.broadcast.mjml) if self.broadcast.has_own_source else ""
        told = {name: self.cleaned_data.get(name) for name in self.Meta.fields}
        own = {name: value for name, value in told.items() if value and _lines(value) != same.get(name)}
        fields = {n: value for n, value in self.cleaned_fields.items() if value != self.broadcast.fields.get(n)}
        return {**own, "fields": fields} if fields else own


def _lines(value: Any) -> Any:
    """A text without what a browser does to its line ends."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def variant_forms(broadcast: Broadcast, trial: Trial | None, data: Any) -> list[VariantForm]:
    """A form for each letter but the email's own."""
    there = {variant.letter: variant for variant in trial.variants.all()} if trial else {}
    return [
        VariantForm(broadcast, letter, data, instance=there.get(letter) or TrialVariant(letter=letter))
        for letter in LETTERS[1:]
    ]
