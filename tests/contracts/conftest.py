"""A home of its own for each test's files and mails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contracts.house import House, a_house


@pytest.fixture
def house(tmp_path: Path, settings: Any) -> House:
    settings.BATON_HOME = tmp_path
    return a_house()
