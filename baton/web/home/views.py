"""Home: a rep's is Today; the others' is drawn by the scoreboard, and teaches while there is nothing to count."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from baton.platform.accounts.access import Request, signed_in
from baton.platform.accounts.models import User
from baton.web.shell.navigation import address

SELLERS = {"rep", "sdr"}


@signed_in
def home(request: Request) -> HttpResponse:
    """Send sellers to their day; give everyone else the home of their role, or the first steps."""
    today = address("today")
    if request.user.role in SELLERS and today:
        return redirect(today)
    role_home = getattr(import_module(settings.BATON_WIRING), "HOME", None)
    drawn = role_home(request.user) if role_home else None  # (template, context), or None where nothing is known yet
    if drawn:
        template, context = drawn
        return render(request, template, context)
    return render(request, "home/first_steps.html", {"steps": first_steps(request.user)})


def first_steps(user: User) -> list[dict[str, str]]:
    """What to do with an empty installation, in order; only what is built and allowed."""
    steps = [
        (
            _("Bring your people"),
            _("Import contacts and companies from a file, or type the first one."),
            "imports",
            "people.import",
            "database-import",
        ),
        (
            _("See who visits"),
            _("Put the script on your website and watch the first visits arrive."),
            "website",
            "marketing.view",
            "world",
        ),
        (
            _("Open a form"),
            _("A form makes a contact and a lead of everyone who fills it."),
            "forms",
            "marketing.view",
            "forms",
        ),
        (
            _("Agree on the handoff"),
            _("What is a ready lead, and how soon does sales answer?"),
            "lead_sla",
            "handoff.view",
            "heart-handshake",
        ),
        (_("Open a deal"), _("Put the first opportunity on the board."), "deals", "sales.view", "layout-kanban"),
        (
            _("Invite your team"),
            _("Give each person a role: it decides what they may see."),
            "settings",
            "settings.change",
            "user-plus",
        ),
    ]
    return [
        {"title": title, "text": text, "href": href, "icon": icon}
        for title, text, name, permission, icon in steps
        if user.may(permission) and (href := address(name))
    ]
