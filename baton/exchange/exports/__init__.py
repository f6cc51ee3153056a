"""Exports: our records as files."""
