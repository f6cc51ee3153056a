"""Orders: what was booked when a quote was accepted, at which cost, and what of it is paid."""
