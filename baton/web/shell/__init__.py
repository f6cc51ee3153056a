"""The frame round every page: places, formats, the palette, home, settings, operations."""
