"""What a person types of a journey, and of a step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baton.marketing.campaigns.models import Campaign
from baton.marketing.journeys import rules
from baton.marketing.journeys.models import Journey
from baton.marketing.segments import builder
from baton.marketing.segments.fields import custom_attributes
from baton.marketing.segments.models import Segment
from baton.platform.errors import Refusal
from baton.platform.forms import number_of, offer

UNITS = {
    rules.MINUTES: gettext_lazy("minutes"), rules.HOURS: gettext_lazy("hours"), rules.DAYS: gettext_lazy("days"),
    rules.WEEKS: gettext_lazy("weeks"),
}  # fmt: skip
MAX_TEXT = 200
MAX_AGAIN = 3650


class BadStep(Refusal):
    """A step says nothing that can be done; the sentence says what is missing."""


class JourneyForm(forms.ModelForm):
    """What a journey begins and ends with."""

    again_days = forms.IntegerField(
        min_value=0, max_value=MAX_AGAIN, required=False, label=gettext_lazy("Once more after days"),
        help_text=gettext_lazy("Who has ended it may begin again so many days after they began, when they enter the "
                               "segment anew. Empty: once only."),
    )  # fmt: skip

    class Meta:
        model = Journey
        fields = ["name", "segment", "takes_members", "again_days", "goal", "stop", "leaves_with_segment", "campaign"]
        help_texts = {
            "segment": gettext_lazy("Whoever enters this segment begins the journey."),
            "takes_members": gettext_lazy("Otherwise only who enters after the start."),
            "goal": gettext_lazy(
                "Who enters this segment has got there: it counts as reached, and the journey is over."
            ),
            "stop": gettext_lazy("Who enters this segment leaves without having reached the goal."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = Segment.objects.live().order_by("name")
        offer(self, segment=segments, goal=segments, stop=segments, campaign=Campaign.objects.live().order_by("name"))
        empty = {
            "segment": _("Choose a segment"),
            "goal": _("No goal"),
            "stop": _("Nobody leaves by this"),
            "campaign": _("None"),
        }
        for name, text in empty.items():
            self.fields[name].empty_label = text  # type: ignore[attr-defined]
        if self.instance.started_at:
            self.fields.pop("takes_members")
            self.fields["segment"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("goal", "stop"):
            if cleaned.get(name) and cleaned[name] == cleaned.get("segment"):
                self.add_error(name, _("That is where it begins: nobody would stay in it."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Field values for the action."""
        return {name: self.cleaned_data[name] for name in self.fields}


def read_step(kind: str, pk: str, post: Any) -> rules.Step:
    """A step as a form sends it. Raises BadStep, BadRule."""
    return {"id": pk, "kind": kind, **READ[kind](post), **{way: [] for way in rules.WAYS.get(kind, ())}}


def _email(post: Any) -> dict[str, Any]:
    return {"email": number_of(post.get("email", ""))}


def _wait(post: Any) -> dict[str, Any]:
    at = post.get("at", "").strip()
    if at and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        raise BadStep(_("Give the hour such as 09:00."))
    return _length(post) | {"at": at, "workdays": bool(post.get("workdays"))}


def _length(post: Any) -> dict[str, Any]:
    amount, unit = number_of(post.get("amount", "")), post.get("unit", "")
    if amount is None or not 1 <= amount <= rules.MAX_AMOUNT or unit not in rules.UNITS:
        raise BadStep(_("Give how long, 1 to %(n)s.") % {"n": f"{rules.MAX_AMOUNT:,}"})
    return {"amount": amount, "unit": unit}


def _await(post: Any) -> dict[str, Any]:
    return _length(post) | _asked(post)


def _asked(post: Any) -> dict[str, Any]:
    rule = builder.read_rule(post, custom=custom_attributes())
    if not any(rule.values()):
        raise BadStep(_("Complete a condition."))
    return {"rule": rule}


def _split(post: Any) -> dict[str, Any]:
    percent = number_of(post.get("percent", ""))
    if percent is None or not 1 <= percent <= 99:
        raise BadStep(_("Give the share of A, 1 to 99 percent."))
    return {"percent": percent}


def _list(post: Any) -> dict[str, Any]:
    chosen = number_of(post.get("list", ""))
    if chosen is None:
        raise BadStep(_("Choose a contact list."))
    return {"list": chosen, "is_off": post.get("is_off") == "1"}


def _notify(post: Any) -> dict[str, Any]:
    text = " ".join(post.get("text", "").split())[:MAX_TEXT]
    if not text:
        raise BadStep(_("Give what they are told."))
    return {"user": number_of(post.get("user", "")), "text": text}


def _nothing(post: Any) -> dict[str, Any]:
    return {}


READ: dict[str, Callable[[Any], dict[str, Any]]] = {
    rules.EMAIL: _email, rules.WAIT: _wait, rules.AWAIT: _await, rules.IF: _asked, rules.SPLIT: _split,
    rules.LIST: _list, rules.NOTIFY: _notify, rules.HAND_OVER: _nothing, rules.END: _nothing,
}  # fmt: skip
