"""Segments: rule trees whose members follow the data, with the history of who entered and left and why."""
