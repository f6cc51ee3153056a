"""The first page of each role: the few figures it is measured by, each with its definition and what is behind it."""
