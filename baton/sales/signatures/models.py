"""The signatures' tables: a request, its signers, and everything that happened, chained by hashes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.contacts.models import Contact
from baton.platform.files.models import StoredFile
from baton.platform.tokens import new_token
from baton.sales.quotes.models import Quote


class SignatureRequest(models.Model):
    """One frozen paper that people are asked to sign. `sealed` is set once, after the last signer, and never again."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for signatures")
        SIGNED = "signed", _("Signed, being sealed")
        SEALED = "sealed", _("Signed and sealed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="signature_request")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    document = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField()
    created_at = models.DateTimeField()
    sealed = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.quote}: {self.get_state_display()}"


class Signer(models.Model):
    """One person asked to sign. `token` is their secret address; `strokes` a drawn signature as lines of points."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SIGNED = "signed", _("Signed")
        DECLINED = "declined", _("Declined")

    request = models.ForeignKey(SignatureRequest, on_delete=models.CASCADE, related_name="signers")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("Name"), max_length=200)
    email = models.EmailField(_("E-mail"))
    token = models.CharField(max_length=32, unique=True, default=new_token)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    signed_at = models.DateTimeField(null=True)
    signed_name = models.CharField(max_length=200, default="", blank=True)
    strokes = models.JSONField(default=list, blank=True)
    consent_version = models.CharField(max_length=20, default="", blank=True)
    consent_hash = models.CharField(max_length=64, default="", blank=True)
    ip = models.CharField(max_length=45, default="", blank=True)
    user_agent = models.CharField(max_length=300, default="", blank=True)
    mailed_at = models.DateTimeField(null=True)
    sealed_mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class SignatureEvent(models.Model):
    """One thing that happened to a request. Each row holds the hash of the one before; rows are never changed."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Created")
        SENT = "sent", _("Link sent")
        OPENED = "opened", _("Link opened")
        VIEWED = "viewed", _("Document opened")
        CONSENTED = "consented", _("Agreed to sign electronically")
        SIGNED = "signed", _("Signed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SEALED = "sealed", _("Sealed")

    request = models.ForeignKey(SignatureRequest, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    signer = models.ForeignKey(Signer, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    ip = models.CharField(max_length=45, default="", blank=True)
    user_agent = models.CharField(max_length=300, default="", blank=True)
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, default="", blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        constraints = [models.UniqueConstraint(fields=["request", "sequence"], name="signature_event_once")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"
