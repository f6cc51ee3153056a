"""Creates demand for broad audiences: segments, scoring, campaigns, email, forms."""
