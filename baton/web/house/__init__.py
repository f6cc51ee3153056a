"""Settings and operations: the organisation, its people and fields; what runs, what failed, what was kept."""
