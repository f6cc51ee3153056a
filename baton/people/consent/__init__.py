"""Consent: what a contact has agreed to, per topic and channel, with the evidence of every change."""
