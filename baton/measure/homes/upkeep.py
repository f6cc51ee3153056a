"""How clean the contacts are: fields filled, who may be there twice, consent without evidence. Reads every contact, so
the home fetches it after it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from baton.people.consent.models import Consent, ConsentEvidence
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import User

KEY_FIELDS = {
    "email": (_("E-mail"), ~Q(email="")),
    "phone": (_("Phone"), ~Q(phone="")),
    "company": (_("Company"), Q(company__isnull=False)),
    "job_title": (_("Job title"), ~Q(job_title="")),
    "country": (_("Country"), ~Q(country="")),
}


@dataclass(frozen=True)
class Upkeep:
    """Counts over the contacts a reader sees. `filled` has (key, label, how many have the field)."""

    contacts: int
    filled: list[tuple[str, str, int]]
    same_phone: int
    same_name: int
    without_evidence: int

    @property
    def share_filled(self) -> float | None:
        """Of all cells of the key fields."""
        cells = self.contacts * len(self.filled)
        return sum(count for _key, _label, count in self.filled) / cells if cells else None


def upkeep(user: User) -> Upkeep:
    """Four queries over the contacts `user` may see."""
    contacts = Contact.objects.visible_to(user).order_by()
    counts = contacts.aggregate(all=Count("pk"), **{key: Count("pk", which) for key, (_l, which) in KEY_FIELDS.items()})
    return Upkeep(
        contacts=counts["all"],
        filled=[(key, str(label), counts[key]) for key, (label, _which) in KEY_FIELDS.items()],
        same_phone=same_phone(contacts).count(),
        same_name=same_name(contacts).count(),
        without_evidence=without_evidence(contacts).count(),
    )


def lacking(contacts: QuerySet[Contact], field: str) -> QuerySet[Contact]:
    """Contacts whose key field is empty."""
    return contacts.exclude(KEY_FIELDS[field][1])


def same_phone(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Contacts whose phone another contact has too, letter by letter."""
    shared = contacts.exclude(phone="").order_by().values("phone").annotate(n=Count("pk")).filter(n__gt=1)
    return contacts.filter(phone__in=shared.values("phone"))


def same_name(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Contacts with the same first and last name, whatever its case, as another of their company."""
    named = (
        contacts.exclude(last_name="")
        .exclude(company=None)
        .annotate(first=Lower("first_name"), last=Lower("last_name"))
    )
    groups = named.order_by().values("company", "first", "last").annotate(n=Count("pk")).filter(n__gt=1)
    twice = groups.filter(company=OuterRef("company"), first=Lower(OuterRef("first_name")))
    return named.filter(Exists(twice.filter(last=Lower(OuterRef("last_name")))))


def without_evidence(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Contacts that count as having agreed to something, without any record of how and when (GDPR art. 7(1))."""
    given = Consent.objects.filter(contact=OuterRef("pk"), state=Consent.State.GIVEN)
    proven = ConsentEvidence.objects.filter(contact=OuterRef("pk"), state=Consent.State.GIVEN)
    return contacts.filter(Exists(given), ~Exists(proven))
