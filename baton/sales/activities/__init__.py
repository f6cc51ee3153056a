"""Activities: what was done with someone: call, email, meeting, note. Done once, corrected but never lost."""
