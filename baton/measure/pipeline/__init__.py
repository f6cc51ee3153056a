"""The pipeline report: every deal counted once, by state and stage, manager and office."""
