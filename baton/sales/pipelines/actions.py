"""Making pipelines and shaping their stages."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from baton.platform import journal
from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.sales.pipelines.models import Pipeline, Stage

MOST_STAGES = 12


@dataclass(frozen=True)
class StageFacts:
    """What a stage is: its name, probability in percent, days until a deal in it stalls, and what it demands."""

    name: str
    probability: int = 0
    stalled_after_days: int = 30
    demands: tuple[str, ...] = ()


def usual_stages() -> list[StageFacts]:
    """Four stages most teams can start with; names are the trade's (crm vocabularies of six systems, read 2026-11)."""
    return [
        StageFacts(_("Qualification"), 10, 14),
        StageFacts(_("Discovery"), 25, 21, ("contact",)),
        StageFacts(_("Proposal"), 50, 21, ("amount", "close_date")),
        StageFacts(_("Negotiation"), 75, 30, ("next_step",)),
    ]


@transaction.atomic
def make_pipeline(name: str, stages: list[StageFacts], *, actor: User | None) -> Pipeline:
    """A pipeline with its stages in their order. One of that name is given back as it is."""
    pipeline, made = Pipeline.objects.get_or_create(name=name, defaults={"position": Pipeline.objects.count()})
    if not made:
        return pipeline
    for position, facts in enumerate(stages):
        _make(pipeline, facts, position)
    journal.record("pipeline.made", pipeline, actor=actor, stages=[facts.name for facts in stages])
    return pipeline


@transaction.atomic
def add_stage(pipeline: Pipeline, facts: StageFacts, *, actor: User | None) -> Stage:
    """A further stage at the end. Raises Refusal beyond MOST_STAGES or when the name is taken."""
    if pipeline.stages.count() >= MOST_STAGES:
        raise Refusal(_("A pipeline has at most %(n)s stages.") % {"n": MOST_STAGES})
    if pipeline.stages.filter(name=facts.name).exists():
        raise Refusal(_("There is a stage of that name already."))
    last = pipeline.stages.order_by("-position").first()
    stage = _make(pipeline, facts, last.position + 1 if last else 0)
    journal.record("stage.added", stage, actor=actor, name=stage.name)
    return stage


@transaction.atomic
def change_stage(stage: Stage, facts: StageFacts, *, actor: User | None) -> Stage:
    """Give a stage other facts. Deals in it keep their probability until they move. Raises Refusal for a taken name."""
    if Stage.objects.filter(pipeline_id=stage.pipeline_id, name=facts.name).exclude(pk=stage.pk).exists():
        raise Refusal(_("There is a stage of that name already."))
    before = {name: getattr(stage, name) for name in vars(facts)}
    if before == {**vars(facts), "demands": list(facts.demands)}:
        return stage
    stage.name, stage.probability = facts.name, facts.probability
    stage.stalled_after_days, stage.demands = facts.stalled_after_days, list(facts.demands)
    stage.save()
    journal.record("stage.changed", stage, actor=actor, before=before, after=vars(facts))
    return stage


def _make(pipeline: Pipeline, facts: StageFacts, position: int) -> Stage:
    return Stage.objects.create(
        pipeline=pipeline,
        name=facts.name,
        position=position,
        probability=facts.probability,
        stalled_after_days=facts.stalled_after_days,
        demands=list(facts.demands),
    )
