"""The tasks' table. One row is one follow-up to do."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.record import Record
from baton.sales.deals.models import Deal


class Task(Record):
    """Open until `done_at`. Due at a moment, or on a day when `is_all_day`."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        EMAIL = "email", _("Email")
        MEETING = "meeting", _("Meeting")
        TODO = "todo", _("To do")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TODO)
    title = models.CharField(_("What to do"), max_length=200)
    note = models.TextField(_("Note"), default="", blank=True)
    due_at = models.DateTimeField(_("Due"))
    is_all_day = models.BooleanField(default=True)
    done_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")

    class Meta:
        indexes = [
            models.Index(fields=["owner", "due_at"], name="task_due", condition=models.Q(done_at=None)),
            models.Index(fields=["deal", "due_at"], name="task_of_deal", condition=models.Q(done_at=None)),
            models.Index(fields=["contact", "due_at"], name="task_of_contact", condition=models.Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return self.title
