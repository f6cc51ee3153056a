"""What imports add to the home of operations; listed in web/wiring.py."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from baton.exchange.imports.models import ImportRun
from baton.measure.homes.figures import NUMBER, Figure
from baton.platform.accounts.models import User

LOOK_BACK = timedelta(days=28)


def failed_imports(user: User, now: datetime) -> Figure:
    """Imports of 28 days that broke off."""
    failed = ImportRun.objects.filter(state=ImportRun.State.FAILED, created_at__gte=now - LOOK_BACK).count()
    return Figure(
        label=_("Failed imports"),
        value=failed,
        kind=NUMBER,
        definition=_(
            "Imports of the last 28 days that broke off. What they had done by then is kept and can be undone."
        ),
        url=reverse("imports") + ("?state=failed" if failed else ""),
        is_worrying=bool(failed),
    )
