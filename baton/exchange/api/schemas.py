"""What goes in and out. Amounts are integers of the minor unit with an ISO 4217 code; times are UTC (RFC 3339)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Amount = Annotated[int, Field(ge=0, le=10**15)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$|^$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


NO_ZERO = r"^[^\x00]*$"
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_ZERO)]
Text40 = Annotated[str, Field(max_length=40, pattern=NO_ZERO)]
Text60 = Annotated[str, Field(max_length=60, pattern=NO_ZERO)]
Text100 = Annotated[str, Field(max_length=100, pattern=NO_ZERO)]
Text120 = Annotated[str, Field(max_length=120, pattern=NO_ZERO)]
Text150 = Annotated[str, Field(max_length=150, pattern=NO_ZERO)]
Text200 = Annotated[str, Field(max_length=200, pattern=NO_ZERO)]
Text254 = Annotated[str, Field(max_length=254, pattern=NO_ZERO)]
MetadataName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Text20000 = Annotated[str, Field(max_length=20000, pattern=NO_ZERO)]


class Strict(Schema):
    """Input: fields that are not known are an error, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class ContactOut(Schema):
    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    job_title: str
    company_id: int | None
    city: str
    country: str
    lifecycle: str
    fit_score: int
    engagement_score: float
    source: str
    owner_id: int | None
    revision: int
    created_at: datetime
    changed_at: datetime


class ContactIn(Strict):
    first_name: Text100 = ""
    last_name: Text100 = ""
    email: Text254 = ""
    phone: Text40 = ""
    job_title: Text150 = ""
    company_id: Id | None = None
    city: Text120 = ""
    country: Code = ""
    source: Text60 = ""


class ContactChange(Strict):
    """Fields left out stay as they are. `revision`, when sent, refuses to overwrite a newer change."""

    first_name: Text100 | None = None
    last_name: Text100 | None = None
    email: Text254 | None = None
    phone: Text40 | None = None
    job_title: Text150 | None = None
    company_id: Id | None = None
    city: Text120 | None = None
    country: Code | None = None
    source: Text60 | None = None
    revision: Id | None = None


class CompanyOut(Schema):
    id: int
    name: str
    domain: str
    industry: str
    employees: int | None
    city: str
    country: str
    owner_id: int | None
    revision: int
    created_at: datetime
    changed_at: datetime


class CompanyIn(Strict):
    name: Name
    domain: Text200 = ""
    industry: Text120 = ""
    employees: Annotated[int, Field(ge=0, le=10**9)] | None = None
    city: Text120 = ""
    country: Code = ""


class DealOut(Schema):
    id: int
    name: str
    state: str
    pipeline_id: int
    stage_id: int
    amount_minor: int | None
    currency: str
    company_id: int | None
    owner_id: int | None
    source: str
    campaign_code: str
    probability: int
    expected_close_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    revision: int


class DealIn(Strict):
    name: Name
    amount_minor: Amount | None = None
    currency: Currency | None = None
    company_id: Id | None = None
    contact_ids: Annotated[list[Id], Field(max_length=50)] = []
    expected_close_on: date | None = None
    source: Text60 = ""


class ActivityOut(Schema):
    id: int
    kind: str
    subject: str
    body: str
    outcome: str
    at: datetime
    duration_minutes: int | None
    contact_id: int | None
    company_id: int | None
    deal_id: int | None
    owner_id: int | None


class ActivityIn(Strict):
    kind: Annotated[str, Field(pattern=r"^(call|email|meeting|note)$")]
    subject: Text200 = ""
    body: Text20000 = ""
    outcome: Annotated[str, Field(pattern=r"^(reached|voicemail|no_answer|wrong_number)?$")] = ""
    contact_id: Id | None = None
    company_id: Id | None = None
    deal_id: Id | None = None
    duration_minutes: Annotated[int, Field(ge=0, le=10000)] | None = None


class EventIn(Strict):
    """Something a person did, told by another system. `id` names it there, so that a repeat is stored once.

    Whose it is: `contact_id`, `email` of a contact that is known, or `visitor`, that system's own name of a browser;
    with a contact and a visitor, the visitor is that contact from then on.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:\- ]{0,59}$")]
    id: Annotated[str, Field(min_length=1, max_length=120, pattern=NO_ZERO)]
    contact_id: Id | None = None
    email: Text254 = ""
    visitor: Text200 = ""
    at: Annotated[datetime | None, Field(description="When it happened, since 2000; now where it is left out.")] = None
    url: Annotated[str, Field(max_length=2000, pattern=NO_ZERO, description="The page's whole address.")] = ""
    referrer: Annotated[str, Field(max_length=2000, pattern=NO_ZERO)] = ""
    value: Annotated[int | None, Field(ge=-(10**15), le=10**15, description="Minor units of `currency`.")] = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$|^$")] = ""
    user_agent: Annotated[str, Field(max_length=500, pattern=NO_ZERO, description="Of the person's browser.")] = ""
    country: Code = ""
    language: Annotated[str, Field(max_length=10, pattern=NO_ZERO)] = ""
    props: Annotated[dict[str, str | int | float | bool], Field(max_length=30)] = {}


class EventStored(Schema):
    id: str


class EventsIn(Strict):
    """Up to 1,000 events, each as for `POST /events`; one that does not fit is dropped without the others."""

    events: Annotated[
        list[Any],
        Field(min_length=1, max_length=1000, json_schema_extra={"x-each": "EventIn"}),
    ]


class EventAnswer(Schema):
    """What became of the event at a place in the list (from 0): `reason` and `why` where it was dropped."""

    place: int
    state: Literal["stored", "repeated", "dropped"]
    id: str | None = None
    reason: str = ""
    why: str = ""


class EventsStored(Schema):
    stored: int
    repeated: int
    dropped: int
    events: list[EventAnswer]


class AttachmentIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=150, pattern=NO_ZERO)]
    content_type: Text100 = "application/octet-stream"
    content: Annotated[str, Field(max_length=2_100_000, description="The file, in base64.")]


class MailIn(Strict):
    """A mail to one person: a template's code with data, or subject with html, text or both."""

    to: Text254
    to_name: Text120 = ""
    template: Text60 = ""
    data: Annotated[dict[str, Any], Field(max_length=200)] = {}
    subject: Annotated[str, Field(max_length=500, pattern=NO_ZERO)] = ""
    html: Annotated[str, Field(max_length=300_000)] = ""
    text: Annotated[str, Field(max_length=300_000)] = ""
    reply_to: Text254 = ""
    attachments: Annotated[list[AttachmentIn], Field(max_length=10)] = []
    metadata: Annotated[dict[MetadataName, Text200], Field(max_length=20)] = {}


class MailMoment(Schema):
    what: str
    at: datetime | None
    note: str


class MailOut(Schema):
    """`state`: queued, claimed, handed, delivered, deferred, bounced, complained, skipped or unknown."""

    id: int
    state: str
    reason: str
    to: str
    template: str | None
    subject: str
    contact_id: int | None
    metadata: dict[str, str]
    attempts: int
    created_at: datetime
    history: list[MailMoment]


class MailPage(Schema):
    items: list[MailOut]
    next: str | None


class ContactPage(Schema):
    items: list[ContactOut]
    next: str | None


class CompanyPage(Schema):
    items: list[CompanyOut]
    next: str | None


class DealPage(Schema):
    items: list[DealOut]
    next: str | None


class ActivityPage(Schema):
    items: list[ActivityOut]
    next: str | None
