"""What a person should know now: a row in the app, and a mail when they want one."""

from baton.platform.notifications.actions import notify

__all__ = ["notify"]
