"""Why sales may reject a lead, and what each reason does.

Three classes only: procedural (wrong way), clerical (wrong data), definitional (not what was agreed). Rejecting is not
disqualifying, which comes after contact (Forrester, "Sales accepted leads", read 2026-11).
"""

from django.utils.translation import gettext_lazy as _

RETRY, FIX_DATA, NURTURE, SUPPRESS = "retry", "fix_data", "nurture", "suppress"

ACTIONS = {
    RETRY: _("Goes to the next rep at once"),
    FIX_DATA: _("Goes back to marketing to mend the data, and returns when it is mended"),
    NURTURE: _("Returns to marketing for nurturing and rests before it may come again"),
    SUPPRESS: _("Is disqualified and never handed over again"),
}

DEFAULT_REASONS = [
    {"key": "not_mine", "label": "Wrong territory or already someone else's", "class": "procedural", "action": RETRY},
    {"key": "no_capacity", "label": "I cannot work it in time", "class": "procedural", "action": RETRY},
    {"key": "bad_data", "label": "Contact data wrong or missing", "class": "clerical", "action": FIX_DATA},
    {"key": "too_early", "label": "Not ready to buy yet", "class": "definitional", "action": NURTURE},
    {"key": "not_icp", "label": "Not our market", "class": "definitional", "action": SUPPRESS},
    {"key": "competitor", "label": "Competitor, student or job seeker", "class": "definitional", "action": SUPPRESS},
]
