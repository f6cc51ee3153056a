"""Returns: what comes back after mail went out - bounces, delays, complaints, automatic answers and replies.

A mail is read once, by whichever way it came (mailbox, folder, pipe, a provider's webhook), and told apart by
rules.py without looking at anything but its bytes. actions.py then finds the delivery it is about - by the keyed
return path, else by the Message-ID, else by the recipient - and moves the ledger. A refusal that is about the sender
never touches the person.
"""
