"""What people type about deals, turned into values. Amounts and dates are read in the reader's own way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User
from baton.platform.accounts.roles import ALL
from baton.platform.forms import offer
from baton.platform.organisation import organisation
from baton.sales.deals.amounts import AmountField, to_minor
from baton.sales.deals.models import Deal, DealContact
from baton.sales.deals.rules import LOST_REASONS
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product


def possible_owners(user: User) -> QuerySet[User]:
    """Whom `user` may give a deal to: everyone with sight of all, the team of a manager, else only themselves."""
    people = User.objects.filter(is_active=True).order_by("name")
    return people if user.sight("sales") == ALL else people.filter(pk__in=user.team_user_ids)


class DealForm(forms.Form):
    """A new deal. Only the name is needed."""

    name = forms.CharField(max_length=200, label=_("Name"))
    amount = AmountField(required=False, label=_("Amount"))
    currency = forms.RegexField(r"^[A-Z]{3}$", required=False, label=_("Currency"))
    expected_close_on = forms.DateField(required=False, label=_("Expected close"))
    company = forms.ModelChoiceField(Company.objects.none(), required=False, label=_("Company"))
    contact = forms.ModelChoiceField(Contact.objects.none(), required=False, label=_("Contact"))
    pipeline = forms.ModelChoiceField(Pipeline.objects.filter(is_active=True), required=False, label=_("Pipeline"))
    stage = forms.ModelChoiceField(Stage.objects.all(), required=False, label=_("Stage"))
    contact_email = forms.EmailField(required=False, label=_("Contact's e-mail"))
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = Contact.objects.visible_to(user).select_related("company")
        offer(self, owner=possible_owners(user), company=Company.objects.visible_to(user), contact=self.people)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if (email := told.get("contact_email")) and not told.get("contact"):
            told["contact"] = self.people.holding(email=[email.lower()]).first()
            if told["contact"] is None:
                self.add_error(
                    "contact_email", _("No contact of yours has that e-mail. Add them under Contacts first.")
                )
        return told

    def values(self) -> dict[str, Any]:
        """Keyword arguments of open_deal."""
        told = self.cleaned_data
        currency = told["currency"] or organisation().currency
        contact = told["contact"]
        return {
            "name": told["name"],
            "currency": currency,
            "amount_minor": to_minor(told["amount"], currency),
            "expected_close_on": told["expected_close_on"],
            "company": told["company"] or (contact.company if contact else None),
            "contacts": [contact] if contact else [],
            "pipeline": told["pipeline"],
            "stage": told["stage"],
        }


class ChangeForm(forms.Form):
    """One or more fields of a deal; only those sent are changed."""

    revision = forms.IntegerField(required=False)
    name = forms.CharField(max_length=200, label=_("Name"))
    amount = AmountField(required=False, label=_("Amount"))
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"))
    expected_close_on = forms.DateField(required=False, label=_("Expected close"))
    probability = forms.IntegerField(required=False, min_value=0, max_value=100, label=_("Probability"))
    source = forms.CharField(required=False, max_length=60, label=_("Source"))
    company = forms.ModelChoiceField(Company.objects.none(), required=False, label=_("Company"))
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner"))

    def __init__(self, *args: Any, user: User, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deal = deal
        offer(self, owner=possible_owners(user), company=Company.objects.visible_to(user))
        for name in [name for name in self.fields if name not in self.data and name != "revision"]:
            del self.fields[name]

    def values(self) -> dict[str, Any]:
        """`changes` of change_deal."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        if "amount" in told:
            told["amount_minor"] = to_minor(told.pop("amount"), told.get("currency") or self.deal.currency)
        return told


class MoveForm(forms.Form):
    """Where a deal goes, with what the stage may demand."""

    stage = forms.ModelChoiceField(Stage.objects.all())
    revision = forms.IntegerField(required=False)
    amount = AmountField(required=False, label=_("Amount"))
    expected_close_on = forms.DateField(required=False, label=_("Expected close"))
    step_title = forms.CharField(required=False, max_length=200, label=_("Next step"))
    step_on = forms.DateField(required=False, label=_("On"))
    contact_email = forms.EmailField(required=False, label=_("Contact's e-mail"))


class LoseForm(forms.Form):
    reason = forms.ChoiceField(choices=LOST_REASONS, label=_("Lost because"))
    note = forms.CharField(required=False, widget=forms.Textarea, label=_("What was said"))
    revision = forms.IntegerField(required=False)


class LineForm(forms.Form):
    """A product for a deal; an amount of one's own replaces list price times quantity."""

    product = forms.ModelChoiceField(Product.objects.filter(is_active=True, deleted_at=None), label=_("Product"))
    quantity = AmountField(required=False, label=_("Quantity"))
    amount = AmountField(required=False, label=_("Amount"))

    def clean_quantity(self) -> int:
        quantity = self.cleaned_data["quantity"]
        thousandths = 1000 if quantity is None else int(quantity * 1000)
        if not 0 < thousandths <= 1_000_000_000:
            raise forms.ValidationError(_("Write a quantity above zero."))
        return thousandths


class PartForm(forms.Form):
    """A contact's part in a deal: chosen from a list or named by e-mail."""

    contact = forms.ModelChoiceField(Contact.objects.none(), required=False)
    email = forms.CharField(required=False)
    role = forms.ChoiceField(choices=DealContact.Role.choices, required=False)
    is_primary = forms.BooleanField(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = Contact.objects.visible_to(user)
        offer(self, contact=self.people)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        email = told.get("email", "").strip().lower()
        if not told.get("contact") and email:
            told["contact"] = self.people.holding(email=[email]).first()
        if not told.get("contact"):
            raise forms.ValidationError(_("No contact of yours has that e-mail. Add them under Contacts first."))
        return told


def first_error(form: forms.Form) -> str:
    """The first thing wrong with a form, as one sentence."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        return f"{label}: {errors[0]}" if label else str(errors[0])
    return ""
