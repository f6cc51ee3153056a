"""The API's paths. Each checks permission and scope, and shows only what the token's owner may see."""

# No postponed annotations here: ninja reads them at import, through decorators.

from typing import Any

from django.utils import timezone
from ninja import Router, Status

from baton import __version__
from baton.exchange.api import schemas as s
from baton.exchange.api.events import router as events
from baton.exchange.api.mails import router as mails
from baton.exchange.api.problems import DescribedAPI, Problem, add_handlers
from baton.exchange.api.shared import PROBLEMS, After, Limit, allow, maybe, once, one, page
from baton.exchange.api.tokens import ApiRequest, Bearer
from baton.people.companies.actions import change_company, create_company
from baton.people.companies.models import Company
from baton.people.contacts.actions import change_contact, create_contact
from baton.people.contacts.models import Contact
from baton.sales.activities.actions import log_activity
from baton.sales.activities.models import Activity
from baton.sales.deals.actions import open_deal
from baton.sales.deals.models import Deal

api = DescribedAPI(
    title="Baton",
    version=__version__,
    description="Contacts, companies, deals, activities and events. A token sees and does what its owner may.",
    auth=Bearer(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
add_handlers(api)
router = Router()


@router.get("/contacts", response={200: s.ContactPage, **PROBLEMS}, tags=["contacts"])
def list_contacts(request: ApiRequest, after: After = "", limit: Limit = 50, email: str = "") -> dict[str, Any]:
    """Contacts the owner may see, by id; `email` finds one by its address."""
    allow(request, "people.view")
    contacts = Contact.objects.visible_to(request.user)
    return page(contacts.holding(email=[_plain(email).lower()]) if email else contacts, after, limit)


@router.get("/contacts/{contact_id}", response={200: s.ContactOut, **PROBLEMS}, tags=["contacts"])
def get_contact(request: ApiRequest, contact_id: int) -> Contact:
    """One contact."""
    allow(request, "people.view")
    return one(Contact.objects.visible_to(request.user), contact_id)


@router.post("/contacts", response={201: s.ContactOut, **PROBLEMS}, tags=["contacts"])
@once
def post_contact(request: ApiRequest, body: s.ContactIn) -> Status[s.ContactOut]:
    """A new contact, owned by the token's owner. An address that another contact has is a 409."""
    allow(request, "people.change")
    values = body.model_dump(exclude={"company_id"})
    if not any(values[name] for name in ("first_name", "last_name", "email", "phone")):
        raise Problem(422, "A contact needs a name, an address or a phone number.")
    company = maybe(Company.objects.visible_to(request.user), body.company_id, "company_id")
    made = create_contact(actor=request.user, now=timezone.now(), owner=request.user, company=company, **values)
    return Status(201, s.ContactOut.from_orm(made))


@router.patch("/contacts/{contact_id}", response={200: s.ContactOut, **PROBLEMS}, tags=["contacts"])
def patch_contact(request: ApiRequest, contact_id: int, body: s.ContactChange) -> Contact:
    """Change the fields that are sent."""
    allow(request, "people.change")
    contact = one(Contact.objects.visible_to(request.user), contact_id)
    sent = body.model_dump(exclude_unset=True, exclude={"revision", "company_id"})
    changes: dict[str, Any] = {name: value for name, value in sent.items() if value is not None}
    if "company_id" in body.model_fields_set:
        changes["company"] = maybe(Company.objects.visible_to(request.user), body.company_id, "company_id")
    return change_contact(contact, changes, actor=request.user, now=timezone.now(), seen_revision=body.revision)


@router.get("/companies", response={200: s.CompanyPage, **PROBLEMS}, tags=["companies"])
def list_companies(request: ApiRequest, after: After = "", limit: Limit = 50, domain: str = "") -> dict[str, Any]:
    """Companies the owner may see, by id; `domain` finds one by its domain."""
    allow(request, "people.view")
    companies = Company.objects.visible_to(request.user)
    return page(companies.holding(domain=[_plain(domain).lower()]) if domain else companies, after, limit)


@router.get("/companies/{company_id}", response={200: s.CompanyOut, **PROBLEMS}, tags=["companies"])
def get_company(request: ApiRequest, company_id: int) -> Company:
    """One company."""
    allow(request, "people.view")
    return one(Company.objects.visible_to(request.user), company_id)


@router.post("/companies", response={201: s.CompanyOut, **PROBLEMS}, tags=["companies"])
@once
def post_company(request: ApiRequest, body: s.CompanyIn) -> Status[s.CompanyOut]:
    """A new company, owned by the token's owner. A domain that another company has is a 409."""
    allow(request, "people.change")
    made = create_company(actor=request.user, now=timezone.now(), owner=request.user, **body.model_dump())
    return Status(201, s.CompanyOut.from_orm(made))


@router.patch("/companies/{company_id}", response={200: s.CompanyOut, **PROBLEMS}, tags=["companies"])
def patch_company(request: ApiRequest, company_id: int, body: s.CompanyIn) -> Company:
    """Set the fields that are sent."""
    allow(request, "people.change")
    company = one(Company.objects.visible_to(request.user), company_id)
    return change_company(company, body.model_dump(exclude_unset=True), actor=request.user, now=timezone.now())


@router.get("/deals", response={200: s.DealPage, **PROBLEMS}, tags=["deals"])
def list_deals(request: ApiRequest, after: After = "", limit: Limit = 50, state: str = "") -> dict[str, Any]:
    """Deals the owner may see, by id; `state` is open, won or lost."""
    allow(request, "sales.view")
    deals = Deal.objects.visible_to(request.user)
    return page(deals.filter(state=_plain(state)) if state else deals, after, limit)


@router.get("/deals/{deal_id}", response={200: s.DealOut, **PROBLEMS}, tags=["deals"])
def get_deal(request: ApiRequest, deal_id: int) -> Deal:
    """One deal."""
    allow(request, "sales.view")
    return one(Deal.objects.visible_to(request.user), deal_id)


@router.post("/deals", response={201: s.DealOut, **PROBLEMS}, tags=["deals"])
@once
def post_deal(request: ApiRequest, body: s.DealIn) -> Status[s.DealOut]:
    """A new open deal in the first stage of the first pipeline, owned by the token's owner."""
    allow(request, "sales.change")
    people = Contact.objects.visible_to(request.user)
    made = open_deal(
        name=body.name,
        actor=request.user,
        now=timezone.now(),
        owner=request.user,
        currency=body.currency or "",
        company=maybe(Company.objects.visible_to(request.user), body.company_id, "company_id"),
        contacts=[maybe(people, pk, "contact_ids") for pk in dict.fromkeys(body.contact_ids)],
        amount_minor=body.amount_minor,
        expected_close_on=body.expected_close_on,
        source=body.source,
    )
    return Status(201, s.DealOut.from_orm(made))


@router.get("/activities", response={200: s.ActivityPage, **PROBLEMS}, tags=["activities"])
def list_activities(request: ApiRequest, after: After = "", limit: Limit = 50) -> dict[str, Any]:
    """Calls, mails, meetings and notes the owner may see, by id."""
    allow(request, "sales.view")
    return page(Activity.objects.visible_to(request.user), after, limit)


@router.post("/activities", response={201: s.ActivityOut, **PROBLEMS}, tags=["activities"])
@once
def post_activity(request: ApiRequest, body: s.ActivityIn) -> Status[s.ActivityOut]:
    """Keep that something was done with a contact, company or deal."""
    allow(request, "sales.change")
    if not (body.contact_id or body.company_id or body.deal_id):
        raise Problem(422, "An activity is with a contact, a company or a deal.")
    made = log_activity(
        body.kind,
        actor=request.user,
        now=timezone.now(),
        contact=maybe(Contact.objects.visible_to(request.user), body.contact_id, "contact_id"),
        company=maybe(Company.objects.visible_to(request.user), body.company_id, "company_id"),
        deal=maybe(Deal.objects.visible_to(request.user), body.deal_id, "deal_id"),
        outcome=body.outcome,
        subject=body.subject,
        body=body.body,
        duration_minutes=body.duration_minutes,
        owner=request.user,
    )
    return Status(201, s.ActivityOut.from_orm(made))


def _plain(text: str) -> str:
    if "\x00" in text:
        raise Problem(422, "A text holds no zero byte.")
    return text


api.add_router("", router)
api.add_router("", events)
api.add_router("", mails)
