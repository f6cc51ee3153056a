"""Consent by hand, with the reason kept as evidence; and the pages of the topics."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from baton.people.consent import topics
from baton.people.consent.actions import record_by_hand
from baton.people.consent.forms import ToldForm, TopicForm
from baton.people.consent.models import ConsentTopic
from baton.people.consent.reads import topics_with_counts
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import MailRules
from baton.people.preferences.confirming import DEFAULT_SUBJECT, DEFAULT_TEXT
from baton.platform.accounts.access import Request, may
from baton.platform.errors import Refusal


@require_POST
@may("people.change")
def set_consent(request: Request, contact_id: int, topic_id: int) -> HttpResponse:
    """POST: record what a contact told us; without saying how, nothing is recorded."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)
    topic = get_object_or_404(ConsentTopic, pk=topic_id)
    form = ToldForm(request.POST)
    if not form.is_valid():
        said = form.said() if request.POST.get("how", "").strip() else _("Say how the contact told you.")
        messages.error(request, _("%(why)s Nothing was recorded.") % {"why": said})
        return redirect(contact)
    state, now = form.cleaned_data["state"], timezone.now()
    try:
        record_by_hand(
            contact, topic, state, evidence=form.evidence, expires_at=form.expires_at, actor=request.user, now=now
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Recorded with you as the witness."))
    return redirect(contact)


@may("settings.change")
def topic_list(request: Request) -> HttpResponse:
    """Every topic and how many have agreed."""
    return render(request, "people/consent/topics.html", {"rows": topics_with_counts()})


@may("settings.change")
def new_topic(request: Request) -> HttpResponse:
    """A form for a new topic."""
    rules = MailRules.objects.first() or MailRules()
    return _edit(request, ConsentTopic(needs_confirmation=rules.asks_confirmation))


@may("settings.change")
def topic(request: Request, topic_id: int) -> HttpResponse:
    """One topic's form, with the wordings it had."""
    return _edit(request, get_object_or_404(ConsentTopic, pk=topic_id))


@require_POST
@may("settings.change")
def delete_topic(request: Request, topic_id: int) -> HttpResponse:
    """POST: delete a topic nothing stands on."""
    found = get_object_or_404(ConsentTopic, pk=topic_id)
    try:
        topics.delete_topic(found, actor=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect(found)
    messages.success(request, _("%(topic)s is deleted.") % {"topic": found})
    return redirect("consent_topics")


def _edit(request: Request, found: ConsentTopic) -> HttpResponse:
    form = TopicForm(request.POST or None, instance=found)
    form.show_when_empty(confirm_subject=str(DEFAULT_SUBJECT), confirm_text=str(DEFAULT_TEXT))
    if request.method == "POST" and form.is_valid():
        kept = ConsentTopic.objects.get(pk=found.pk) if found.pk else ConsentTopic()  # the form has changed `found`
        saved = topics.save_topic(kept, form.values(), actor=request.user, now=timezone.now())
        messages.success(request, _("%(topic)s is saved as version %(n)s.") % {"topic": saved, "n": saved.version})
        return redirect("consent_topics")
    stored = ConsentTopic.objects.filter(pk=found.pk).first()
    context = {
        "form": form,
        "topic": stored,
        "is_used": bool(stored and topics.is_used(stored)),
        "wordings": list(stored.wordings.select_related("actor").order_by("-version")[:20]) if stored else [],
    }
    return render(request, "people/consent/topic.html", context, status=422 if form.errors else 200)
