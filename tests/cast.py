"""One small company, shared by every test: people who sign in, people who buy, deals on their way."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.people.leads.actions import open_lead
from baton.people.leads.models import Lead
from baton.platform.accounts.models import Team, User
from baton.sales.deals.models import Deal
from baton.sales.deals.search import index_deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday
PASSWORD = "correct-horse-battery"
STAGES = [("Discovery", 10), ("Proposal", 40), ("Negotiation", 70)]

_number = itertools.count(1)


def a_team(name: str = "", **fields: Any) -> Team:
    return Team.create(name or f"Team {next(_number)}", **fields)


def a_user(role: str = "rep", **fields: Any) -> User:
    n = next(_number)
    values = {"email": f"{role}{n}@baton.example", "name": f"{role.replace('_', ' ').title()} {n}", **fields}
    return User.objects.create_user(role=role, **values)


def a_company(name: str = "", **fields: Any) -> Company:
    n = next(_number)
    return Company.objects.create(name=name or f"Company {n}", **fields)


def a_contact(**fields: Any) -> Contact:
    n = next(_number)
    values = {"first_name": "Ada", "last_name": f"Number {n}", "email": f"ada{n}@customer.example", **fields}
    return Contact.objects.create(**values)


def a_lead(contact: Contact | None = None, **fields: Any) -> Lead:
    lead, _ = open_lead(contact or a_contact(), actor=None, now=fields.pop("now", NOW), **fields)
    return lead


def a_pipeline() -> Pipeline:
    """The one pipeline, made on first use with its three stages."""
    pipeline, made = Pipeline.objects.get_or_create(name="New business")
    if made:
        for position, (name, probability) in enumerate(STAGES):
            Stage.objects.create(pipeline=pipeline, name=name, position=position, probability=probability)
    return pipeline


def a_stage(name: str = "Discovery") -> Stage:
    return a_pipeline().stages.get(name=name)


def a_deal(stage: str = "Discovery", **fields: Any) -> Deal:
    step = a_stage(stage)
    values = {
        "name": f"Deal {next(_number)}",
        "pipeline": step.pipeline,
        "stage": step,
        "probability": step.probability,
        "currency": "USD",
        "amount_minor": 100_000,
        "opened_at": NOW,
        "entered_stage_at": NOW,
        **fields,
    }
    deal = Deal.objects.create(**values)
    index_deal(deal)
    return deal


def a_product(name: str = "", **fields: Any) -> Product:
    n = next(_number)
    values = {"code": f"P-{n}", "currency": "USD", "price_micros": 100_000_000, "cost_micros": 60_000_000, **fields}
    return Product.objects.create(name=name or f"Product {n}", **values)
