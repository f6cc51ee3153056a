"""Goals: what a visit should lead to, a page read or a thing done, and what that is worth."""
