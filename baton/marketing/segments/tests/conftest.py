"""Each test's database begins anew, and so does what the process remembers of it."""

from __future__ import annotations

import pytest

from baton.marketing.segments import keeping


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    keeping.forget()
