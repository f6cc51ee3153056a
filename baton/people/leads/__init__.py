"""Leads: qualification episodes on a contact. A contact may have several over time, at most one open at once.

A lead's status says where the qualifying stands; the lifecycle stage of the contact is another thing.
"""
