"""Consent: what a contact has agreed to, per topic and channel, on which basis, with the evidence of every change.

What a person decides by a link in a mail (confirm, choose, object) is in people/preferences.
"""
