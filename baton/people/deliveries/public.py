"""What anyone with a link from a mail may do: unsubscribe in one click, choose topics.

Only POST changes anything: scanners follow every link of a mail with GET. The token is the permission, so no cookie
and no CSRF token is asked for (RFC 8058 forbids both).
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from baton.people.consent.actions import Evidence, give_consent, withdraw_consent
from baton.people.consent.models import Consent, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.tokens import PREFERENCES, UNSUBSCRIBE, ForgedToken, make_token, read_token
from baton.platform.accounts.access import public
from baton.platform.organisation import organisation


def unsubscribe_token(contact: int, topic: int, delivery: int) -> str:
    """Names the person, the topic and the delivery that carried the link (0 for a test)."""
    return make_token(UNSUBSCRIBE, contact, topic, delivery)


def preferences_token(contact: int) -> str:
    return make_token(PREFERENCES, contact)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks with one button, POST unsubscribes from the mail's topic. 404 for a token not made here."""
    contact_id, topic_id, delivery_id = _numbers(UNSUBSCRIBE, token, 3)
    topic = get_object_or_404(ConsentTopic, pk=topic_id)
    contact = Contact.objects.filter(pk=contact_id).first()
    if request.method == "POST" and contact and not _is_withdrawn(contact, topic):
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        evidence = Evidence(
            how="one-click unsubscribe" if one_click else "unsubscribe page",
            ip=request.META.get("REMOTE_ADDR") or None,
            proof={"delivery": delivery_id, "agent": request.headers.get("User-Agent", "")[:200]},
        )
        now = timezone.now()
        withdraw_consent(contact, topic, evidence=evidence, now=now)
        Delivery.objects.filter(pk=delivery_id, contact=contact, unsubscribed_at=None).update(unsubscribed_at=now)
    context = {
        "topic": topic,
        "organisation": organisation(),
        "is_done": request.method == "POST",
        "preferences": preferences_token(contact_id),
    }
    return render(request, "people/deliveries/unsubscribe.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the topics one can agree to and where one stands, POST takes the choice. 404 for a forged token."""
    (contact_id,) = _numbers(PREFERENCES, token, 1)
    contact = Contact.objects.filter(pk=contact_id).first()
    topics = list(ConsentTopic.objects.filter(is_public=True).order_by("label"))
    if request.method == "POST" and contact:
        _choose(request, contact, topics)
    given = set()
    if contact:
        given = set(Consent.objects.filter(contact=contact, state="given").values_list("topic_id", flat=True))
    context = {
        "topics": topics,
        "given": given,
        "organisation": organisation(),
        "is_done": request.method == "POST",
        "email": _shown(contact.email) if contact else "",
    }
    return render(request, "people/deliveries/preferences.html", context)


def _choose(request: HttpRequest, contact: Contact, topics: list[ConsentTopic]) -> None:
    wanted = set(request.POST.getlist("topic"))
    given = set(Consent.objects.filter(contact=contact, state="given").values_list("topic_id", flat=True))
    for topic in topics:
        evidence = Evidence(
            how="preference page",
            wording=topic.explanation or topic.label,
            ip=request.META.get("REMOTE_ADDR") or None,
            proof={"agent": request.headers.get("User-Agent", "")[:200]},
        )
        if str(topic.pk) in wanted and topic.pk not in given:
            give_consent(contact, topic, evidence=evidence, now=timezone.now())
        elif str(topic.pk) not in wanted and topic.pk in given:
            withdraw_consent(contact, topic, evidence=evidence, now=timezone.now())


def _numbers(purpose: str, token: str, count: int) -> tuple[int, ...]:
    try:
        numbers = read_token(purpose, token)
    except ForgedToken as error:
        raise Http404(str(error)) from None
    if len(numbers) != count:
        raise Http404
    return numbers


def _is_withdrawn(contact: Contact, topic: ConsentTopic) -> bool:
    """Mail programs may send their one click again; what is withdrawn already needs no further evidence."""
    withdrawn = Consent.objects.filter(contact=contact, topic=topic, channel="email", state=Consent.State.WITHDRAWN)
    return withdrawn.exists()


def _shown(email: str) -> str:
    """Enough of an address to know it by, for a page that may be forwarded with the mail."""
    local, _, domain = email.partition("@")
    return f"{local[:2]}…@{domain}" if domain else ""
