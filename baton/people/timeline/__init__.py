"""The timeline: what happened with a contact, company or deal, newest first. Sides above write rows into it."""

from baton.people.timeline.actions import write_entries, write_entry

__all__ = ["write_entries", "write_entry"]
