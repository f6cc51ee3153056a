"""The report of an email: did it arrive, did people read it, what did they do, how does it stand beside earlier ones.

Every number is a condition on the ledger or on the hits (people.py) and opens the list of people behind it.
"""
