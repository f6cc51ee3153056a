"""The list of companies."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from baton.people.companies import actions, reads
from baton.people.companies.models import Company
from baton.people.listing import country_field, source_words, text_field
from baton.platform.accounts.models import User
from baton.platform.lists.listing import Column, Condition, Listing, keyed
from baton.platform.lists.owners import CHANGED, OWNER, SINCE, everyone, owner_condition, owner_field


def visible(user: User) -> QuerySet[Company]:
    return Company.objects.visible_to(user)


COMPANIES = Listing(
    key="companies",
    address="companies/",
    page="companies",
    side="people",
    template="people/companies/list.html",
    title=_("Companies"),
    counted=lambda n: ngettext("%(n)s company", "%(n)s companies", n) % {"n": n},
    model=Company,
    rows=visible,
    name=Column("name", _("Company"), lambda one: one.name, fields=("name", "domain"), sort="name"),
    note=lambda one: one.domain,
    columns=[
        Column("domain", _("Web domain"), lambda one: one.domain, is_shown=False),
        Column("industry", _("Industry"), lambda one: one.industry, fields=("industry",)),
        Column("employees", _("Employees"), lambda one: one.employees, kind="number", fields=("employees",)),
        Column("phone", _("Phone"), lambda one: one.phone, fields=("phone",), is_shown=False),
        Column("city", _("City"), lambda one: one.city, fields=("city",)),
        Column("country", _("Country"), lambda one: one.country, fields=("country",)),
        Column(
            "source", _("Source"), lambda one: source_words(one.source), fields=("source",), is_shown=False,
            in_file=keyed("source"),
        ),
        Column("people", _("Contacts"), lambda one: one.people, kind="number", is_on_phone=True, is_in_file=False),
        OWNER,
        replace(SINCE, is_shown=False),
        CHANGED,
    ],
    custom_on="company",
    sorts=reads.SORTS,
    usual_sort="-created",
    conditions=[
        owner_condition("people"),
        Condition("industry", _("Industry is"), newest="industry"),
        Condition("country", _("Country is"), newest="country"),
        Condition("size", _("Employees"), reads.SIZE_CHOICES, any=_("any number")),
    ],
    search=_("Name, domain or city"),
    narrow=reads.narrow,
    bulk_fields=[
        owner_field(everyone),
        text_field(Company, "industry", _("Industry")),
        country_field(),
        text_field(Company, "city", _("City")),
        text_field(Company, "source", _("Source")),
    ],
    change=actions.change_company,
    bin=actions.bin_company,
    restore=actions.restore_company,
    bin_note=_("Their contacts and deals stay."),
    with_more=reads.with_people,
)  # fmt: skip
