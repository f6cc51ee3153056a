"""Checks of the message itself: made as it would be sent, and read. They ask nobody and change nothing."""

from __future__ import annotations

import email
import email.policy
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cached_property
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baton.marketing.email import legal
from baton.marketing.email.mailing import Example, Mailing, source_of, writing_of
from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.marketing.email.writing import BadWriting, Person, Writing, compile_mjml
from baton.marketing.preflight import clients
from baton.marketing.preflight.page import Page, read_page
from baton.marketing.preflight.relay import leaves_the_house
from baton.marketing.preflight.rules import (
    BLOCK,
    CLIPPED_BYTES,
    LONG_SUBJECT,
    NEAR_CLIPPED_BYTES,
    OK,
    WARN,
    Finding,
    is_shouted,
    pretends_to_answer,
)
from baton.platform.mail.splice import BadHeader
from baton.platform.organisation import Organisation, organisation

SOMEBODY = Person(0, "Ada", "Lovelace", "ada@example.com", "Director", "London", "GB", "Engine Ltd")
FIRST_NAME_OF_ORGANISATION = Organisation._meta.get_field("name").default


class Rehearsal(Mailing):
    """The mailing as it would be, without a row: links that are new get numbers of their own."""

    def link_rows(self) -> list[BroadcastLink]:
        return [
            BroadcastLink(pk=number, broadcast=self.broadcast, url=url)
            for number, url in enumerate(self.writing.links, start=1)
        ]


@dataclass(frozen=True)
class Draft:
    """One email before it goes out: compiled, as one person would read it, and the message with its headers."""

    broadcast: Broadcast
    house: Organisation
    now: datetime
    made: Writing
    example: Example

    @cached_property
    def raw(self) -> bytes:
        """The message, signed where we sign, as it would be handed over; empty where it would not be."""
        try:
            return Rehearsal(self.broadcast).envelope(0, SOMEBODY, is_measured=True, now=self.now).message
        except (BadHeader, BadWriting):  # another check says why
            return b""

    @cached_property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @cached_property
    def html(self) -> str:
        """The HTML as it would be sent, links tracked."""
        part = self.mail.get_body(("html",))
        return part.get_content() if part else self.example.html

    @cached_property
    def written(self) -> Page:
        """What the writer wrote, with fields and without tracking."""
        return read_page(compile_mjml(source_of(self.broadcast)))


def draft_of(broadcast: Broadcast, now: datetime) -> Draft:
    """Raises BadWriting."""
    house = organisation()
    return Draft(broadcast, house, now, writing_of(broadcast, house), Example(broadcast, house))


def message_findings(broadcast: Broadcast, now: datetime) -> tuple[Draft | None, list[Finding]]:
    """What the checks say of the message; where it cannot be compiled, only that."""
    try:
        draft = draft_of(broadcast, now)
        return draft, [finding for check in CHECKS for finding in check(draft)]
    except BadWriting as error:
        mend = _("Correct the source.")
        return None, [Finding("writing", BLOCK, str(error), mend, is_final=True)]


def subject(draft: Draft) -> Iterator[Finding]:
    """It is there, is not cut, does not shout and does not pretend."""
    shown = draft.broadcast.subject_shown
    if not shown.strip():
        yield Finding("subject.none", BLOCK, _("It has no subject."), _("Write one."), is_final=True)
        return
    found = list(_of_subject(shown))
    yield from found or [Finding("subject", OK, _("The subject is short enough to be read whole."), evidence=shown)]


def _of_subject(shown: str) -> Iterator[Finding]:
    if len(shown) > LONG_SUBJECT:
        what = _("The subject has %(number)s characters; mail programs cut it.") % {"number": len(shown)}
        mend = _("Put what matters into the first 40, which a phone shows.")
        yield Finding("subject.long", WARN, what, mend, shown)
    if is_shouted(shown):
        what = _("The subject is all in capitals, as much spam is.")
        yield Finding("subject.capitals", WARN, what, _("Write it as a sentence."), shown)
    if pretends_to_answer(shown):
        what = _("The subject begins like an answer or a forwarded mail, which this is not.")
        yield Finding("subject.reply", WARN, what, _("Take the first word out: it misleads."), shown)


def preheader(draft: Draft) -> Iterator[Finding]:
    """The line that stands beside the subject is written, not left to the first words of the mail."""
    is_written = bool(draft.broadcast.preheader.strip())
    if draft.broadcast.has_own_source:
        source = draft.broadcast.mjml
        is_written = "<mj-preview>" in source and (is_written or "{{ preheader }}" not in source)
    if is_written:
        yield Finding("preheader", OK, _("It has a preheader."), evidence=draft.broadcast.preheader)
    else:
        what = _("It has no preheader: mail programs show whatever stands first in the mail.")
        yield Finding("preheader", WARN, what, _("Write one line that goes on where the subject ends."))


def sender(draft: Draft) -> Iterator[Finding]:
    """Who sends is said, in the envelope and in the mail itself."""
    mail, name = draft.broadcast, draft.house.name.strip()
    if not mail.sender_email:
        mend = _("Give an address of your own domain.")
        yield Finding("sender.none", BLOCK, _("It has no sender's address."), mend, is_final=True)
        return
    found = []
    if not mail.sender_name.strip():
        what = _("It has no sender's name: people see a bare address.")
        found.append(Finding("sender.name", WARN, what, _("Give the name people know you by.")))
    if not name or name == FIRST_NAME_OF_ORGANISATION:
        what = _("The organisation has no name of its own in the settings yet.")
        found.append(Finding("sender.organisation", WARN, what, _("Write it into the settings.")))
    elif not any(one.strip() and one.strip() in draft.example.text_shown for one in (name, mail.sender_name)):
        what = _("The mail itself does not say who sends it.")
        found.append(Finding("sender.shown", WARN, what, _("Put {{ organisation.name }} into it.")))
    shown = f"{mail.sender_name} <{mail.sender_email}>"
    yield from found or [Finding("sender", OK, _("It says who sends it."), evidence=shown)]


def topic(draft: Draft) -> Iterator[Finding]:
    """People have agreed to something, and there is somebody to read it."""
    if not draft.broadcast.topic:
        what = _("It has no topic: consent is given to a topic.")
        yield Finding("topic.none", BLOCK, what, _("Choose one."), is_final=True)
    if not draft.broadcast.is_of_journey and not draft.broadcast.segments.exists():
        what = _("It has no audience: choose a segment.")
        yield Finding("audience.none", BLOCK, what, is_final=True)


def footer(draft: Draft) -> Iterator[Finding]:
    """What the law asks of every mail, as the mailing itself asks before it hands anything over."""
    faults = legal.faults(draft.made, draft.house, draft.broadcast.sender_name)
    for number, fault in enumerate(faults, start=1):
        yield Finding(f"legal.{number}", BLOCK, fault, is_final=True)
    if not faults:
        yield Finding("footer", OK, _("The footer holds the postal address and an unsubscribe link."))


def one_click(draft: Draft) -> Iterator[Finding]:
    """The pair of headers of RFC 8058 as it would be sent: one HTTPS address, both fields signed where we sign."""
    if not draft.raw:
        return
    told = draft.mail.get("List-Unsubscribe", "")
    urls = [one.strip(" <>\r\n\t") for one in str(told).split(",")]
    web = [one for one in urls if one.lower().startswith(("https://", "http://"))]
    post = str(draft.mail.get("List-Unsubscribe-Post", "")).strip()
    signatures = [str(one) for one in draft.mail.get_all("DKIM-Signature", [])]
    mend = _("This is a fault of Baton: tell who runs it.")
    if len(web) != 1 or post != "List-Unsubscribe=One-Click":
        what = _("The one-click unsubscribe headers are not as RFC 8058 asks.")
        yield Finding("one_click.pair", BLOCK, what, mend, f"{told}\n{post}", is_final=True)
    elif not all({"list-unsubscribe", "list-unsubscribe-post"} <= _signed(one) for one in signatures):
        what = _("The signature does not cover the unsubscribe headers.")
        yield Finding("one_click.signed", BLOCK, what, mend, signatures[0], is_final=True)
    else:
        yield from _of_our_address(web[0])


def _signed(signature: str) -> set[str]:
    """Names of the headers that a DKIM-Signature covers."""
    tags = [part.partition("=") for part in "".join(signature.lower().split()).split(";")]
    return {name for tag, _equals, value in tags if tag == "h" for name in value.split(":")}


def _of_our_address(url: str) -> Iterator[Finding]:
    """Links lead to us over HTTPS, from everywhere; within the house it is no matter."""
    fine = Finding("one_click", OK, _("Mail programs can offer their own unsubscribe button (RFC 8058)."))
    parts = urlsplit(url)
    if not leaves_the_house():
        yield fine
    elif _is_here(parts.hostname or ""):
        what = _("Links in the mail lead to %(host)s, which readers cannot reach.") % {"host": parts.hostname}
        mend = _("Set BATON_URL to the public address of this installation.")
        yield Finding("one_click.here", BLOCK, what, mend, is_final=True)
    elif parts.scheme != "https":
        what = _("The unsubscribe address is not HTTPS; RFC 8058 asks for it and mail programs offer no button.")
        mend = _("Put a TLS proxy in front and let BATON_URL start with https://.")
        yield Finding("one_click.https", BLOCK, what, mend, is_final=True)
    else:
        yield fine


def _is_here(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def size(draft: Draft) -> Iterator[Finding]:
    """The HTML is shorter than what Gmail shows of a message."""
    length = len(draft.html.encode())
    told = {"kb": round(length / 1024)}
    if length > CLIPPED_BYTES:
        what = _("The HTML has %(kb)s KB: Gmail cuts it at 102 KB and hides the footer with it.")
        yield Finding("size.clipped", BLOCK, what % told, _("Take parts out, or send two mails."))
    elif length > NEAR_CLIPPED_BYTES:
        what = _("The HTML has %(kb)s KB; Gmail cuts it at 102 KB.")
        yield Finding("size.near", WARN, what % told, _("Take something out before you add more."))
    else:
        yield Finding("size", OK, _("The HTML has %(kb)s KB; Gmail cuts it at 102 KB.") % told)


def pictures(draft: Draft) -> Iterator[Finding]:
    """Who sees no pictures, or hears the mail read, misses nothing."""
    silent = [one for one in draft.written.pictures if one.says_nothing]
    if silent:
        what = ngettext(
            "One picture has no words for those who do not see it.",
            "%(number)s pictures have no words for those who do not see them.",
            len(silent),
        )
        mend = _('Write alt words; alt="" is for decoration that is no link.')
        yield Finding("alt", WARN, what % {"number": len(silent)}, mend, "\n".join(one.src for one in silent[:10]))
    elif draft.written.pictures:
        yield Finding("alt", OK, _("Every picture has words for those who do not see it."))


def drawing(draft: Draft) -> Iterator[Finding]:
    """What the large mail programs do not draw, all of it together."""
    used = clients.used(draft.written)
    lost = [feature for feature in used if feature.harm == clients.LOST]
    lines = "\n".join(f"{one.name} ({', '.join(one.missing_in)}): {one.instead} {one.source}" for one in lost or used)
    if lost:
        what = ngettext(
            "One thing in it is not drawn everywhere: %(names)s.",
            "%(number)s things in it are not drawn everywhere: %(names)s.",
            len(lost),
        )
        told = {"number": len(lost), "names": ", ".join(one.name for one in lost)}
        mend = str(lost[0].instead) if len(lost) == 1 else _("What to use instead stands below.")
        yield Finding("drawing.lost", WARN, what % told, mend, lines)
    elif used:
        yield Finding("drawing", OK, _("Gmail, Outlook and Apple Mail draw it, some of it plainer."), evidence=lines)
    else:
        yield Finding("drawing", OK, _("Gmail, Outlook and Apple Mail draw all of it."))


CHECKS: list[Callable[[Draft], Iterator[Finding]]] = [
    sender, topic, footer, one_click, subject, preheader, size, pictures, drawing,
]  # fmt: skip
