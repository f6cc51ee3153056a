"""Shared looks: the Website page for whoever holds a link, to read and nothing else."""
