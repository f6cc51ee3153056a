"""What an empty installation needs before a lead can walk through it; used by `bin/demo --check`."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baton.web.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from baton.web.demo import audience, deals, marketing, people  # noqa: E402
from baton.web.demo.world import World  # noqa: E402


def main() -> None:
    """The demo company's people, products, campaigns and forms, without its year."""
    world = World(now=timezone.now())
    with transaction.atomic():
        people.make_staff(world)
        people.make_topics()
        marketing.make_campaigns(world)
        deals.make_products(world)
        audience.make_forms(world)
        audience.make_segments(world)


if __name__ == "__main__":
    main()
