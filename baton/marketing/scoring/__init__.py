"""Scores: fit (who someone is) and engagement (what they do), apart, each point with a reason."""
