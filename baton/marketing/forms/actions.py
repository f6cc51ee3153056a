"""The verbs of forms: save a form, take what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.forms.models import Form, FormSubmission
from baton.marketing.forms.rules import check_fields, read_answers
from baton.people.companies.models import Company
from baton.people.consent.actions import Evidence
from baton.people.contacts.actions import find_or_create_by_email
from baton.people.contacts.models import Contact
from baton.people.leads.actions import open_lead
from baton.people.preferences.confirming import give_or_ask
from baton.people.timeline import write_entry
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job
from baton.platform.notifications.actions import notify
from baton.tracking.identity import TYPED, claim_visitor
from baton.tracking.store import record_event


@transaction.atomic
def save_form(form: Form, values: dict[str, Any], *, actor: User | None, now: datetime) -> Form:
    """Create or change a form; its version grows. Raises ValueError for fields that cannot be."""
    values = {**values, "fields": check_fields(values["fields"])}
    for name, value in values.items():
        setattr(form, name, value)
    form.version = form.version + 1 if form.pk else 1
    form.changed_at, form.owner = now, form.owner or actor
    form.save()
    journal.record("form.saved", form, actor=actor, version=form.version)
    return form


def take_submission(submission: FormSubmission, *, now: datetime) -> FormSubmission:
    """Make or update the contact, record the consent, open a lead; then tell the event store. Bears repetition.

    Raises Refusal when the answers cannot be taken; the submission stays and says why.
    """
    if submission.taken_at is None:
        _take(submission, now)
    if submission.contact:
        _tell_events(submission)
    return submission


@transaction.atomic
def _take(submission: FormSubmission, now: datetime) -> None:
    locked = FormSubmission.objects.select_for_update().get(pk=submission.pk)
    if locked.taken_at:  # the job and the page met; one of them has done it all
        submission.refresh_from_db()
        return
    form = submission.form
    answers, _wrong = read_answers(form.fields, submission.answers)
    values: dict[str, Any] = {name: value for name, value in answers.contact.items() if name != "email"}
    values["source"] = submission.source.get("channel", "")
    contact, is_new = find_or_create_by_email(answers.contact.get("email", ""), now=now, **values)
    _give_company(contact, answers.company, now)
    if submission.has_consented and form.topic:
        evidence = Evidence(
            how=f"form {form.slug} v{submission.form_version}",
            wording=form.consent_wording,
            ip=submission.ip,
            proof={
                "form": form.pk,
                "form_version": submission.form_version,
                "submission": submission.pk,
                "page": submission.page,
                "agent": submission.source.get("agent", ""),
            },
        )
        give_or_ask(contact, form.topic, evidence=evidence, now=submission.at, asks=form.asks_confirmation)
    submission.contact, submission.taken_at, submission.error = contact, now, ""
    if form.opens_lead:
        submission.lead, _opened = open_lead(
            contact,
            actor=None,
            now=now,
            source=submission.source.get("channel", ""),
            campaign_code=submission.source.get("campaign") or (form.campaign.code if form.campaign else ""),
            landing_page=submission.page,
            interest=answers.interest,
        )
    submission.save()
    write_entry(
        f"submission:{submission.pk}",
        at=submission.at,
        side="marketing",
        kind="form",
        title=_("Filled the form %(form)s") % {"form": form},
        body=answers.interest,
        contact_id=contact.pk,
        company_id=contact.company_id,
    )
    claim_visitor(submission.visitor, contact, TYPED, now=now)
    if form.notify_owner and form.owner:
        text = _("%(contact)s filled the form %(form)s") % {"contact": contact, "form": form}
        notify(form.owner, "form.submitted", text, url=contact.get_absolute_url(), key=f"submission:{submission.pk}")
    journal.record("form.submitted", form, actor=None, contact=contact, submission=submission.pk, is_new=is_new)


def _give_company(contact: Contact, name: str, now: datetime) -> None:
    """The company as typed, only where none is known: by its name, made when new."""
    if contact.company_id or not name:
        return
    from baton.people.companies.actions import create_company
    from baton.people.contacts.actions import change_contact

    company = Company.objects.live().filter(name__iexact=name).first()
    company = company or create_company(actor=None, now=now, name=name[:200], source="form")
    change_contact(contact, {"company": company}, actor=None, now=now)


def _tell_events(submission: FormSubmission) -> None:
    record_event(
        "form_submitted",
        contact=submission.contact,
        visitor=submission.visitor,
        at=submission.at,
        props={"form": submission.form.slug},
        id=f"submission:{submission.pk}",
    )


def take_later(job: Job, *, submission_id: int) -> None:
    """Job: take a submission whose first taking did not end; one that cannot be taken says why and stays."""
    submission = FormSubmission.objects.select_related("form__topic", "form__campaign", "contact").get(pk=submission_id)
    try:
        take_submission(submission, now=timezone.now())
    except Refusal as refusal:
        FormSubmission.objects.filter(pk=submission_id).update(error=str(refusal)[:300])


def keep_submission(form: Form, **values: Any) -> tuple[FormSubmission, bool]:
    """Keep what was sent, durably, and see to it that it is taken; a second click with the same key adds nothing."""
    with transaction.atomic():
        submission, is_new = FormSubmission.objects.get_or_create(
            key=values.pop("key"), defaults={"form": form, "form_version": form.version, **values}
        )
        if is_new:
            jobs.enqueue("form.take", key=f"submission:{submission.pk}", submission_id=submission.pk)
    return submission, is_new
