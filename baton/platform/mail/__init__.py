"""Outgoing mail: transports only. Who may be mailed is decided in people/deliveries.

splice.py builds the bytes of many messages from one mould, dkim.py signs them, smtp.py hands them over in a pipeline,
transport.py picks SMTP or the catcher by SMTP_URL. backend.py is Django's way to the same two for notices.
"""
