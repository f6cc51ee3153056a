"""Pipelines and their stages: the way a deal goes, and what each stage demands before it is entered."""
