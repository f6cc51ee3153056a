"""The contacts' table. One row is one person."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.lifecycle.rules import STAGE_CHOICES, SUBSCRIBER
from baton.platform.record import Record, record_url

NEWEST, SORTED = ["-created_at", "-id"], ["changed_at", "engagement_score"]


def _listed(name: str, *fields: str, among: models.Q = models.Q()) -> models.Index:  # noqa: B008
    return models.Index(fields=[*fields, "deleted_at"], name=name, condition=models.Q(deleted_at=None) & among)


class Contact(Record):
    """A person. `email` is folded and unique among those not in the bin; scores are written by scoring alone,
    `lifecycle` by people/lifecycle/actions.py alone.
    """

    first_name = models.CharField(_("First name"), max_length=100, default="", blank=True)
    last_name = models.CharField(_("Last name"), max_length=100, default="", blank=True)
    email = models.CharField(_("E-mail"), max_length=254, default="", blank=True)
    phone = models.CharField(_("Phone"), max_length=40, default="", blank=True)
    job_title = models.CharField(_("Job title"), max_length=150, default="", blank=True)
    seniority = models.CharField(_("Seniority"), max_length=30, default="", blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    city = models.CharField(_("City"), max_length=120, default="", blank=True)
    country = models.CharField(_("Country"), max_length=2, default="", blank=True)
    locale = models.CharField(_("Language"), max_length=20, default="", blank=True)
    zone = models.CharField(_("Time zone"), max_length=60, default="", blank=True)
    lifecycle = models.CharField(_("Lifecycle stage"), max_length=20, choices=STAGE_CHOICES, default=SUBSCRIBER)
    lifecycle_at = models.DateTimeField(null=True, blank=True)
    fit_score = models.IntegerField(_("Fit"), default=0)
    engagement_score = models.FloatField(_("Engagement"), default=0)
    source = models.CharField(_("Source"), max_length=60, default="", blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        # A list and its count see living contacts of some owners, in an order, perhaps of one stage, country or source:
        # each index holds all of that, so ten thousand are counted and a page is found without touching a row. SQLite
        # asks even for what the condition has said already (deleted_at, email).
        indexes = [
            models.Index(Lower("last_name"), Lower("first_name"), "id", name="contact_by_name"),
            _listed("contact_of_owner", "owner", *NEWEST, "lifecycle", "country", "source", "email", *SORTED),
            _listed("contact_newest", *NEWEST, "owner"),
            _listed("contact_changed", "-changed_at", "-id", "owner"),
            _listed("contact_by_engagement", "-engagement_score", "-id", "owner"),
            _listed("contact_by_fit", "-fit_score", "-id", "owner"),
            models.Index(
                "owner",
                Lower("last_name"),
                Lower("first_name"),
                "id",
                "deleted_at",
                name="contact_of_owner_by_name",
                condition=models.Q(deleted_at=None),
            ),
            _listed("contact_by_stage", "lifecycle", *NEWEST, "owner", "country", "source", *SORTED),
            _listed("contact_by_country", "country", *NEWEST, "owner", "lifecycle", "source"),
            _listed("contact_by_source", "source", *NEWEST, "owner", "lifecycle", "country"),
            _listed("contact_without_address", *NEWEST, "owner", "email", among=models.Q(email="")),
            _listed("contact_by_phone", "phone"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=models.Q(deleted_at=None) & ~models.Q(email=""), name="contact_email_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("people", "contact", "contact_id", self.pk)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email or _now("Unnamed contact")

    @property
    def initials(self) -> str:
        return (self.first_name[:1] + self.last_name[:1] or self.email[:1] or "?").upper()
