"""Everything that comes in or goes out as data: imports, exports, API."""
