"""The channels' pages: the rules that hold, changing them, and earlier versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import OutsideFault, Refusal
from baton.tracking.channels import actions, words
from baton.tracking.channels.forms import TRIED, TableForm, came_of, offered_channels
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.channels.preview import moves_to
from baton.tracking.channels.reads import labels_with, newest_version, version_of
from baton.tracking.sessions.channel_rules import ChannelTable, channel_of
from baton.tracking.sessions.channels import CLICK_KINDS

VERSIONS_SHOWN = 100


@require_GET
@may("marketing.view")
def channels(request: Request) -> HttpResponse:
    """The rules that hold, in their order and in words; which channel something tried would get; earlier versions."""
    holds = _holding()
    context = _rules(holds) | _tried(request, holds.table, labels_with(holds.names))
    context["versions"] = [*ChannelVersion.objects.select_related("made_by")[:VERSIONS_SHOWN], version_of(0)]
    context["may_change"] = request.user.may("marketing.change")
    return render(request, "tracking/channels/channels.html", context)


@require_http_methods(["GET", "POST"])
@may("marketing.change")
def change_channels(request: Request) -> HttpResponse:
    """The rules in a form. POST with `do` draws the rows anew, without it keeps them as the newest version."""
    newest = newest_version()
    if request.method == "GET":
        return _form(request, TableForm.of(newest))
    form = TableForm.sent(request.POST, newest)
    if request.POST.get("do"):
        return _form(request, form)
    if form.is_right:
        try:
            actions.save_version(
                form.rules, form.names, note=form.note, after=form.after, actor=request.user, now=timezone.now()
            )
            messages.success(request, _("These channels hold from now on, for past visits too."))
            return redirect("channels")
        except Refusal as error:
            form.problems.append(str(error))
    return _form(request, form, status=422)


@require_GET
@may("marketing.view")
def channel_version(request: Request, number: int) -> HttpResponse:
    """The rules of a version, and what it had other than the one before."""
    version = _version(number)
    before = version_of(number - 1) if number else None
    context = _rules(version) | {"changes": _changes(before, version) if before else []}
    context["may_change"] = request.user.may("marketing.change")
    context["holds"] = _holding().number == number
    return render(request, "tracking/channels/version.html", context)


@require_POST
@may("marketing.change")
def restore_channels(request: Request, number: int) -> HttpResponse:
    """POST: the rules of an earlier version hold again, as a new version."""
    try:
        made = actions.go_back_to(_version(number), actor=request.user, now=timezone.now())
        messages.success(request, _("Version %(number)s holds from now on.") % {"number": made.number})
    except Refusal as error:
        messages.warning(request, str(error))
    return redirect("channels")


def _holding() -> ChannelVersion:
    return newest_version() or _version(0)


def _version(number: int) -> ChannelVersion:
    found = version_of(number)
    if found is None:
        raise Http404
    return found


def _rules(version: ChannelVersion) -> dict[str, Any]:
    """What the templates show of a version."""
    labels = labels_with(version.names)
    rules = [(rule, labels.get(rule.channel, rule.channel), words.rule_words(rule)) for rule in version.table.rules]
    return {"version": version, "rules": rules, "labels": labels}


def _changes(old: ChannelVersion, new: ChannelVersion) -> list[tuple[str, str]]:
    return words.changes(old.table, labels_with(old.names), new.table, labels_with(new.names))


def _form(request: Request, form: TableForm, status: int = 200) -> HttpResponse:
    holds, table = _holding(), form.table()
    context = {
        "form": form,
        "offered": offered_channels(form),
        "fields": [(key, words.FIELDS[key]) for key in words.FIELDS if key != "click"],
        "ops": words.OPS.items(),
        "rule_words": words.rule_words,
        "changes": words.changes(holds.table, labels_with(holds.names), table, form.labels),
        "moves": None,
        "fault": "",
    } | _tried(request, table, form.labels)
    try:
        if context["changes"]:
            context["moves"] = moves_to(table, timezone.now())
    except OutsideFault as error:
        context["fault"] = str(error)
    return render(request, "tracking/channels/change.html", context, status=status)


def _tried(request: Request, table: ChannelTable, labels: dict[str, str]) -> dict[str, Any]:
    """What was typed to be tried, the channel it would get, and by which rule."""
    sent = request.POST if request.method == "POST" else request.GET
    came = came_of(sent)
    context: dict[str, Any] = {"tried": {name: sent.get(f"try_{name}", "") for name in TRIED}, "found": None}
    context |= {"clicks": [(one, one) for one in CLICK_KINDS], "try_fields": words.FIELDS}
    if came:
        rule, key = table.rule_of(came), channel_of(came, table)
        place = table.rules.index(rule) + 1 if rule else 0
        context["found"] = {
            "label": labels.get(key, key), "place": place, "words": words.rule_words(rule) if rule else "",
        }  # fmt: skip
    return context
