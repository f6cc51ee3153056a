"""What stands around the demo company's emails: pictures, a draft's versions, a warm-up, and transactional mail."""

from __future__ import annotations

import io
from datetime import timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from baton.marketing.drafting.pictures import add_picture
from baton.marketing.drafting.versions import keep_version
from baton.marketing.pacing.models import WarmUp
from baton.marketing.transactional.actions import save_template
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.transactional.words import filled
from baton.people.deliveries.models import TRANSACTIONAL, Delivery
from baton.web.demo import words
from baton.web.demo.people import DOMAIN
from baton.web.demo.world import World

State = Delivery.State
TEAL, SAND, RED = (11, 79, 79), (232, 224, 210), (190, 70, 50)
FATES = {(State.DELIVERED, "", ""): 92, (State.BOUNCED, "dead_address", "550 5.1.1 User unknown"): 3,
         (State.UNKNOWN, "connection_lost", ""): 2, (State.SKIPPED, "complained", ""): 3}  # fmt: skip


@transaction.atomic
def make_drafts(world: World) -> None:
    """Pictures, the draft's earlier words, the plan of a new sending domain, a month of mails that programs sent."""
    marketer = world.users["marketer"][0]
    for days_ago, (name, alt, curve) in enumerate(words.PICTURES, 12):
        at = world.morning(days_ago)
        add_picture(_drawn(curve), name=name, alt=alt, actor=marketer, now=at)
    draft = world.emails[-1]
    last = draft.subject
    for days_ago, subject in zip((3, 2), words.EARLIER_SUBJECTS, strict=True):
        draft.subject = subject
        keep_version(draft, actor=marketer, now=world.morning(days_ago))
    draft.subject = last
    keep_version(draft, actor=marketer, now=world.morning(1))
    WarmUp.objects.create(domain=f"events.{DOMAIN}", starts_on=world.morning(6).date())
    for template in words.MAIL_TEMPLATES:
        _mails_of(world, template)


def _drawn(curve: list[int]) -> bytes:
    """A signal over time, its last part in red."""
    picture = Image.new("RGB", (1200, 500), SAND)
    pen = ImageDraw.Draw(picture)
    points = [(60 + place * 1080 // (len(curve) - 1), 440 - 4 * height) for place, height in enumerate(curve)]
    pen.line([(60, 440), (1140, 440)], fill=TEAL, width=4)
    pen.line(points, fill=TEAL, width=10, joint="curve")
    pen.line(points[-3:], fill=RED, width=10, joint="curve")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _mails_of(world: World, told: dict[str, str]) -> None:
    owner = world.users["marketing_manager"][0]
    sender = {"sender_name": "Tessera Sensors", "sender_email": f"service@{DOMAIN}"}
    template = save_template(MailTemplate(), {**told, "sample": {"number": "1001"}, **sender}, actor=owner)
    for number in range(1, 31):
        contact = world.pick(world.contacts)
        if not contact.email:
            continue
        at = world.moment(world.now - timedelta(days=28), world.now)
        data = {"number": str(1000 + number)}
        said = filled(subject=template.subject, source=template.source, text="", data=data)
        mail = TransactionalMail.objects.create(
            template=template, key=f"demo:{template.code}:{number}", to_email=contact.email, to_name=contact.name,
            subject=said.subject, html=said.html, text=said.text, metadata=data, asked_by=owner, created_at=at,
            **sender,
        )  # fmt: skip
        state, reason, answer = world.one_of(FATES)
        handed_at = at + timedelta(seconds=1) if state == State.DELIVERED else None
        mail.delivery = Delivery.objects.create(
            message_kind=TRANSACTIONAL, message_id=mail.pk, contact=contact, state=state, reason=reason, answer=answer,
            attempts=1, handed_at=handed_at, handing_since=None if state == State.SKIPPED else at,
        )  # fmt: skip
        mail.save(update_fields=["delivery"])
