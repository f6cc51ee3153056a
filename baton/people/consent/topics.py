"""The verbs of topics: save one, each wording kept; delete one that nothing stands on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel, ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from baton.people.consent.models import ConsentTopic, TopicWording
from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal

WORDS = ["label", "explanation", "confirm_subject", "confirm_text"]
MAX_KEY = 60


class TopicInUse(Refusal):
    """Consents, forms or emails stand on the topic; nothing was deleted."""


@transaction.atomic
def save_topic(topic: ConsentTopic, values: dict[str, Any], *, actor: User, now: datetime) -> ConsentTopic:
    """Create or change a topic. Other words make a new version; what people agreed to before keeps its own.

    A new topic's key is made from its name and stays.
    """
    is_new = topic.pk is None
    before = {name: getattr(topic, name) for name in values}
    if not is_new:
        _keep_wording(topic, at=None, actor=None)
    for name, value in values.items():
        setattr(topic, name, value)
    if is_new:
        topic.key = _free_key(topic.label)
    elif any(before[name] != values[name] for name in WORDS if name in values):
        topic.version += 1
    topic.save()
    _keep_wording(topic, at=now, actor=actor)
    after = {name: value for name, value in values.items() if is_new or before[name] != value}
    if after:
        journal.record("topic.saved", topic, actor=actor, version=topic.version, after=after)
    return topic


@transaction.atomic
def delete_topic(topic: ConsentTopic, *, actor: User) -> None:
    """Delete a topic that nobody was asked about and nothing refers to. Raises TopicInUse."""
    refusal = TopicInUse(
        _("%(topic)s is in use: take it out of the preference centre instead. Nothing was deleted.") % {"topic": topic}
    )
    if is_used(topic):
        raise refusal
    journal.record("topic.deleted", topic, actor=actor, key=topic.key, label=topic.label)
    try:
        topic.delete()
    except ProtectedError:
        raise refusal from None


def is_used(topic: ConsentTopic) -> bool:
    """Whether consents, evidence, or anything of another side refers to the topic."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: topic}).exists()
        for relation in ConsentTopic._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.related_model is not TopicWording
    )


def _keep_wording(topic: ConsentTopic, *, at: datetime | None, actor: User | None) -> None:
    words = {name: getattr(topic, name) for name in WORDS}
    TopicWording.objects.get_or_create(topic=topic, version=topic.version, defaults={**words, "at": at, "actor": actor})


def _free_key(label: str) -> str:
    """A key of the name's letters that no topic has: product-news, product-news-2."""
    stem = slugify(label)[: MAX_KEY - 4] or "topic"
    taken = set(ConsentTopic.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for n in range(1, len(taken) + 2) if (key := stem if n == 1 else f"{stem}-{n}") not in taken)
