"""Forms of deliverability: the sending rules, and addresses to be put on the suppression list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.people.contacts.rules import clean_email
from baton.people.deliveries.models import MailRules, Suppression

MOST_PASTED = 10_000
Reason = Suppression.Reason


class MailRulesForm(forms.ModelForm):
    """How much mail a person gets, and when."""

    class Meta:
        model = MailRules
        fields = [
            "cap_messages", "cap_days", "quiet_from", "quiet_until", "skips_role_addresses", "soft_failures",
            "soft_days", "asks_confirmation",
        ]  # fmt: skip
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        help_texts = {
            "cap_messages": gettext_lazy("Marketing mails of all kinds together; 0 for no limit."),
            "quiet_from": gettext_lazy(
                "On the clock of each person’s own time zone. Empty: mail goes out at any hour."
            ),
            "quiet_until": gettext_lazy("Mail that came due in between goes out at this hour."),
            "asks_confirmation": gettext_lazy("Each topic, and each form, may decide otherwise."),
            "soft_failures": gettext_lazy("Full or unreachable so many times in a row; 0: never."),
        }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        begins, ends = told.get("quiet_from"), told.get("quiet_until")
        if (begins is None) != (ends is None) and not self.errors:
            self.add_error("quiet_from" if begins is None else "quiet_until", _("Give both hours or neither."))
        if begins is not None and begins == ends:
            self.add_error("quiet_until", _("Quiet hours end at another hour than they begin."))
        return told


class SuppressForm(forms.Form):
    """Addresses that shall not be mailed any more, one a line."""

    emails = forms.CharField(
        label=gettext_lazy("Addresses"),
        help_text=gettext_lazy("One a line, also a whole list from the tool you come from."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        max_length=MOST_PASTED * 100,
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Because"),
        choices=[
            (Reason.OBJECTED, gettext_lazy("They objected to all marketing")),
            (Reason.COMPLAINED, gettext_lazy("They complained of spam")),
            (Reason.DEAD, gettext_lazy("The address does not exist")),
            (Reason.BY_HAND, gettext_lazy("We decided so")),
        ],
    )
    evidence = forms.CharField(
        label=gettext_lazy("Where you know it from"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("A phone call of 3 May")}),
    )

    def clean_emails(self) -> list[str]:
        lines = [line.strip(" ,;\t\r") for line in self.cleaned_data["emails"].splitlines()]
        asked = [line for line in lines if line]
        if len(asked) > MOST_PASTED:
            raise forms.ValidationError(
                _("At most %(most)s addresses at once; these are %(number)s. Nothing was changed.")
                % {"most": MOST_PASTED, "number": len(asked)}
            )
        wrong, emails = [], []
        for line in asked:
            try:
                emails.append(clean_email(line))
            except ValueError:
                wrong.append(line)
        if wrong:
            raise forms.ValidationError(
                _("These are no addresses: %(lines)s. Nothing was changed; mend or remove them.")
                % {"lines": ", ".join(wrong[:5]) + (" …" if len(wrong) > 5 else "")}
            )
        return list(dict.fromkeys(emails))
