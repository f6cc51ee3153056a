"""A wiring page on which nobody listens: tests of the store alone use it (settings.BATON_WIRING)."""

LISTENERS: dict = {}
JOBS: dict = {}
CRON: list = []
TICKS: list = []
EVENT_LISTENERS: list = []
