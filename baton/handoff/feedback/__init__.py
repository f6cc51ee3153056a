"""Feedback: how the agreement is kept, and what sales thinks of what marketing hands over."""
