"""Scoring contacts: everything is worked out anew from rules and events, and kept with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.marketing.scoring.models import ScoreReason, ScoreRule
from baton.marketing.scoring.rules import Point, engagement
from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.touched import touch
from baton.people.contacts.models import Contact
from baton.people.deliveries.gate import objecting
from baton.people.deliveries.models import Suppression
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.db import write_turn
from baton.platform.errors import Refusal
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.tracking.store import ask

LOOKED_BACK_DAYS = 180
BATCH = 200

DECIDERS = ["head", "director", "executive"]
DEFAULT_RULES: list[tuple[str, str, dict[str, Any], int, int, int]] = [
    ("fit", "Head, director or executive", {"attribute": "seniority", "op": "in", "value": DECIDERS}, 35, 30, 1),
    ("fit", "Manager", {"attribute": "seniority", "op": "is", "value": "manager"}, 25, 30, 1),
    ("fit", "50 people or more", {"attribute": "company.employees", "op": "at_least", "value": 50}, 25, 30, 1),
    ("fit", "Company is known", {"attribute": "company.name", "op": "known"}, 15, 30, 1),
    ("fit", "Job title is known", {"attribute": "job_title", "op": "known"}, 15, 30, 1),
    ("engagement", "Filled a form", {"event": "form_submitted", "path": ""}, 30, 30, 3),
    ("engagement", "Looked at pricing", {"event": "pageview", "path": "/pricing"}, 20, 14, 4),
    ("engagement", "Clicked in a mail", {"event": "email_clicked", "path": ""}, 12, 30, 4),
    ("engagement", "Visited the website", {"event": "pageview", "path": ""}, 4, 14, 8),
]  # fmt: skip


class RuleExists(Refusal):
    """Two rules of a kind cannot have the same name."""


def ensure_default_rules() -> None:
    """The rules Baton ships with, where there are none at all."""
    if ScoreRule.objects.exists():
        return
    rules = (
        ScoreRule(kind=kind, name=name, condition=condition, points=points, half_life_days=half, most=most)
        for kind, name, condition, points, half, most in DEFAULT_RULES
    )
    ScoreRule.objects.bulk_create(rules, ignore_conflicts=True)  # two who look first at once


def on_contact_changed(entry: JournalEntry) -> None:
    """Listener: a new or changed contact may fit better or worse."""
    score_contacts([entry.thing_id], now=timezone.now())


def on_suppressed(entry: JournalEntry) -> None:
    """Listener: objections were put on the list by hand, of whom is not told: nobody of them keeps a score."""
    if entry.facts.get("reason") == Suppression.Reason.OBJECTED:
        jobs.enqueue("scoring.refresh_all")


def on_events(contact_ids: set[int], now: datetime) -> None:
    """Listener of the projector: contacts did something, so score them soon, in one job."""
    jobs.enqueue("scoring.refresh", contact_ids=sorted(contact_ids))


def refresh_scores(job: Job, *, contact_ids: list[int]) -> None:
    """Job: score some contacts."""
    score_contacts(contact_ids, now=timezone.now())


def on_company_changed(entry: JournalEntry) -> None:
    """Listener: what is known of a company decides the fit of its people."""
    ids = list(Contact.objects.live().filter(company_id=entry.thing_id).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        jobs.enqueue("scoring.refresh", contact_ids=ids[start : start + BATCH])


def refresh_all_scores(job: Job) -> None:
    """Job, nightly and after a rule was changed: score everyone; only what has become different is written."""
    last = 0
    while ids := list(Contact.objects.live().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        score_contacts(ids, now=timezone.now())
        last = ids[-1]
        jobs.heartbeat(job)


def score_contacts(ids: Iterable[int], *, now: datetime) -> None:
    """Work out both scores of these contacts and keep the reasons. Tells "score.rose" where one rose by a point."""
    wanted = list(ids)
    ensure_default_rules()
    by_contact = reasons_at(wanted, now=now)
    has_reasons = set(
        ScoreReason.objects.filter(contact__in=wanted).order_by().values_list("contact_id", flat=True).distinct()
    )
    with write_turn():
        for contact in Contact.objects.live().filter(pk__in=wanted):
            found = by_contact.get(contact.pk, [])
            if found or contact.pk in has_reasons or contact.fit_score or contact.engagement_score:
                _keep(contact, found, now)


def reasons_at(ids: list[int], *, now: datetime) -> dict[int, list[ScoreReason]]:
    """What the active rules give each of these contacts at `now`, nothing kept: contact id -> reasons.

    Who objected to marketing has none: no profile is made of them for it (GDPR art. 21(2)-(3)).
    """
    opposed = objecting(ids)
    ids = [pk for pk in ids if pk not in opposed]
    rules = list(ScoreRule.objects.filter(is_active=True)) if ids else []
    by_contact: dict[int, list[ScoreReason]] = defaultdict(list)
    for reason in _fit_reasons(rules, ids, now) + _engagement_reasons(rules, ids, now):
        by_contact[reason.contact_id].append(reason)
    return by_contact


@transaction.atomic
def _keep(contact: Contact, reasons: list[ScoreReason], now: datetime) -> None:
    fit = round(sum(reason.points for reason in reasons if reason.rule.kind == ScoreRule.Kind.FIT))
    engaged = sum(reason.points for reason in reasons if reason.rule.kind == ScoreRule.Kind.ENGAGEMENT)
    kept = list(ScoreReason.objects.filter(contact=contact))
    if sorted(map(_told, kept)) != sorted(map(_told, reasons)):
        ScoreReason.objects.filter(contact=contact).delete()
        ScoreReason.objects.bulk_create(reasons)
    rose = fit > contact.fit_score or int(engaged) > int(contact.engagement_score)
    if fit != contact.fit_score or round(engaged, 2) != round(contact.engagement_score, 2):
        Contact.objects.filter(pk=contact.pk).update(fit_score=fit, engagement_score=round(engaged, 2))
        touch([contact.pk], "contact")
    if rose:
        journal.record("score.rose", contact, actor=None, fit=fit, engagement=round(engaged, 2))


def _told(reason: ScoreReason) -> tuple[int, float, int, str]:
    """What a reason says; points to a hundredth, so that fading by seconds rewrites nothing."""
    return reason.rule_id, round(reason.points, 2), reason.times, str(reason.last_at)


def _fit_reasons(rules: list[ScoreRule], ids: list[int], now: datetime) -> list[ScoreReason]:
    compiler = Compiler(now=now, only=ids)
    return [
        ScoreReason(contact_id=pk, rule=rule, points=rule.points)
        for rule in rules
        if rule.kind == ScoreRule.Kind.FIT
        for pk in compiler.members(rule.condition)
    ]


def _engagement_reasons(rules: list[ScoreRule], ids: list[int], now: datetime) -> list[ScoreReason]:
    rows = ask(
        "event_counts_of_contacts",
        contacts=ids,
        since=now - timedelta(days=LOOKED_BACK_DAYS),
        until=now + timedelta(seconds=1),
    )
    did: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        did[row["contact"]].append(row)
    active = [rule for rule in rules if rule.kind == ScoreRule.Kind.ENGAGEMENT]
    found = [_engaged(rule, pk, done, now) for pk, done in did.items() for rule in active]
    return [reason for reason in found if reason]


def _engaged(rule: ScoreRule, pk: int, done: list[dict[str, Any]], now: datetime) -> ScoreReason | None:
    """What a rule gives for what a contact did: each day counts once, the latest `most` days count."""
    fits = [
        row for row in done if row["name"] == rule.condition["event"] and rule.condition.get("path", "") in row["path"]
    ]
    days = sorted({row["last_at"].date(): row["last_at"] for row in fits}.values(), reverse=True)[: rule.most]
    if not days:
        return None
    points = engagement([Point(at, rule.points) for at in days], now=now, half_life_days=rule.half_life_days)
    return ScoreReason(contact_id=pk, rule=rule, points=points, times=len(days), last_at=days[0])


@transaction.atomic
def change_rule(rule: ScoreRule, *, actor: User, **changes: Any) -> ScoreRule:
    """Change a rule, and have everyone scored anew by it; what it is already is no change."""
    before = {name: getattr(rule, name) for name in changes}
    if before == changes:
        return rule
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(changes))
    journal.record("score_rule.changed", rule, actor=actor, before=before, after=changes)
    jobs.enqueue("scoring.refresh_all")
    return rule


@transaction.atomic
def add_rule(*, actor: User, **values: Any) -> ScoreRule:
    """A new rule; everyone is scored anew. Raises RuleExists for a name that its kind has already."""
    if ScoreRule.objects.filter(kind=values["kind"], name=values["name"]).exists():
        raise RuleExists(_("There is a rule of this name already. Nothing was changed."))
    rule = ScoreRule.objects.create(**values)
    journal.record("score_rule.added", rule, actor=actor, after=values)
    jobs.enqueue("scoring.refresh_all")
    return rule
