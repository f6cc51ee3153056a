"""The mail that asks for the confirmation of a consent: in a template's words that the form names, else in the topic's.

It is a transactional mail: HTML and text, signed, urgent, at most once. A template that cannot be filled in, or says
nothing of the link, gives way to the topic's words: nobody is lost to a slip.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.email.writing import compile_mjml, of_contact
from baton.marketing.forms.models import Form
from baton.marketing.transactional.actions import Asked, accept_mail
from baton.marketing.transactional.letter import message_id_of
from baton.marketing.transactional.models import MailTemplate
from baton.marketing.transactional.words import BadMail, Words, filled
from baton.people.consent.models import ConsentTopic
from baton.people.consent.rules import filled as with_names
from baton.people.preferences.confirming import (
    DEFAULT_SUBJECT,
    DEFAULT_TEXT,
    Mailed,
    confirm_address,
    next_to_mail,
    note_mailed,
)
from baton.people.preferences.models import Confirmation
from baton.platform.db import write_turn
from baton.platform.jobs.models import Job
from baton.platform.organisation import organisation

log = logging.getLogger("baton.mail")

_LIKE_A_LINK = re.compile(r"[:/@]|www\.|\w\.\w\w|.{60}", re.IGNORECASE)
_SAMPLE = {
    "confirm_url": "https://baton.example/confirm/AbCdEf",
    "topic": {"label": "Newsletter"},
    "organisation": {"name": "Acme & Sons", "postal_address": "1 Long Way\nTown"},
    "contact": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@engine.example"},
    "form": {"title": "The guide"},
    "foot": "Asked on 2026-11-27 09:30 UTC. The link is good for 7 days.\nAcme & Sons\n1 Long Way\nTown",
}


def mail_confirmation(job: Job, *, confirmation_id: int) -> None:
    """Job: have the one mail of a confirmation sent, or wait until another may go to the address. Bears repetition."""
    now = timezone.now()
    with write_turn(), transaction.atomic():
        one = next_to_mail(confirmation_id, now)
        if one is None:
            return
        form = Form.objects.filter(pk=one.asked.proof.get("form")).select_related("confirm_template").first()
        asked, worded_by = _asked(one, form)
        mail = accept_mail(asked, key=f"confirmation:{one.pk}", actor=None, now=now)
        thanks, goes_to = (form.confirmed, form.confirmed_to) if form else ("", "")
        mailed = Mailed(message_id_of(mail), worded_by, mail.subject, mail.text, thanks, goes_to)
        note_mailed(one, mailed, now=now)


def _asked(one: Confirmation, form: Form | None) -> tuple[Asked, str]:
    """The mail to ask for, and whose words it has."""
    to, told = one.contact.email, _told(one, form)  # without a name beside it, which a stranger may have typed
    template = form.confirm_template if form else None
    if template is not None and template.deleted_at is None:
        try:
            words_of(template, told)
        except BadMail as error:
            log.warning("the template %s is not used to ask for confirmation: %s", template.code, error)
        else:
            asked = Asked(to, template=template.code, data=told)
            return asked, f"template {template.code} v{template.revision}"
    words = _house_words(one.topic, told)
    asked = Asked(to, subject=words.subject, html=words.html, text=words.text)
    return asked, f"topic {one.topic.key} v{one.topic.version}"


def words_of(template: MailTemplate, told: dict[str, Any] | None = None) -> Words:
    """A template filled in as a confirmation mail, with a sample where nothing is told.

    Raises BadMail for a field that such a mail has not, and where a part does not hold the link.
    """
    told = told or _SAMPLE
    words = filled(subject=template.subject, source=template.source, text=template.text, data=told)
    if not all(str(told["confirm_url"]) in part for part in (words.html, words.text)):
        raise BadMail(
            _("The link to confirm is missing: {{ data.confirm_url }} stands in both the words and the text.")
        )
    return words


def starting_template() -> MailTemplate:
    """A template to begin with, not saved: the house's own words with their fields, and a sample for them."""
    names = {"topic": "{{ data.topic.label }}", "organisation": "{{ data.organisation.name }}"}
    before, after = _round_link(with_names(str(DEFAULT_TEXT), names))
    source = _source(before.replace("\n", "<br />"), after.replace("\n", "<br />"))
    subject = with_names(str(DEFAULT_SUBJECT), names)
    text = _text(before, "{{ data.confirm_url }}", after, "{{ data.foot }}")
    words = {"subject": subject, "source": source, "text": text}
    return MailTemplate(code="confirm", name=_("Confirmation"), sample=_SAMPLE, **words)


def _told(one: Confirmation, form: Form | None) -> dict[str, Any]:
    """What a template may say: `data` of the mail."""
    house = organisation()
    asked = _("Asked on %(day)s UTC. The link is good for %(days)s days.") % {
        "day": f"{one.asked_at:%Y-%m-%d %H:%M}",
        "days": one.topic.confirm_days,
    }
    name = "" if house.postal_address.startswith(house.name) else house.name
    return {
        "confirm_url": confirm_address(one),
        "topic": {"label": one.topic.label},
        "organisation": {"name": house.name, "postal_address": house.postal_address},
        "contact": _harmless(of_contact(one.contact).fields(), one.contact.email),
        "form": {"title": form.title if form else ""},
        "foot": "\n".join(part for part in (asked, name, house.postal_address) if part),
    }


def _harmless(fields: dict[str, Any], email: str) -> dict[str, Any]:
    """The contact's fields without what a stranger could advertise by: forms are filled in other people's names too."""
    return {
        name: value if value == email or not _LIKE_A_LINK.search(str(value or "")) else None
        for name, value in fields.items()
    }


def _house_words(topic: ConsentTopic, told: dict[str, Any]) -> Words:
    """The topic's own words, else the house's, round the link. They are words alone: no field in them is filled in."""
    names = {"topic": topic.label, "organisation": told["organisation"]["name"]}
    before, after = _round_link(with_names(topic.confirm_text.strip() or str(DEFAULT_TEXT), names))
    subject = with_names(topic.confirm_subject or str(DEFAULT_SUBJECT), names)
    text = _text(before, told["confirm_url"], after, told["foot"])
    data = {**told, "subject": subject, "before": before, "after": after, "text": text}
    return filled(subject="{{ data.subject }}", source=_house_page(), text="{{ data.text }}", data=data)


def _text(before: str, link: str, after: str, foot: str) -> str:
    return "\n\n".join(part for part in (before, link, after, f"-- \n{foot}\n") if part)


def _round_link(text: str) -> tuple[str, str]:
    """The words before and after the link, which follows where none is named."""
    before, _link, after = text.partition("{link}")
    return before.strip(), after.strip()


@cache
def _house_page() -> str:
    return compile_mjml(_source("{{ data.before | newline_to_br }}", "{{ data.after | newline_to_br }}"))


def _source(before: str, after: str) -> str:
    source = (Path(__file__).parent / "confirmation.mjml").read_text()
    words = {"before": before, "after": after, "button": _("Yes, write to me")}
    for name, value in words.items():
        source = source.replace(f"[[{name}]]", value)
    return source
