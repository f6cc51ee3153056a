"""The job that asks others about an email: does each link and picture answer, what does SpamAssassin say.

It asks for a few seconds, writes down what it knows, and is called again while something is left: a worker that also
sends is never kept. Private addresses are never asked.
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.preflight.message import Draft, draft_of
from baton.marketing.preflight.models import Look
from baton.marketing.preflight.page import web_addresses
from baton.marketing.preflight.spam import NoVerdict, ask_spamd
from baton.platform import http, jobs
from baton.platform.jobs.models import Job

MOST_LINKS = 60
SLICE_SECONDS = 3.0
FRESH_SECONDS = 3600
FINE, DEAD, UNSURE, PRIVATE, RESERVED = "fine", "dead", "unsure", "private", "reserved"
# Names that stand in examples and never lead anywhere (RFC 2606, RFC 6761).
_RESERVED = (".example", ".test", ".invalid", ".localhost")
_EXAMPLES = ("example.com", "example.net", "example.org")
_SAYS_NOTHING = {401, 403, 405, 406, 407, 408, 425, 429, 451, 999}  # what sites answer to what is no browser


def look(job: Job, *, email_id: int) -> None:
    """Job: ask what is not known or not known any more, write it down, go on while something is left."""
    broadcast = Broadcast.objects.select_related("campaign", "topic").filter(pk=email_id).first()
    found = Look.objects.filter(broadcast=broadcast).first()
    if broadcast is None or found is None:
        return
    try:
        draft = draft_of(broadcast, timezone.now())
    except BadWriting:
        _end(found)
        return
    if _ask_links(found, addresses_of(draft), job):
        raise jobs.TryAgain(0)
    _ask_spam(found, draft)
    _end(found)


def addresses_of(draft: Draft) -> list[str]:
    """What is asked: links and pictures as they were written, sixty at most."""
    return web_addresses(draft.written)[:MOST_LINKS]


def digest_of(draft: Draft) -> str:
    """What tells one version of a message from another: all that is written, and nothing of the moment."""
    words = "\0".join([draft.example.subject, draft.example.html, draft.example.text, draft.broadcast.sender_email])
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def _ask_links(found: Look, urls: list[str], job: Job) -> bool:
    """Ask for a few seconds; whether something is left."""
    until, now = time.monotonic() + SLICE_SECONDS, time.time()
    begun = found.asked_at.timestamp() if found.asked_at else now
    known = {url: row for url, row in found.links.items() if url in urls and row[2] > begun - FRESH_SECONDS}
    for url in urls:
        if url in known:
            continue
        if time.monotonic() > until:
            _keep(found, known)
            return True
        word, status = answer_of(url)
        known[url] = [word, status, time.time()]
        jobs.heartbeat(job)
    _keep(found, known)
    return False


def _keep(found: Look, known: dict[str, Any]) -> None:
    found.links = known
    Look.objects.filter(pk=found.pk).update(links=known)


def answer_of(url: str, *, is_allowed: http.IsAllowed = http.is_public) -> tuple[str, int]:
    """One of the words above, and the HTTP status, 0 where none came."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return DEAD, 0
    if host.endswith(_RESERVED) or any(host == one or host.endswith(f".{one}") for one in _EXAMPLES):
        return RESERVED, 0
    try:
        status = http.ask_status(url, is_allowed=is_allowed).status
    except http.PrivateAddress:
        return PRIVATE, 0
    except http.NoAnswer:
        return DEAD, 0
    if status in _SAYS_NOTHING:
        return UNSURE, status
    return (FINE if status < 400 else DEAD), status


def _ask_spam(found: Look, draft: Draft) -> None:
    if not settings.SPAMD_URL or not draft.raw:
        found.spam = None
        return
    digest = digest_of(draft)
    if found.spam and found.spam.get("of") == digest and "fault" not in found.spam:
        return
    try:
        verdict = ask_spamd(settings.SPAMD_URL, draft.raw)
    except NoVerdict as fault:
        found.spam = {"of": digest, "fault": str(fault)}
        return
    rules = [list(rule) for rule in verdict.rules[:20]]
    found.spam = {"of": digest, "score": verdict.score, "limit": verdict.limit, "rules": rules}


def _end(found: Look) -> None:
    Look.objects.filter(pk=found.pk).update(spam=found.spam, ended_at=timezone.now())


def begin_look(broadcast: Broadcast, *, now: datetime, afresh: bool = False) -> None:
    """Have an email looked at; call it in the action's transaction. `afresh` asks again what is known already."""
    found, _new = Look.objects.get_or_create(broadcast=broadcast)
    found.asked_at, found.ended_at = now, None
    if afresh:
        found.links, found.spam = {}, None
    found.save()
    jobs.enqueue("preflight.look", email_id=broadcast.pk)  # a second one finds all known, and does no harm
