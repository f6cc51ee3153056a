"""Retention: how many visitors come again, by the week of their first visit."""
