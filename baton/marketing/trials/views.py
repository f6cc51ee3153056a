"""The A/B test's pages: what is compared, a variant as it will look, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from baton.marketing.email.mailing import Example
from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.trials import actions, words
from baton.marketing.trials.forms import TrialForm, VariantForm, variant_forms
from baton.marketing.trials.models import Trial, trial_of
from baton.marketing.trials.reads import outlook, result_of
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal
from baton.tracking.errors import StoreAway

# As the email's own preview: a frame without rights.
PREVIEW_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *; frame-ancestors 'self'"
)


@require_GET
@may("marketing.view")
def ab_test(request: Request, email_id: int) -> HttpResponse:
    """The figures of an A/B test, who won and why; on a draft, what will be compared."""
    broadcast = _found(email_id)
    trial = trial_of(broadcast)
    if trial is None or broadcast.is_draft:
        return redirect("edit_ab_test", email_id) if request.user.may("marketing.change") else redirect(broadcast)
    context: dict[str, Any] = {"email": broadcast, "trial": trial, "words": words, "now": timezone.now()}
    variants = {variant.letter: variant.of(broadcast) for variant in trial.variants.all()}
    context |= {
        "variants": {"A": broadcast, **variants},
        "hours": {v.letter: v.hours_later for v in trial.variants.all()},
    }
    try:
        context["result"] = result_of(trial, timezone.now())
    except StoreAway as away:
        messages.error(request, str(away))
        return redirect(broadcast)
    return render(request, "marketing/trials/result.html", context)


@may("marketing.change")
def edit_ab_test(request: Request, email_id: int) -> HttpResponse:
    """What is compared and how it is decided; what is typed is kept when it is refused."""
    broadcast = _found(email_id)
    if not broadcast.is_draft:
        messages.info(request, _("This email is on its way; its A/B test cannot be changed."))
        return redirect("ab_test", email_id) if trial_of(broadcast) else redirect(broadcast)
    trial = trial_of(broadcast)
    if broadcast.is_of_journey and trial is None:
        messages.info(request, str(actions.OF_JOURNEY))
        return redirect(broadcast)
    data = request.POST or None
    form, variants = TrialForm(data, instance=trial or Trial()), variant_forms(broadcast, trial, data)
    if data is not None and all([form.is_valid(), *[one.is_valid() for one in variants]]):
        try:
            own = {one.letter: one.values() for one in variants if one.is_used}
            actions.save_trial(broadcast, form.values(), own, actor=request.user, now=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The A/B test is saved; it begins when the email is sent."))
            return redirect("edit_ab_test", email_id)
    return _draw(request, broadcast, trial, form, variants)


def _draw(
    request: Request, broadcast: Broadcast, trial: Trial | None, form: TrialForm, variants: list[VariantForm]
) -> HttpResponse:
    is_wrong = bool(form.errors) or any(one.errors for one in variants)
    context: dict[str, Any] = {"email": broadcast, "trial": trial, "form": form, "variants": variants, "outlook": None}
    if trial:
        context["outlook"] = outlook(
            broadcast, test_percent=trial.test_percent, held_percent=trial.held_percent, letters=len(trial.letters)
        )
    return render(request, "marketing/trials/edit.html", context, status=422 if is_wrong else 200)


@require_POST
@may("marketing.change")
def drop_ab_test(request: Request, email_id: int) -> HttpResponse:
    """POST: no A/B test; the email goes out as it is."""
    broadcast = _found(email_id)
    try:
        dropped = actions.drop_trial(broadcast, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("The A/B test is gone; all get the email as it is.") if dropped else _("It was gone.")
        )
    return redirect(broadcast)


@require_POST
@may("marketing.send")
def choose_ab_winner(request: Request, email_id: int) -> HttpResponse:
    """POST: a person chooses which variant the rest gets."""
    trial = get_object_or_404(Trial.objects.select_related("broadcast"), broadcast=_found(email_id))
    letter = request.POST.get("variant", "")
    try:
        actions.choose_winner(trial, letter, actor=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Variant %(letter)s goes to the rest.") % {"letter": letter})
    return redirect("ab_test", email_id)


@require_GET
@xframe_options_sameorigin
@may("marketing.view")
def preview_variant(request: Request, email_id: int, letter: str) -> HttpResponse:
    """One variant's mail as somebody unknown would see it."""
    broadcast = _found(email_id)
    trial = trial_of(broadcast)
    found = {one.letter: one for one in trial.variants.all()}.get(letter.upper()) if trial else None
    try:
        body, kind = Example(found.of(broadcast) if found else broadcast).html, "text/html"
    except BadWriting as error:
        body, kind = str(error), "text/plain"
    policy = {"Content-Security-Policy": PREVIEW_POLICY}
    return HttpResponse(body, content_type=f"{kind}; charset=utf-8", headers=policy)


def _found(email_id: int) -> Broadcast:
    return get_object_or_404(Broadcast.objects.live().select_related("campaign", "topic", "owner"), pk=email_id)
