"""The deals' tables. One row of Deal is one possible sale."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.record import Record, record_url
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product


class Deal(Record):
    """A possible sale. A company is optional: people buy too. `amount_minor` empty means not known yet, never zero.

    `state` is open, won (booked) or lost; the probability follows the stage unless a person set it by hand.
    `closed_at` is when it was won or lost. `source` and `campaign_code` come from the lead, where there is one.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    name = models.CharField(_("Name"), max_length=200)
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="deals")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="deals")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    amount_minor = models.BigIntegerField(_("Amount"), null=True, blank=True)
    currency = models.CharField(_("Currency"), max_length=3)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    qualified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(_("Source"), max_length=60, default="", blank=True)
    campaign_code = models.CharField(_("Campaign"), max_length=100, default="", blank=True)
    probability = models.PositiveSmallIntegerField(_("Probability, percent"), default=0)
    is_probability_manual = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    entered_stage_at = models.DateTimeField()
    expected_close_on = models.DateField(_("Expected close"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    lost_reason = models.CharField(_("Lost because"), max_length=60, default="", blank=True)
    lost_note = models.TextField(default="", blank=True)
    flags = models.JSONField(default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["stage", "state", "-entered_stage_at", "-id", "owner", "expected_close_on", "deleted_at"],
                name="deal_on_board",
                condition=models.Q(deleted_at=None),
            ),
            # Holds all that the sums of the board need under its filters, so rows stay untouched: 86 to 10 ms with
            # 50,000 open ones.
            models.Index(
                fields=[
                    "state",
                    "pipeline",
                    "stage",
                    "currency",
                    "owner",
                    "amount_minor",
                    "probability",
                    "expected_close_on",
                    "entered_stage_at",
                    "deleted_at",
                ],
                name="deal_sums",
                condition=models.Q(deleted_at=None),
            ),
            models.Index(fields=["owner", "state", "expected_close_on"], name="deal_of_owner"),
            models.Index(fields=["state", "closed_at"], name="deal_closed"),
            models.Index(fields=["-created_at", "-id"], name="deal_newest"),
            models.Index(fields=["-opened_at", "-id"], name="deal_opened"),
            models.Index(Lower("name"), "id", name="deal_by_name"),
            models.Index(fields=["amount_minor", "id"], name="deal_by_amount"),
            models.Index(fields=["expected_close_on", "id"], name="deal_closing"),
            models.Index(fields=["entered_stage_at", "id"], name="deal_waiting"),
            models.Index(fields=["-changed_at", "-id"], name="deal_changed"),
            models.Index(fields=["company", "state"], name="deal_of_company"),
            models.Index(fields=["campaign_code", "state"], name="deal_of_campaign"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("sales", "deal", "deal_id", self.pk)

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class DealContact(models.Model):
    """A contact's part in a deal."""

    class Role(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("Decision maker")
        CHAMPION = "champion", _("Champion")
        INFLUENCER = "influencer", _("Influencer")
        USER = "user", _("User")
        BUYER = "buyer", _("Buyer")
        LEGAL = "legal", _("Legal")
        OTHER = "other", _("Other")

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="parts")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OTHER)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "contact"], name="deal_contact_once")]

    def __str__(self) -> str:
        return f"{self.contact} ({self.get_role_display()})"


class DealLine(models.Model):
    """A product in a deal: what is expected to be sold, or was. Cost unknown (null) makes the margin unknown."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=300, default="", blank=True)
    quantity_thousandths = models.BigIntegerField(default=1000)
    amount_minor = models.BigIntegerField(null=True)
    cost_minor = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.description or str(self.product)


class StageMove(models.Model):
    """History: one row is one entry of a deal into a stage. Never changed."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="stage_moves")
    from_stage = models.ForeignKey(Stage, null=True, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["deal", "at"], name="stage_move_of_deal")]

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage}"


class CloseDateMove(models.Model):
    """History: one row is one change of the expected close date. A later date is a slip. Never changed."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="close_date_moves")
    from_date = models.DateField(null=True)
    to_date = models.DateField(null=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.from_date} to {self.to_date}"

    @property
    def is_slip(self) -> bool:
        return bool(self.from_date and self.to_date and self.to_date > self.from_date)
