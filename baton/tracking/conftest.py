"""Every test of this side has an event folder of its own, and remembers no salt and no claim of another."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, settings: Any) -> None:
    from baton.tracking.collect import visitors
    from baton.tracking.identity import reads
    from baton.tracking.store.recent import forget_answers

    settings.BATON_HOME = tmp_path
    settings.BATON_WIRING = "baton.tracking.store.tests.quiet_wiring"
    visitors.forget_salts()
    reads.forget_claims()
    forget_answers()
