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
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """On PostgreSQL `events` is a second connection to the test database: closed first, so that it can be dropped."""
    yield
    from django.db import connections

    connections["events"].close()
