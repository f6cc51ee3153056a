"""Deliverability: how mail fares at each receiving provider, and what comes back.

Counted from the ledger by day and provider; complaints warn at 0.08 % and pause at 0.20 %. What is unknown - handed
over, but the answer was lost - waits here for a person's decision.
"""
