"""The list of contacts."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from baton.people.companies.models import Company
from baton.people.consent.models import Consent
from baton.people.contacts import actions, reads
from baton.people.contacts.models import Contact
from baton.people.lifecycle.rules import STAGE_CHOICES
from baton.people.listing import country_field, source_words, text_field
from baton.platform.accounts.models import User
from baton.platform.lists.listing import UNKNOWN, Column, Condition, Listing, keyed
from baton.platform.lists.owners import CHANGED, OWNER, SINCE, everyone, owner_condition, owner_field


def visible(user: User) -> QuerySet[Contact]:
    return Contact.objects.visible_to(user)


def company_name(pk: str, user: User) -> str:
    found = Company.objects.visible_to(user).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) <= 18 else None
    return found.name if found else pk


CONTACTS = Listing(
    key="contacts",
    address="contacts/",
    page="contacts",
    side="people",
    template="people/contacts/list.html",
    title=_("Contacts"),
    counted=lambda n: ngettext("%(n)s contact", "%(n)s contacts", n) % {"n": n},
    model=Contact,
    rows=visible,
    name=Column(
        "name", _("Contact"), lambda one: one.name, fields=("first_name", "last_name", "email", "job_title"),
        sort="name",
        in_file=(*keyed("first_name"), *keyed("last_name"), *keyed("email")),
    ),
    note=lambda one: one.job_title or one.email,
    columns=[
        Column("email", _("E-mail"), lambda one: one.email, is_shown=False, is_in_file=False),
        Column("phone", _("Phone"), lambda one: one.phone, fields=("phone",), is_shown=False),
        Column("job_title", _("Job title"), lambda one: one.job_title, is_shown=False),
        Column("company", _("Company"), lambda one: one.company, kind="link", fields=("company__name",)),
        Column(
            "lifecycle", _("Lifecycle"), lambda one: one.get_lifecycle_display(), fields=("lifecycle",),
            is_on_phone=True, part="people/contacts/_lifecycle_cell.html",
        ),
        Column("fit", _("Fit"), lambda one: one.fit_score, kind="number", fields=("fit_score",)),
        Column(
            "engagement", _("Engagement"), lambda one: round(one.engagement_score), kind="number",
            fields=("engagement_score",), sort="engagement",
        ),
        Column("source", _("Source"), lambda one: source_words(one.source), fields=("source",),
               in_file=keyed("source")),
        Column("city", _("City"), lambda one: one.city, fields=("city",), is_shown=False),
        Column("country", _("Country"), lambda one: one.country, fields=("country",), is_shown=False),
        Column("seniority", _("Seniority"), lambda one: one.seniority, fields=("seniority",), is_shown=False),
        OWNER,
        SINCE,
        CHANGED,
    ],
    custom_on="contact",
    sorts=reads.SORTS,
    usual_sort="-created",
    conditions=[
        owner_condition("people"),
        Condition("lifecycle", _("Lifecycle is"), STAGE_CHOICES),
        Condition("source", _("Source is"), newest="source", worded=source_words),
        Condition("country", _("Country is"), newest="country", worded=source_words, is_rare=True),
        Condition("email", _("Address is"), [("yes", _("known")), ("no", _("missing"))], is_rare=True),
        Condition(
            "consent", _("Consent is"), [*Consent.State.choices, (UNKNOWN, _("never asked"))], is_rare=True,
        ),
        Condition("company", _("Company is"), shown=company_name),
    ],
    search=_("Name, address or phone"),
    narrow=reads.narrow,
    bulk_fields=[
        owner_field(everyone),
        text_field(Contact, "source", _("Source")),
        country_field(),
        text_field(Contact, "city", _("City")),
        text_field(Contact, "job_title", _("Job title")),
    ],
    change=actions.change_contact,
    bin=actions.bin_contact,
    restore=actions.restore_contact,
    relations=("owner", "company"),
)  # fmt: skip
