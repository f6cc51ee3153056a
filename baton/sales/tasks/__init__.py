"""Tasks: follow-ups to do. The earliest open task of a deal is its next step."""
