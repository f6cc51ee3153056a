"""Where the links of mails used to be made; see people/preferences/links.py."""

from baton.people.preferences.links import preferences_token, unsubscribe_token

__all__ = ["preferences_token", "unsubscribe_token"]
