"""Sessions: when a visit begins and ends, and which channel brought it. Both are rules asked for, never stored."""
