"""What the pages and the API of transactional mail show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.people.deliveries.gate import REASONS
from baton.people.deliveries.models import Delivery
from baton.people.returns.words import NEXT
from baton.platform.accounts.access import visible_to
from baton.platform.accounts.models import User

PAGE = 50
State = Delivery.State
TONES = {
    State.HANDED: "success", State.DELIVERED: "success", State.BOUNCED: "danger", State.COMPLAINED: "danger",
    State.UNKNOWN: "warning", State.DEFERRED: "warning", State.SKIPPED: "warning",
}  # fmt: skip
TROUBLES = [State.BOUNCED, State.COMPLAINED, State.UNKNOWN, State.SKIPPED, State.DEFERRED]


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a mail: a key for programs, words for people."""

    what: str
    at: datetime | None
    words: str | Promise
    note: str = ""


def mails_of(user: User) -> QuerySet[TransactionalMail]:
    """The mails a user may see: to addresses of nobody known, and to contacts that are theirs to see."""
    sees = visible_to(user, "people", owner="delivery__contact__owner")
    found = TransactionalMail.objects.select_related("template", "delivery__contact")
    return found.filter(sees | Q(delivery__contact=None)) if sees else found


def mails_page(
    user: User, *, template: MailTemplate | None = None, only: str = "", before: int | None = None
) -> tuple[list[TransactionalMail], int | None]:
    """The newest first, and the id after which the next page begins; `only` is a state of the ledger, or trouble."""
    found = mails_of(user).order_by("-pk")
    if template is not None:
        found = found.filter(template=template)
    if only:
        found = found.filter(delivery__state__in=TROUBLES if only == "trouble" else [only])
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def templates() -> list[MailTemplate]:
    """Every template with `sent`, how many mails were asked for by it."""
    return list(MailTemplate.objects.live().annotate(sent=Count("mails")).order_by("name", "pk")[:200])


def state_of(mail: TransactionalMail) -> str:
    """The ledger's word; skipped where the row is gone."""
    return mail.delivery.state if mail.delivery else State.SKIPPED


def why(mail: TransactionalMail) -> str | Promise:
    """Why it did not arrive, or has not yet; empty where there is nothing to say."""
    row = mail.delivery
    if row is None or not row.reason:
        return ""
    return REASONS.get(row.reason) or NEXT.get(row.reason) or _REASONS.get(row.reason, "")


_REASONS: dict[str, str | Promise] = {
    "not_written": _("an attachment is lost"),
    "connection_lost": _("the connection was lost before the mail server answered"),
    "worker_lost": _("the program was stopped before the mail server answered"),
    "left": _("a person has decided to leave it"),
}


def history(mail: TransactionalMail) -> list[Moment]:
    """What happened to a mail, the oldest first, as the ledger knows it."""
    found = [Moment("accepted", mail.created_at, _("Asked for"))]
    row = mail.delivery
    if row is None:
        return found
    if row.handing_since:
        found.append(Moment("went_out", row.handing_since, _("Went out")))
    if row.handed_at:
        found.append(Moment("handed", row.handed_at, _("The mail server took it")))
    last = {
        State.DEFERRED: Moment("deferred", row.next_at, _("Refused for now; tried again"), row.answer),
        State.BOUNCED: Moment("bounced", row.returned_at or row.handing_since, _("Refused"), row.answer),
        State.COMPLAINED: Moment("complained", row.returned_at, _("Marked as spam"), row.answer),
        State.SKIPPED: Moment("skipped", None, _("Not sent"), str(why(mail))),
        State.UNKNOWN: Moment("unknown", row.handing_since, _("The answer was lost"), str(why(mail))),
        State.DELIVERED: Moment("delivered", row.handed_at, _("Arrived")),
    }.get(State(row.state))
    return [*found, *([last] if last else [])]


def is_open_question(mail: TransactionalMail) -> bool:
    """Whether a person has to decide if it is sent again."""
    return bool(mail.delivery and mail.delivery.state == State.UNKNOWN and mail.delivery.reason != "left")


def told(mail: TransactionalMail) -> dict[str, Any]:
    """A mail as the API tells of it; never its words, which may hold secrets."""
    return {
        "id": mail.pk,
        "state": state_of(mail),
        "reason": mail.delivery.reason if mail.delivery else "",
        "to": mail.to_email,
        "template": mail.template.code if mail.template else None,
        "subject": mail.subject,
        "contact_id": mail.delivery.contact_id if mail.delivery else None,
        "metadata": mail.metadata,
        "attempts": mail.delivery.attempts if mail.delivery else 0,
        "created_at": mail.created_at,
        "history": [{"what": one.what, "at": one.at, "note": one.note} for one in history(mail)],
    }
