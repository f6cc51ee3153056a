"""Today: the one screen that says whom to call now and why. Reads everything of sales, owns no table."""
