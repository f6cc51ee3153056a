"""Quotas: what a rep or team should win in a month or quarter."""
