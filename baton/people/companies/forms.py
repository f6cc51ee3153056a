"""The form of a company."""

from __future__ import annotations

from django import forms

from baton.people.companies.models import Company


class CompanyForm(forms.ModelForm):
    """All that a person types of a company."""

    class Meta:
        model = Company
        fields = [
            "name",
            "domain",
            "website",
            "industry",
            "employees",
            "phone",
            "street",
            "postcode",
            "city",
            "country",
            "owner",
        ]
