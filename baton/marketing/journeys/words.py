"""Steps as one reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from baton.marketing.journeys import rules
from baton.marketing.segments.words import Names, sentence

KINDS = {
    rules.EMAIL: gettext_lazy("Send an email"),
    rules.WAIT: gettext_lazy("Wait"),
    rules.AWAIT: gettext_lazy("Wait until something happens"),
    rules.IF: gettext_lazy("Ask: is it so?"),
    rules.SPLIT: gettext_lazy("Divide at random"),
    rules.LIST: gettext_lazy("Put on or take off a contact list"),
    rules.NOTIFY: gettext_lazy("Tell somebody of us"),
    rules.HAND_OVER: gettext_lazy("Hand to sales"),
    rules.END: gettext_lazy("End here"),
}
PURPOSES = {
    rules.EMAIL: gettext_lazy("One of its own. Consent, cap and quiet hours hold for it; they go on once it is sent."),
    rules.WAIT: gettext_lazy(
        "Some days or hours, until an hour of the day, for a workday: on each person’s own clock."
    ),
    rules.AWAIT: gettext_lazy("Until they click, buy, reach a score ... or a time is over; then each goes their way."),
    rules.IF: gettext_lazy("Whatever a segment can ask, asked once, now. One way for yes, another for no."),
    rules.SPLIT: gettext_lazy("A share goes one way, the rest another; the same person always the same."),
    rules.LIST: gettext_lazy("Segments, emails and other journeys can ask for it."),
    rules.NOTIFY: gettext_lazy("The contact’s owner or a colleague, here and by mail."),
    rules.HAND_OVER: gettext_lazy("A lead goes to the rep whose turn it is, and the clock of the lead SLA starts."),
    rules.END: gettext_lazy("Nothing below is for those who come this way."),
}
ICONS = {
    rules.EMAIL: "mail", rules.WAIT: "clock", rules.AWAIT: "bolt", rules.IF: "help-circle",
    rules.SPLIT: "switch-horizontal", rules.LIST: "list", rules.NOTIFY: "bell", rules.HAND_OVER: "heart-handshake",
    rules.END: "flag",
}  # fmt: skip
WAY_WORDS = {
    "yes": gettext_lazy("Yes"), "no": gettext_lazy("No"), "a": gettext_lazy("A"), "b": gettext_lazy("B"),
    "sent": gettext_lazy("sent"), "skipped": gettext_lazy("left out"), "refused": gettext_lazy("refused"),
    "unknown": gettext_lazy("unknown"),
}  # fmt: skip
# How somebody goes on by the state of their delivery; every other settled state is "sent".
SENT_WAYS = {"skipped": "skipped", "bounced": "refused", "unknown": "unknown"}


@dataclass(frozen=True)
class Called:
    """What things that steps speak of are called, by id."""

    emails: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, str] = field(default_factory=dict)
    users: Mapping[int, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)


def say(step: dict[str, Any], called: Called) -> str:
    """A step in words: "Wait 3 days, until 09:00 on a workday"."""
    kind = step["kind"]
    if kind == rules.EMAIL:
        return _("Send “%(email)s”") % {"email": called.emails.get(step["email"] or 0, _("no email yet"))}
    if kind == rules.WAIT:
        return _say_wait(step)
    if kind == rules.AWAIT:
        facts = {"rule": sentence(step["rule"], called.names), "time": length(step)}
        return _("Wait until %(rule)s, at most %(time)s") % facts
    if kind == rules.IF:
        return _("Is it so that %(rule)s?") % {"rule": sentence(step["rule"], called.names)}
    if kind == rules.SPLIT:
        facts = {"a": step["percent"], "b": 100 - step["percent"]}
        return _("Divide at random: %(a)s%% to A, %(b)s%% to B") % facts
    if kind == rules.LIST:
        name = called.lists.get(step["list"], _("a list that is gone"))
        return (_("Take off the list %(name)s") if step["is_off"] else _("Put on the list %(name)s")) % {"name": name}
    if kind == rules.NOTIFY:
        to = called.users.get(step["user"] or 0, _("the contact’s owner"))
        return _("Tell %(who)s: %(text)s") % {"who": to, "text": step["text"]}
    return str(KINDS[kind])


def _say_wait(step: dict[str, Any]) -> str:
    if step.get("at") and step.get("workdays"):
        return _("Wait %(time)s, then until %(at)s on a workday") % {"time": length(step), "at": step["at"]}
    if step.get("at"):
        return _("Wait %(time)s, then until %(at)s") % {"time": length(step), "at": step["at"]}
    if step.get("workdays"):
        return _("Wait %(time)s, then for a workday") % {"time": length(step)}
    return _("Wait %(time)s") % {"time": length(step)}


def length(step: dict[str, Any]) -> str:
    """How long: "3 days"."""
    n = step["amount"]
    return {
        rules.MINUTES: ngettext("%(n)s minute", "%(n)s minutes", n),
        rules.HOURS: ngettext("%(n)s hour", "%(n)s hours", n),
        rules.DAYS: ngettext("%(n)s day", "%(n)s days", n),
        rules.WEEKS: ngettext("%(n)s week", "%(n)s weeks", n),
    }[step["unit"]] % {"n": n}
