"""Taking what a stranger sent, whichever door it came by: checked, kept, and worked on at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.forms.actions import keep_submission, take_submission
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import read_answers
from baton.people.contacts.rules import clean_email
from baton.platform.errors import Refusal
from baton.platform.visitor import Visitor
from baton.tracking.channels.reads import channel_table
from baton.tracking.collect.rates import Rates
from baton.tracking.sessions.channel_rules import channel_of
from baton.tracking.sessions.channels import CLICK_KINDS
from baton.tracking.sessions.rules import Came

HONEYPOT = "website_url"

# An office behind one address fills no form oftener than this; a machine that does waits. Per process.
rates = Rates(per_second=0.2, burst=20)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of it: nothing wrong means it is kept and will be worked on, come what may."""

    wrong: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    is_too_much: bool = False

    @property
    def is_kept(self) -> bool:
        return not (self.wrong or self.problem)


def receive(form: Form, sent: dict[str, str], *, key: str, visitor: Visitor) -> Outcome:
    """Check and keep what was sent. The same `key` is taken once, however often it is sent."""
    if not form.is_open:
        return Outcome(problem=_("This form takes no answers at the moment."))
    if not rates.allows(visitor.ip or "", 1):
        return Outcome(problem=_("Too much came from your network. Please try again in a minute."), is_too_much=True)
    answers, wrong = read_answers(form.fields, sent)
    try:
        clean_email(answers.contact.get("email", ""))
    except ValueError as error:
        wrong.setdefault("email", str(error))
    if wrong:
        return Outcome(wrong=wrong)
    submission, is_new = keep_submission(
        form,
        key=key,
        at=timezone.now(),
        answers=answers.sent,
        has_consented=has_agreed(form, sent),
        visitor=sent.get("visitor", "")[:64],
        page=sent.get("page", "")[:500],
        source=source_of(sent) | {"agent": visitor.agent},
        ip=visitor.ip,
    )
    if is_new:
        try:
            take_submission(submission, now=timezone.now())
        except Refusal as refusal:
            return Outcome(problem=str(refusal))
        except Exception:  # kept and waiting as a job: the sender need not know that it takes longer
            log.exception("Submission %s is left to its job", submission.pk)
    return Outcome()


def has_agreed(form: Form, sent: dict[str, str]) -> bool:
    """Whether the box of the form's consent was ticked."""
    return bool(form.topic and sent.get("consent") in ("1", "true", "yes", "on"))


def awaits_confirmation(form: Form, sent: dict[str, str]) -> bool:
    """Whether a mail asks to confirm; said to everyone alike, so that nobody learns who has agreed before."""
    return form.asks_confirmation and has_agreed(form, sent)


def source_of(sent: dict[str, str]) -> dict[str, str]:
    """Where the visit came from, told by the page around the form: its address and referrer."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(sent.get("page", "")[:2000]).query).items()}
    referrer = urlsplit(sent.get("referrer", "")[:2000]).hostname or ""
    came = Came(
        source=query.get("utm_source", ""),
        medium=query.get("utm_medium", ""),
        campaign=query.get("utm_campaign", ""),
        click_kind=next((kind for kind in CLICK_KINDS if kind in query), ""),
        referrer=referrer.removeprefix("www."),
    )
    channel = channel_of(came, channel_table()) if sent.get("page") else ""
    return {"channel": channel, "campaign": came.campaign[:100]}
