"""The ladder's rungs and which moves make sense. Pure.

Rungs as in the trade (HubSpot's default stages with SAL from SiriusDecisions 2012): see docs/words.md.
"""

from django.utils.translation import gettext_lazy as _

SUBSCRIBER, LEAD, MQL, SAL, SQL = "subscriber", "lead", "mql", "sal", "sql"
OPPORTUNITY, CUSTOMER, EVANGELIST = "opportunity", "customer", "evangelist"
DISQUALIFIED, RECYCLED, FORMER = "disqualified", "recycled", "former_customer"

LADDER = [SUBSCRIBER, LEAD, MQL, SAL, SQL, OPPORTUNITY, CUSTOMER, EVANGELIST]
BESIDE = [DISQUALIFIED, RECYCLED, FORMER]

STAGE_CHOICES = [
    (SUBSCRIBER, _("Subscriber")),
    (LEAD, _("Lead")),
    (MQL, _("MQL")),
    (SAL, _("SAL")),
    (SQL, _("SQL")),
    (OPPORTUNITY, _("Opportunity")),
    (CUSTOMER, _("Customer")),
    (EVANGELIST, _("Evangelist")),
    (DISQUALIFIED, _("Disqualified")),
    (RECYCLED, _("Recycled")),
    (FORMER, _("Former customer")),
]


def moves_up(current: str, wanted: str) -> bool:
    """True when `wanted` is a higher rung than `current`; from beside the ladder every rung is up."""
    if wanted not in LADDER:
        return False
    return current in BESIDE or LADDER.index(wanted) > LADDER.index(current)
