"""Reading: every request for a mail's links and pixel, kept raw, and whether a person or a machine made it.

A hit is judged among all hits of its delivery, so a later one may show that the earlier ones were a machine's too.
What was clicked and opened is written on the delivery, and told to the event store, once the hits have settled.
"""
