"""Products: what we sell, at which price and cost."""
