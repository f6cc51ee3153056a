"""Transactional mail: what one person waits for - an order's confirmation, a password - asked for by a program.

It has a lane of its own: no campaign delays it, no cap or quiet hour holds it, no consent is asked. It goes out at
most once; the ledger in people/deliveries holds what became of it.
"""
