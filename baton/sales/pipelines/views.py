"""The pipelines page: stages, what they demand, when a deal in them stalls."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.sales.deals.rules import DEMAND_LABELS
from baton.sales.pipelines import actions
from baton.sales.pipelines.models import Pipeline, Stage


class StageForm(forms.Form):
    name = forms.CharField(max_length=120, label=gettext_lazy("Name"))
    probability = forms.IntegerField(min_value=0, max_value=100, label=gettext_lazy("Probability"))
    stalled_after_days = forms.IntegerField(min_value=1, max_value=1000, label=gettext_lazy("Stalled after days"))
    demands = forms.MultipleChoiceField(choices=DEMAND_LABELS.items(), required=False, label=gettext_lazy("Demands"))

    def facts(self) -> actions.StageFacts:
        told = self.cleaned_data
        return actions.StageFacts(
            told["name"].strip(), told["probability"], told["stalled_after_days"], tuple(told["demands"])
        )


@require_GET
@may("sales.manage")
def pipelines(request: Request) -> HttpResponse:
    """Every pipeline with its stages."""
    rows = Pipeline.objects.prefetch_related("stages")
    return render(request, "sales/pipelines/pipelines.html", {"pipelines": rows, "demands": DEMAND_LABELS.items()})


@require_POST
@may("sales.manage")
def make_pipeline(request: Request) -> HttpResponse:
    """POST: a pipeline with the usual stages, to be shaped afterwards."""
    name = request.POST.get("name", "").strip()[:120] or _("New business")
    actions.make_pipeline(name, actions.usual_stages(), actor=request.user)
    messages.success(request, _("%(name)s is ready. Shape its stages to your way of selling.") % {"name": name})
    return redirect("pipelines")


@require_POST
@may("sales.manage")
def add_stage(request: Request, pipeline_id: int) -> HttpResponse:
    """POST: a further stage."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    return _keep(request, lambda facts: actions.add_stage(pipeline, facts, actor=request.user))


@require_POST
@may("sales.manage")
def change_stage(request: Request, stage_id: int) -> HttpResponse:
    """POST: other facts for a stage."""
    stage = get_object_or_404(Stage, pk=stage_id)
    return _keep(request, lambda facts: actions.change_stage(stage, facts, actor=request.user))


def _keep(request: Request, keep: Callable[[actions.StageFacts], Stage]) -> HttpResponse:
    form = StageForm(request.POST)
    try:
        if not form.is_valid():
            raise Refusal(" ".join(str(errors[0]) for errors in form.errors.values()))
        keep(form.facts())
        messages.success(request, _("Saved."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("pipelines")
