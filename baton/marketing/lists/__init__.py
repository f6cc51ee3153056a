"""Contact lists: contacts put together by hand. Only people change them; segments and, through them, emails use them.

The tables stand with the segments (segments/models.py), whose conditions read them.
"""
