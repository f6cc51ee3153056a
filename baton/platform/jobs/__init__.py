"""Work done later: leased rows in the main database are the truth, the doorbell only wakes a worker.

A job is enqueued in the caller's transaction. A worker leases due rows, runs them and deletes or fails them; a lease
that runs out (kill -9) makes the row due again. Handlers therefore bear repetition. The doorbell may be wiped at any
moment: the sweeper looks at the rows every second.
"""

from baton.platform.jobs.actions import TryAgain, enqueue, heartbeat, make_way, run_due

__all__ = ["TryAgain", "enqueue", "heartbeat", "make_way", "run_due"]
