"""Test settings that must stand before Django reads the environment: a home of its own, never the user's."""

import os
import tempfile
from collections.abc import Iterator

os.environ["BATON_HOME"] = os.environ.get("BATON_TEST_HOME") or tempfile.mkdtemp(prefix="baton-test-")
RETURNS = ("RETURNS_IMAP_URL", "RETURNS_FOLDER", "RETURNS_WEBHOOKS")
ASKED = ("SENDING_HOSTS", "SPAMD_URL", "DNS_SERVERS")
for name in ("SMTP_URL", "EVENTS_URL", "REDIS_URL", "BATON_URL", "BATON_DEBUG", *RETURNS, *ASKED):
    os.environ.pop(name, None)

import pytest  # noqa: E402


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
