"""Preferences: what a person decides by a link in a mail, without signing in.

confirming.py asks for the confirmation of a consent and takes it (double opt-in), choosing.py takes a choice of topics,
the end of all marketing, an objection (GDPR art. 21) and their undoing, public.py draws the pages. Nothing here is ever
changed by GET.
"""
