"""Deliveries: the ledger of what was mailed to whom, and the gate that says whom may be mailed.

One row per person per message: queued, claimed by a worker, then handed (the server took it), delivered, deferred,
bounced, complained, skipped with a reason, or unknown: handed over, but the answer was lost. Recovery after a killed
worker never sends again what may have been accepted. Marketing mail and sales cadences share both.
"""

from baton.people.deliveries.gate import may_mail

__all__ = ["may_mail"]
