"""The demo company's own people, the companies it knows and their contacts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from baton.people.companies.models import Company
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.platform.accounts.models import Team, User
from baton.platform.organisation import organisation
from baton.web.demo import words
from baton.web.demo.world import CURRENCY, World

PASSWORD = "demo-baton-2026"  # noqa: S105 (printed on purpose: the demo's sign-ins)
DOMAIN = "tessera.example"

STAFF = [  # role, name, team
    ("administrator", "Alva Admin", None),
    ("operations", "Otto Ops", None),
    ("marketing_manager", "Mara Lindqvist", "Marketing"),
    ("marketer", "Milan Hoffmann", "Marketing"),
    ("marketer", "Meike Janssen", "Marketing"),
    ("sales_manager", "Sofia Berger", "Sales"),
    ("sdr", "Sam Petersen", "Sales North"),
    ("sdr", "Selma Aydin", "Sales South"),
    ("rep", "Rita Falk", "Sales North"),
    ("rep", "Rasmus Holm", "Sales North"),
    ("rep", "Renata Costa", "Sales South"),
    ("rep", "Robin Meyer", "Sales South"),
    ("rep", "Ruben Adler", "Sales South"),
]
YEARS_BEFORE = timedelta(days=600)  # the demo's year begins with customers and readers
COMPANIES, CONTACTS, DOUBLED = 800, 5_000, 120
TOPICS: dict[str, dict[str, Any]] = {
    "newsletter": {"label": "Newsletter", "explanation": "What we learned about machines this month. Monthly."},
    "product-news": {
        "label": "Product news",
        "explanation": "New sensors and software, when there are some. Four to six times a year.",
        "needs_confirmation": True,
    },
    "tracking": {
        "label": "Personal measurement",
        "explanation": "Whether you opened a mail, so that we write about what you read.",
        "purpose": ConsentTopic.Purpose.TRACKING,
    },
}


def make_staff(world: World) -> None:
    """The people who sign in, in their teams, one per role at least."""
    own = organisation()
    own.name, own.website = "Tessera Sensors", "https://tessera.example"
    own.postal_address = "Tessera Sensors GmbH\nHafenstraße 12\n20457 Hamburg\nGermany"
    own.zone, own.currency = "Europe/Berlin", CURRENCY
    own.save()
    sales = Team.create("Sales")
    teams = {
        "Sales": sales,
        "Sales North": Team.create("Sales North", parent=sales),
        "Sales South": Team.create("Sales South", parent=sales),
        "Marketing": Team.create("Marketing"),
    }
    for role, name, team in STAFF:
        user = User.objects.create_user(
            f"{name.split()[0].lower()}@{DOMAIN}",
            PASSWORD,
            name=name,
            role=role,
            team=teams.get(team or ""),
            zone="Europe/Berlin",
        )
        world.users.setdefault(role, []).append(user)
    sales.manager = world.users["sales_manager"][0]
    sales.save(update_fields=["manager"])
    teams["Marketing"].manager = world.users["marketing_manager"][0]
    teams["Marketing"].save(update_fields=["manager"])


def make_companies(world: World) -> None:
    """Eight hundred companies; a tenth half empty, as in life."""
    names = [f"{start}{end}" for start in words.COMPANY_STARTS for end in words.COMPANY_ENDS]
    world.chance.shuffle(names)
    places = {number: place[3] for number, place in enumerate(words.PLACES)}
    made = []
    for name in names[:COMPANIES]:
        country, _zone, cities, _weight = words.PLACES[world.one_of(places)]
        is_bare = world.chance.random() < 0.1
        created = world.moment(world.start - YEARS_BEFORE, world.now - timedelta(days=60))
        made.append(
            Company(
                name=f"{name} {world.pick(words.LEGAL_FORMS)}".strip(),
                domain=f"{name.lower()}.example",
                website="" if is_bare else f"https://{name.lower()}.example",
                industry="" if is_bare else world.one_of(words.INDUSTRIES),
                employees=None if is_bare else int(world.chance.lognormvariate(5.1, 1.1)) + 3,
                city="" if is_bare else world.pick(cities),
                country=country,
                created_at=created,
                changed_at=created,
            )
        )
    world.companies = Company.objects.bulk_create(made, batch_size=500)


def make_contacts(world: World) -> None:
    """Five thousand contacts: most with a company, some half empty, some there twice under another address."""
    titles = {i: title[2] for i, title in enumerate(words.TITLES)}
    used: set[str] = set()
    made = [_contact(world, titles, used) for _ in range(CONTACTS - DOUBLED)]
    made += [_double(world, world.pick(made), used) for _ in range(DOUBLED)]
    world.contacts = Contact.objects.bulk_create(made, batch_size=500)
    _give_consents(world)


def _contact(world: World, titles: dict[int, int], used: set[str]) -> Contact:
    first, last = world.pick(words.FIRST_NAMES), world.pick(words.LAST_NAMES)
    company = world.pick(world.companies) if world.chance.random() < 0.93 else None
    title, seniority, _weight = words.TITLES[world.one_of(titles)]
    is_bare = world.chance.random() < 0.12
    domain = company.domain if company else world.pick(["gmail.com", "web.de", "outlook.com"])
    created = world.moment(company.created_at if company else world.start - YEARS_BEFORE, world.now)
    zones = {place[0]: place[1] for place in words.PLACES}
    return Contact(
        first_name="" if is_bare and world.chance.random() < 0.5 else first,
        last_name=last,
        email="" if world.chance.random() < 0.03 else _address(first, last, domain, used),
        phone="" if is_bare or world.chance.random() < 0.35 else _phone(world),
        job_title="" if is_bare else title,
        seniority="" if is_bare else seniority,
        company=company,
        city=company.city if company else "",
        country=company.country if company else "",
        zone=zones[company.country] if company else "",
        created_at=created,
        changed_at=created,
    )


def _double(world: World, one: Contact, used: set[str]) -> Contact:
    """The same person again, with a private address and a nickname's spelling: what imports bring in."""
    return Contact(
        first_name=one.first_name[:4] or one.first_name,
        last_name=one.last_name,
        email=_address(one.first_name or "x", one.last_name, "gmail.com", used),
        company=one.company,
        phone=one.phone,
        source="import",
        created_at=world.moment(one.created_at, world.now),
        changed_at=one.created_at,
    )


def _address(first: str, last: str, domain: str, used: set[str]) -> str:
    plain = f"{first}.{last}".lower().translate(str.maketrans("äöüßøåéíÖÅÉ", "aousoaeiOAE"))
    base = plain.encode("ascii", "ignore").decode().strip(".") or "x"
    address, number = f"{base}@{domain}", 1
    while address in used:
        number += 1
        address = f"{base}{number}@{domain}"
    used.add(address)
    return address


def _phone(world: World) -> str:
    return f"+49{world.chance.randrange(30, 99)}{world.chance.randrange(1_000_000, 99_999_999)}"


def make_topics() -> list[ConsentTopic]:
    """The newsletter, product news, which is confirmed by mail, and personal measurement."""
    return [ConsentTopic.objects.get_or_create(key=key, defaults=defaults)[0] for key, defaults in TOPICS.items()]


def _give_consents(world: World) -> None:
    """Two thirds agreed to the newsletter, a third to personal measurement; each with its evidence."""
    newsletter, product, tracking = make_topics()
    shares = [(newsletter, 0.66), (product, 0.4), (tracking, 0.34)]
    consents, evidence = [], []
    for contact in world.contacts:
        for topic, share in shares:
            if not contact.email or world.chance.random() > share:
                continue
            state = Consent.State.WITHDRAWN if world.chance.random() < 0.06 else Consent.State.GIVEN
            since = world.later(contact.created_at, 25)
            consents.append(Consent(contact=contact, topic=topic, state=state, since=since))
            evidence.append(
                ConsentEvidence(
                    contact=contact,
                    topic=topic,
                    state=state,
                    at=since,
                    how="form newsletter v1",
                    wording=f"Yes, send me: {topic.label}. I can stop it in every mail.",
                )
            )
    Consent.objects.bulk_create(consents, batch_size=1000)
    ConsentEvidence.objects.bulk_create(evidence, batch_size=1000)
