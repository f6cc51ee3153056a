"""The demo company's forms, segments and scores: what the newcomer fills in, and whom marketing looks at."""

from __future__ import annotations

from baton.handoff.assignments.evidence import frozen_evidence
from baton.handoff.assignments.models import Handoff
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form
from baton.marketing.lists.actions import make_list, make_segment, put_on
from baton.marketing.scoring.actions import ensure_default_rules, reasons_at
from baton.marketing.scoring.models import ScoreReason
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.models import ContactList
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.models import Contact
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
    """Four segments with their members, the first of them the audience of the emails and their campaigns."""
    for name, rule in SEGMENTS:
        segment = save_segment(None, name=name, rule=rule, actor=world.users["marketer"][0], now=world.now)
        refresh(segment, now=world.now)
        if name == READERS:
            for email in world.emails:
                email.segments.add(segment)
                email.campaign.segments.add(segment)


def make_lists(world: World) -> None:
    """Three lists by hand: whom one met at the fair, a round of customers, guests of an evening. One is a segment."""
    chance = world.aside(2).chance
    fair = world.campaigns["fair-hannover"]
    met = [lead.contact for lead in world.leads if lead.campaign_code == fair.code]
    customers = [one for one in world.contacts if one.lifecycle == "customer"]
    near = [one for one in world.contacts if one.city == "Hamburg" and one.email]
    lists = [
        (f"Fair Hannover {fair.starts_on.year}: met at our stand", met, (world.now.date() - fair.starts_on).days - 4),
        ("Customer round", chance.sample(customers, 14), 150),
        ("Evening in Hamburg: invited", chance.sample(near, 36), 20),
    ]
    made = [_make_list(world, *told) for told in lists]
    met_there = make_segment(made[0], actor=world.users["marketer"][0], now=world.now)
    refresh(met_there, now=world.now)
    fair.segments.add(met_there)


def _make_list(world: World, name: str, contacts: list[Contact], days_ago: int) -> ContactList:
    owner, at = world.users["marketer"][0], world.morning(days_ago)
    made = make_list(name, actor=owner, now=at)
    put_on(made, [one.pk for one in contacts], actor=owner, now=at)
    return made


def make_scores(world: World) -> None:
    """Everyone scored by the shipped rules; the leads that wait are handed over with the evidence of today."""
    ensure_default_rules()
    contacts = {contact.pk: contact for contact in world.contacts}
    found = reasons_at(list(contacts), now=world.now)
    ScoreReason.objects.bulk_create((one for reasons in found.values() for one in reasons), batch_size=1_000)
    for pk, reasons in found.items():
        points = {"fit": 0.0, "engagement": 0.0}
        for one in reasons:
            points[one.rule.kind] += one.points
        contacts[pk].fit_score, contacts[pk].engagement_score = round(points["fit"]), round(points["engagement"], 2)
    Contact.objects.bulk_update(contacts.values(), ["fit_score", "engagement_score"], batch_size=300)
    for handoff in Handoff.objects.filter(state=Handoff.State.ASSIGNED).select_related("lead__contact__company"):
        handoff.evidence = frozen_evidence(handoff.lead, handoff.agreement)
        handoff.save(update_fields=["evidence"])
