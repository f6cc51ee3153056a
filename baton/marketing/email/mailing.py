"""One email's mails: its writing compiled once, then an envelope per person with headers, tokens and signature."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.utils.translation import gettext as _

from baton.marketing.email import designs, legal, writing
from baton.marketing.email.conditions import with_segments
from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.marketing.email.rules import NO_LINK, with_campaign
from baton.people.contacts.models import Contact
from baton.people.deliveries import tokens
from baton.people.preferences.links import preferences_token, unsubscribe_headers, unsubscribe_token
from baton.platform.mail.dkim import several, signers_of
from baton.platform.mail.smtp import Envelope
from baton.platform.mail.splice import Encoded, Mould, address
from baton.platform.organisation import Organisation, organisation

# `mso-hide` is for Outlook, which knows no `display: none` there.
_HIDDEN = "display:none;mso-hide:all;font-size:0;line-height:0;max-height:0;overflow:hidden"

_ADDRESS = "{{ organisation.name }}\n{{ organisation.postal_address }}\n"


def source_of(broadcast: Broadcast) -> str:
    """The MJML that counts: written by hand, or the template with its fields."""
    return broadcast.mjml if broadcast.has_own_source else designs.source_of(broadcast.design, broadcast.fields)


def writing_of(broadcast: Broadcast, house: Organisation | None = None) -> writing.Writing:
    """Compile the email. Raises BadWriting."""
    house = house or organisation()
    source, code = source_of(broadcast), broadcast.campaign.code if broadcast.campaign else ""
    return writing.write(
        subject=broadcast.subject,
        source=source,
        text=_text(broadcast, source),
        known={
            "organisation": {"name": house.name, "postal_address": house.postal_address},
            "topic": {"label": broadcast.topic.label if broadcast.topic else ""},
            "preheader": broadcast.preheader,
        },
        link=lambda url: with_campaign(url, code),
    )


def text_of(broadcast: Broadcast) -> str:
    """The plain text made from what the email says, whatever was written by hand. Raises BadWriting."""
    made = copy(broadcast)
    made.text = ""
    return _text(made, source_of(made))


def _text(broadcast: Broadcast, source: str) -> str:
    text = broadcast.text.strip()
    if not text and broadcast.has_own_source:
        return writing.plain_words(writing.compile_mjml(source))
    text = text or designs.text_of(broadcast.design, broadcast.fields)
    foot = "" if "organisation.postal_address" in text else _ADDRESS
    if "unsubscribe_url" not in text:
        foot += _("Unsubscribe: %(url)s") % {"url": "{{ unsubscribe_url }}"} + "\n"
    return f"{text}\n\n-- \n{foot}" if foot else text


def tokens_place(kind: str) -> str:
    """How the public addresses of a kind begin: c/ clicks, o/ opens, u/ unsubscribing, p/ preferences."""
    return f"{settings.BATON_URL}/{kind}"


class Example:
    """What one person would read; nothing in it is tracked. Raises BadWriting."""

    def __init__(self, broadcast: Broadcast, house: Organisation | None = None, contact: Contact | None = None) -> None:
        made = writing_of(broadcast, house)
        person = {"contact": _told_of(contact, made) if contact else {}}
        slots = {f"c{number}": url for number, url in enumerate(made.links)}
        slots |= _unsubscribing(contact.pk if contact else 0, broadcast, 0) | {writing.PIXEL: ""}
        self.subject = made.subject.words(person, slots)
        self.html = made.html.words(person, slots)
        self.text = made.text.words(person, slots)

    @property
    def text_shown(self) -> str:
        return writing.plain_words(self.html)


def _told_of(contact: Contact, made: writing.Writing) -> dict[str, object]:
    people = with_segments({contact.pk: writing.of_contact(contact)}, made.segments)
    return people[contact.pk].fields()


class Mailing:
    """Makes the envelopes of one broadcast: compiled once, links that are new become rows. `variants` are the mailings
    of its A/B test by letter.

    Raises BadWriting, also where what the law asks of every mail is not in it: nothing goes out without that.
    """

    def __init__(self, broadcast: Broadcast, variants: Mapping[str, Mailing] | None = None) -> None:
        house = organisation()
        self.variants = variants or {}
        self.broadcast, self.writing = broadcast, writing_of(broadcast, house)
        if faults := legal.faults(self.writing, house, broadcast.sender_name):
            raise writing.BadWriting(" ".join(faults))
        self.domain = broadcast.sender_email.rpartition("@")[2]
        self.mould = Mould(
            text=self.writing.text.body,
            html=self.writing.html.body,
            boundary=f"baton{broadcast.pk:010d}",
            headers=self._standing(),
        )
        self._sign = several(signers_of(settings.BATON_HOME / "keys", self.domain))
        self._url = settings.BATON_URL
        self._links = {f"c{number}": link.pk for number, link in enumerate(self.link_rows())}

    @property
    def segments(self) -> frozenset[int]:
        """Which segments' members are told apart, by the email or one of its variants."""
        return self.writing.segments.union(*(one.writing.segments for one in self.variants.values()))

    def link_rows(self) -> list[BroadcastLink]:
        """The rows of the links in the order of their slots; what is new is made."""
        links = BroadcastLink.objects
        return [
            links.get_or_create(broadcast=self.broadcast, url=url[:2000], defaults={"position": position})[0]
            for position, url in enumerate(self.writing.links)
        ]

    def envelope(self, delivery: int, person: writing.Person, *, is_measured: bool, now: datetime) -> Envelope:
        """One person's mail, signed. Raises BadWriting when a limit is reached, BadHeader for an address."""
        fields = {"contact": person.fields()}
        slots = self._slots(delivery, person.id, is_measured)
        headers = self._headers(delivery, person, self.writing.subject.words(fields, slots), slots, now)
        html = self.writing.html.values(fields, slots)
        text = self.writing.text.values(fields, slots)
        raw = self.mould.splice(headers, text, html, sign=self._sign)
        return Envelope(delivery, tokens.return_path(delivery, self.broadcast.sender_email), person.email, raw)

    def _slots(self, delivery: int, contact: int, is_measured: bool) -> dict[str, str]:
        slots = {
            name: f"{self._url}/c/{tokens.make_token(tokens.CLICK, link, delivery)}"
            for name, link in self._links.items()
        }
        pixel = f'<img src="{self._url}/o/{tokens.make_token(tokens.OPEN, delivery)}.gif" width="1" height="1" alt="">'
        traces = self._trap(delivery) + (pixel if is_measured else "")
        return slots | _unsubscribing(contact, self.broadcast, delivery) | {writing.PIXEL: traces}

    def _trap(self, delivery: int) -> str:
        """A link without a word, hidden from eye, keyboard and screen reader: who follows it is a machine."""
        url = f"{self._url}/c/{tokens.make_token(tokens.CLICK, NO_LINK, delivery)}"
        return f'<a href="{url}" aria-hidden="true" tabindex="-1" style="{_HIDDEN}"></a>'

    def _standing(self) -> list[tuple[str, str]]:
        """The headers that are the same for all."""
        broadcast = self.broadcast
        reply_to = [("Reply-To", address("", broadcast.reply_to))] if broadcast.reply_to else []
        return [
            ("From", address(broadcast.sender_name, broadcast.sender_email)),
            *reply_to,
            ("Feedback-ID", Encoded(f"{broadcast.pk}:{KIND}:baton:{self.domain}")),
        ]

    def _headers(
        self, delivery: int, person: writing.Person, subject: str, slots: Mapping[str, str], now: datetime
    ) -> list[tuple[str, str]]:
        broadcast = self.broadcast
        return [
            ("To", address(person.full_name, person.email)),
            ("Subject", subject),
            ("Date", Encoded(_date(now))),
            ("Message-ID", Encoded(tokens.message_id(delivery, KIND, broadcast.pk, self.domain))),
            *unsubscribe_headers(
                slots[writing.UNSUBSCRIBE], person.id, broadcast.topic_id or 0, delivery, broadcast.sender_email
            ),
        ]


@functools.lru_cache(maxsize=4)
def _date(now: datetime) -> str:
    return format_datetime(now)


def _unsubscribing(contact: int, broadcast: Broadcast, delivery: int) -> dict[str, str]:
    return {
        writing.UNSUBSCRIBE: tokens_place("u/") + unsubscribe_token(contact, broadcast.topic_id or 0, delivery),
        writing.PREFERENCES: tokens_place("p/") + preferences_token(contact),
    }
