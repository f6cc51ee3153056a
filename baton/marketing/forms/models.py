"""The forms' tables: the form and what was sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.marketing.campaigns.models import Campaign
from baton.marketing.transactional.models import MailTemplate
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.leads.models import Lead
from baton.platform.record import Record, record_url


class Form(Record):
    """`fields` lists [{"name", "label", "kind", "required", "options"}]; those of a contact fill it.

    `version` grows with every change, so that evidence says which wording was shown. `confirms` says whether a mail
    asks to confirm the consent, `confirm_template` in whose words (empty: the topic's); `confirmed` is said, or
    `confirmed_to` gone on to, once its button is pressed.
    """

    class Confirms(models.TextChoices):
        AS_TOPIC = "", _("As the topic says")
        YES = "yes", _("Yes, with this form")
        NO = "no", _("No, not with this form")

    name = models.CharField(_("Name"), max_length=200)
    slug = models.SlugField(_("Address"), max_length=100, unique=True)
    title = models.CharField(_("Title"), max_length=200)
    text = models.TextField(_("Text above the fields"), default="", blank=True)
    fields = models.JSONField(default=list)
    button = models.CharField(_("Button"), max_length=60, default="Send")
    thanks = models.TextField(_("Said after sending"), default="Thank you. We have your message.")
    redirect_to = models.URLField(_("Or goes on to this page"), default="", blank=True)
    notify_owner = models.BooleanField(_("Tells its owner about each answer"), default=False)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="forms")
    topic = models.ForeignKey(ConsentTopic, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    consent_wording = models.TextField(_("Wording of the consent"), default="", blank=True)
    confirms = models.CharField(
        _("Asks for confirmation by mail"), max_length=3, choices=Confirms.choices, default="", blank=True
    )
    confirm_template = models.ForeignKey(
        MailTemplate,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("Words of the mail that asks"),
    )
    confirmed = models.TextField(_("Said after confirming"), default="", blank=True)
    confirmed_to = models.URLField(_("Or goes on to this page"), default="", blank=True)
    opens_lead = models.BooleanField(_("Opens a lead"), default=True)
    is_open = models.BooleanField(_("Takes answers"), default=True)
    version = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "form", "form_id", self.pk)

    @property
    def asks_confirmation(self) -> bool:
        """Whether a yes sent with it counts only once it is confirmed by mail."""
        if self.topic is None:
            return False
        return self.confirms == self.Confirms.YES if self.confirms else self.topic.needs_confirmation


class FormSubmission(models.Model):
    """What one visitor sent, kept whatever becomes of it. `key` comes with the page, so a second click adds nothing."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="submissions")
    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    answers = models.JSONField(default=dict)
    has_consented = models.BooleanField(default=False)
    form_version = models.PositiveIntegerField()
    visitor = models.CharField(max_length=64, default="")
    page = models.CharField(max_length=500, default="")
    source = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    lead = models.ForeignKey(Lead, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="")

    class Meta:
        indexes = [models.Index(fields=["form", "-at"], name="submission_of_form")]

    def __str__(self) -> str:
        return f"{self.form} {self.at:%Y-%m-%d %H:%M}"
