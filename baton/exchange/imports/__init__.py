"""Imports: files of others become our records, with a preview, progress, refused rows by reason, and undo."""
