"""Forms of the settings."""

from __future__ import annotations

from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.platform.accounts.forms import UNTRANSLATED, zone_choices
from baton.platform.accounts.models import Team, User
from baton.platform.accounts.roles import ROLE_CHOICES
from baton.platform.fields.models import FieldDefinition
from baton.platform.organisation import Organisation

MONTHS = [(n, str(n)) for n in range(1, 13)]


def _https(field: models.Field, **options: Any) -> forms.Field | None:
    # An address typed without its scheme is taken as https.
    if isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


class OrganisationForm(forms.ModelForm):
    zone = forms.ChoiceField(
        choices=zone_choices,
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Days, weeks and quarters begin in it."),
        widget=forms.Select(attrs=UNTRANSLATED),
    )
    fiscal_year_starts = forms.TypedChoiceField(
        label=gettext_lazy("The fiscal year begins in month"), choices=MONTHS, coerce=int
    )

    class Meta:
        model = Organisation
        formfield_callback = _https
        fields = ["name", "postal_address", "website", "zone", "currency", "fiscal_year_starts"]
        labels = {
            "name": gettext_lazy("Name"),
            "postal_address": gettext_lazy("Postal address"),
            "website": gettext_lazy("Website"),
            "currency": gettext_lazy("Currency"),
        }
        help_texts = {"postal_address": gettext_lazy("Stands at the foot of every marketing mail, as the law asks.")}
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3})}

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].upper()
        if code not in list_currencies():
            raise forms.ValidationError(_("This is not a currency code. Write EUR, USD, GBP ..."))
        return code


class PersonForm(forms.ModelForm):
    """One who signs in: for adding and for changing."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLE_CHOICES)

    class Meta:
        model = User
        fields = ["name", "email", "role", "team"]
        labels = {"team": gettext_lazy("Team")}

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["name", "parent", "manager"]
        labels = {
            "name": gettext_lazy("Name"),
            "parent": gettext_lazy("Part of"),
            "manager": gettext_lazy("Manager"),
        }


class FieldForm(forms.ModelForm):
    """A custom field. Its key is made from the label once and stays."""

    options = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        help_text=gettext_lazy("For “one of a list”: separated by commas."),
    )

    class Meta:
        model = FieldDefinition
        fields = ["on", "label", "kind"]
        labels = {"on": gettext_lazy("On"), "label": gettext_lazy("Label"), "kind": gettext_lazy("Kind")}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        key = slugify(values.get("label", ""))[:60].replace("-", "_")
        choices = [one.strip() for one in values.get("options", "").split(",") if one.strip()]
        if values.get("kind") == FieldDefinition.Kind.CHOICE and len(choices) < 2:
            self.add_error("options", _("Name at least two choices."))
        if FieldDefinition.objects.filter(on=values.get("on"), key=key).exists():
            self.add_error("label", _("There is such a field already, maybe hidden."))
        self.instance.key, self.instance.choices = key or "field", choices
        return values
