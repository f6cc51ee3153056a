"""A/B tests of emails (on screen "A/B test"): variants against each other, and a hold-out that gets nothing.

Prepared on a draft, begun as the ledger is filled, judged once the waiting time is over, decided by the figures or by
a person. Who gets which variant is a keyed hash of contact and test, written into the ledger's one row per person.
"""
