"""Journeys: automation that moves contacts through steps.

Whoever enters a segment begins it. A journey's steps are edited freely; publishing freezes them as a version, and each
person goes by the version they are pinned to. Steps move sets of people: what a step does (an email on the ledger, a
place on a list, a message to somebody) is written in the transaction that moves them, so a kill loses and doubles
nothing. The simulator is the same engine under a virtual clock (simulate.py).
"""
