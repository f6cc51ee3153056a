"""In which orders the deal list can be read, a page at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from baton.platform.pages import Sort

SORTS = {
    "newest": Sort("created_at", True, _("Newest first")),
    "closing": Sort("expected_close_on", False, _("Closing soonest"), is_nullable=True),
    "amount": Sort("amount_minor", True, _("Largest first"), is_nullable=True),
    "name": Sort("name", False, _("By name")),
    "waiting": Sort("entered_stage_at", False, _("Longest in its stage")),
}
