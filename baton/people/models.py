"""Contents page: every table of this side."""

from baton.people.companies.models import Company
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic, TopicWording
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery, MailRules, Suppression
from baton.people.leads.models import Lead
from baton.people.lifecycle.models import LifecycleMove
from baton.people.preferences.models import Confirmation
from baton.people.returns.models import MailboxPlace, Return
from baton.people.timeline.models import TimelineEntry

__all__ = [
    "Company",
    "Confirmation",
    "Consent",
    "ConsentEvidence",
    "ConsentTopic",
    "Contact",
    "Delivery",
    "Lead",
    "LifecycleMove",
    "MailRules",
    "MailboxPlace",
    "Return",
    "Suppression",
    "TimelineEntry",
    "TopicWording",
]
