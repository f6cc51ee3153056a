"""Test settings that must stand before Django reads the environment: a home of its own, never the user's."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["BATON_HOME"] = os.environ.get("BATON_TEST_HOME") or tempfile.mkdtemp(prefix="baton-test-")
RETURNS = ("RETURNS_IMAP_URL", "RETURNS_FOLDER", "RETURNS_WEBHOOKS")
ASKED = ("SENDING_HOSTS", "SPAMD_URL", "DNS_SERVERS")
for name in ("SMTP_URL", "EVENTS_URL", "REDIS_URL", "BATON_URL", "BATON_DEBUG", *RETURNS, *ASKED):
    os.environ.pop(name, None)

import pytest  # noqa: E402

LEFT_OUT = pytest.StashKey[int]()
WHOLE_HOUSE = Path(__file__).parent / "tests"
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}  # those of pytest-django that all others go through


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what Django keeps from every database: its answer on one engine is its answer on all."""
    asks = item.get_closest_marker("django_db") or DATABASE_FIXTURES.intersection(item.fixturenames)
    if not asks and not item.get_closest_marker("each_engine"):
        item.add_marker("no_database")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where files are shared out among processes, long ones come first, or one process ends alone with the longest."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    tests = Counter(item.path for item in items)
    long = {item.path for item in items if item.get_closest_marker("slow") or item.path.is_relative_to(WHOLE_HOUSE)}
    items.sort(key=lambda item: (item.path not in long, -tests[item.path]))


def pytest_deselected(items: list[pytest.Item]) -> None:
    told = getattr(items[0].config, "workeroutput", {}) if items else {}
    told["left_out"] = sum(1 for item in items if item.get_closest_marker("no_database"))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[LEFT_OUT] = node.workeroutput.get("left_out", 0) if hasattr(node, "workeroutput") else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if "not no_database" in config.option.markexpr and (number := config.stash.get(LEFT_OUT, 0)):
        terminalreporter.write_line(f"{number} tests that ask no database are left out here: one run has them all.")


@pytest.fixture(autouse=True)
def _quick_passwords(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django finds the databases made and migrated, and leaves dropping them to who made them."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The last that happens before Django looks for its test databases."""
    from django.test import TransactionTestCase

    from tests.databases import copies, empty_what_was_filled

    with copies(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_what_was_filled)
        yield
