"""The WSGI callable that granian serves: the beacon in front, Django behind."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baton.web.settings")

from django.core.wsgi import get_wsgi_application

_pages = get_wsgi_application()

from baton.tracking.collect.beacon import Beacon  # noqa: E402 - its tables need Django set up
from baton.web.heap import settle  # noqa: E402

application = Beacon(_pages)
settle()
