"""What a person types of pacing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.pacing.models import WarmUp
from baton.people.contacts.rules import clean_domain


class WarmUpForm(forms.ModelForm):
    """A domain's warm-up."""

    growth_percent = forms.IntegerField(
        label=gettext_lazy("More each day, in percent"), min_value=0, max_value=200, initial=50,
        help_text=gettext_lazy("50: 50, 75, 112, 168 ... Providers distrust more than double."),
    )  # fmt: skip

    class Meta:
        model = WarmUp
        fields = ["domain", "starts_on", "gmail", "outlook", "yahoo", "others", "growth_percent", "full"]
        widgets = {"starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {
            "domain": gettext_lazy("What stands behind the @ of the sender’s address."),
            "starts_on": gettext_lazy("Before it, the first day’s numbers hold."),
            "gmail": gettext_lazy("0 for no limit."),
            "full": gettext_lazy("A provider’s limit ends when it would grow to this."),
        }

    def clean_domain(self) -> str:
        try:
            domain = clean_domain(self.cleaned_data["domain"])
        except ValueError:
            domain = ""
        if not domain:
            raise forms.ValidationError(_("Give a domain such as news.example.com."))
        return domain


class ThrottleForm(forms.Form):
    """How many an hour."""

    per_hour = forms.IntegerField(
        label=gettext_lazy("At most an hour"), min_value=1, max_value=10_000_000, required=False
    )
