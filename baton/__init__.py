"""Baton: sales and marketing on one system, with a handoff between them that never drops."""

__version__ = "0.1.0"
