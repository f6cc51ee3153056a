"""In which orders the deal list can be read, a page at a time."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from baton.platform.lists.listing import both_ways
from baton.platform.pages import Sort

SORTS = {
    **both_ways("opened", "opened_at", _("Oldest first"), _("Newest first")),
    **both_ways("closing", "expected_close_on", _("Closing soonest"), _("Closing last"), is_nullable=True),
    **both_ways("amount", "amount_minor", _("Smallest first"), _("Largest first"), is_nullable=True),
    **both_ways("name", "name", _("By name"), _("By name, from Z"), is_folded=True),
    "waiting": Sort("entered_stage_at", True, _("Shortest in its stage")),  # the column counts the days since
    "-waiting": Sort("entered_stage_at", False, _("Longest in its stage")),
    **both_ways("changed", "changed_at", _("Longest unchanged"), _("Changed lately")),
}
