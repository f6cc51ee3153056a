"""Contents page: every table of this side."""

from baton.platform.accounts.models import Team, User
from baton.platform.fields.models import FieldDefinition
from baton.platform.files.models import StoredFile
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.lists.models import BulkChange, SavedView
from baton.platform.notifications.models import Notification
from baton.platform.once.models import SentForm
from baton.platform.organisation import Organisation
from baton.platform.search.models import SearchRow

__all__ = [
    "BulkChange",
    "FieldDefinition",
    "Job",
    "JournalEntry",
    "Notification",
    "Organisation",
    "SavedView",
    "SearchRow",
    "SentForm",
    "StoredFile",
    "Team",
    "User",
]
