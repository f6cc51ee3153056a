"""The form of a contact."""

from __future__ import annotations

from typing import Any

from django import forms

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.contacts.rules import clean_email
from baton.platform.accounts.models import User
from baton.platform.forms import offer


class ContactForm(forms.ModelForm):
    """All that a person types of a contact; the company by its name."""

    company_name = forms.CharField(required=False, max_length=200)

    class Meta:
        model = Contact
        fields = ["first_name", "last_name", "email", "phone", "job_title", "city", "country", "source", "owner"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self.fields["company_name"].label = str(Company._meta.verbose_name).capitalize()
        offer(self, owner=User.objects.filter(is_active=True).order_by("name"))
        if self.instance.pk and self.instance.company:
            self.fields["company_name"].initial = self.instance.company.name

    def clean_email(self) -> str:
        try:
            return clean_email(self.cleaned_data["email"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def values(self) -> dict[str, Any]:
        """Field values for the action; a company name that is known becomes the company."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        name = self.cleaned_data["company_name"].strip()
        if name:
            values["company"] = Company.objects.visible_to(self._user).filter(name__iexact=name).first()
        return values

    @property
    def new_company(self) -> str:
        """The company's name where none of that name is known yet."""
        name = self.cleaned_data["company_name"].strip()
        return name if name and not Company.objects.live().filter(name__iexact=name).exists() else ""
