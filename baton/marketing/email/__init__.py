"""Marketing emails: one email to one audience; in the code a broadcast.

Draft, scheduled, sending, paused, sent, cancelled. What is written is MJML with Liquid fields, compiled once; the
ledger in people/deliveries holds what became of each person's copy.
"""
