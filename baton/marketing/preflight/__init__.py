"""Preflight: what would stop an email on its way or embarrass its sender, and the mend, before it goes out.

Each check is a small function that gives findings: block, warn, ok, or open where it is not known yet. Sending asks the
same checks as the page. Who may override sends in spite of a block, with a reason; what the law asks for, nobody can.
"""
