"""The mail catcher's mails, as in the tests of emails."""

from baton.marketing.email.tests.conftest import sent_to

__all__ = ["sent_to"]
