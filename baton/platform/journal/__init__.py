"""One line for everything that changes, written in the same transaction; sides above listen to it through jobs.

A line says who did what to which thing, when, and what it was before and after. It is never changed or deleted.
"""

from baton.platform.journal.actions import record

__all__ = ["record"]
