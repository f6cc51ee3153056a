"""Tables of transactional mail: templates, and each mail that was asked for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from baton.people.deliveries.models import Delivery
from baton.platform.record import Record, record_url


class MailTemplate(Record):
    """Words with Liquid fields that programs send by `code`. `source` is HTML, or MJML where it begins with <mjml.

    `sample` is what `data` may look like: previews and tests are filled from it. Changed by transactional/actions.py.
    """

    code = models.SlugField(_("Code"), max_length=60)
    name = models.CharField(_("Name"), max_length=200)
    subject = models.CharField(_("Subject"), max_length=250)
    source = models.TextField(_("Words"))
    text = models.TextField(_("Plain text"), default="", blank=True)
    sender_name = models.CharField(_("Sender's name"), max_length=120, default="", blank=True)
    sender_email = models.EmailField(_("Sender's address"), default="", blank=True)
    reply_to = models.EmailField(_("Replies go to"), default="", blank=True)
    sample = models.JSONField(_("Sample data"), default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=models.Q(deleted_at=None), name="mail_template_code")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("marketing", "mail_template", "template_id", self.pk)


class TransactionalMail(models.Model):
    """One mail to one address, words and all as they were accepted. Its delivery holds what became of it.

    `key` is the program's own name for it: kept once for ever, so that no repeat sends twice. The words and attachments
    are let go of after a while (transactional/actions.py); the row stays.
    """

    template = models.ForeignKey(MailTemplate, null=True, on_delete=models.SET_NULL, related_name="mails")
    delivery = models.OneToOneField(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=160, unique=True)
    to_email = models.EmailField(max_length=254)
    to_name = models.CharField(max_length=120, default="")
    sender_name = models.CharField(max_length=120, default="")
    sender_email = models.EmailField(max_length=254)
    reply_to = models.EmailField(max_length=254, default="")
    subject = models.CharField(max_length=500)
    html = models.TextField(default="")
    text = models.TextField(default="")
    attachments = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    is_emptied = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="mail_with_words", condition=models.Q(is_emptied=False)),
            models.Index(fields=["template", "-id"], name="mail_of_template"),
            models.Index(fields=["to_email"], name="mail_to_address"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return record_url("marketing", "transactional_mail", "mail_id", self.pk)
