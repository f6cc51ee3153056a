"""Channels: the table of rules that says which channel a visit came by, in versions.

Without a version the standard table holds (sessions/channel_rules.py). A version is never changed: another table, and
going back to an older one, are new versions. Visits are told by the newest from the next question on.
"""
