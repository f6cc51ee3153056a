"""The demo company's forms and segments: what the newcomer fills in, and whom marketing looks at."""

from __future__ import annotations

from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form
from baton.marketing.scoring.actions import ensure_default_rules
from baton.marketing.segments.actions import refresh, save_segment
from baton.people.consent.models import ConsentTopic
from baton.web.demo.world import World

JOB = {"name": "job_title", "label": "Job title", "kind": "text", "required": False}
FIELDS = [
    {"name": "first_name", "label": "First name", "kind": "text", "required": False},
    {"name": "last_name", "label": "Last name", "kind": "text", "required": True},
    {"name": "email", "label": "Work e-mail", "kind": "email", "required": True},
    {"name": "company", "label": "Company", "kind": "text", "required": False},
    JOB,
]
READERS = "Newsletter readers"
SEGMENTS = [
    (READERS, {"all": [{"consent": "newsletter"}]}),
    (
        "Managers in the German-speaking countries",
        {
            "all": [
                {"attribute": "country", "op": "in", "value": ["DE", "AT", "CH"]},
                {"attribute": "seniority", "op": "in", "value": ["manager", "head", "director", "executive"]},
                {"consent": "newsletter"},
            ]
        },
    ),
    (
        "Looked at pricing this month, no deal yet",
        {
            "all": [
                {"event": "pageview", "path": "/pricing", "at_least": 1, "days": 30},
                {"none": [{"fact": "has_an_open_deal"}, {"fact": "has_won_a_deal"}]},
            ]
        },
    ),
    ("Customers", {"all": [{"attribute": "lifecycle", "op": "is", "value": "customer"}]}),
]


def make_forms(world: World) -> None:
    """The two forms of the demo website."""
    topic = ConsentTopic.objects.get(key="newsletter")
    wording = "Yes, send me the newsletter about once a month. I can stop it in every mail."
    shared = {"topic": topic, "consent_wording": wording}
    guide = {
        "name": "Maintenance guide",
        "slug": "maintenance-guide",
        "title": "Get the guide",
        "campaign": world.campaigns["maintenance-guide"],
        "button": "Send me the guide",
        "thanks": "Thank you. The guide is on its way to your mailbox.",
        "fields": FIELDS,
    }
    asked = {"name": "interest", "label": "What is it about?", "kind": "area", "required": False}
    demo = {
        "name": "Demo request",
        "slug": "demo-request",
        "title": "Ask for a demo",
        "button": "Ask for a demo",
        "thanks": "Thank you. A person answers, usually within two working hours.",
        "fields": [*FIELDS, asked],
    }
    for values in (guide, demo):
        save_form(Form(), {**shared, **values}, actor=world.users["marketer"][0], now=world.now)


def make_segments(world: World) -> None:
    """Four segments with their members, the first of them the audience of the emails; and the shipped score rules."""
    ensure_default_rules()
    for name, rule in SEGMENTS:
        segment = save_segment(None, name=name, rule=rule, actor=world.users["marketer"][0], now=world.now)
        refresh(segment, now=world.now)
        if name == READERS:
            for email in world.emails:
                email.segments.add(segment)
