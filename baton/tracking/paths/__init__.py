"""Paths: which pages come after a page, or before it, step by step."""
