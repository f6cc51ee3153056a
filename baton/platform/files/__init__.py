"""Files by their SHA-256 under BATON_HOME/files; the same bytes are kept once."""

from baton.platform.files.actions import open_file, store_file

__all__ = ["open_file", "store_file"]
