"""What is typed into every form of the product, and what comes of sending it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, router
from django.utils import timezone

from baton.platform import wiring
from baton.platform.mail.transport import mailbox
from baton.sales.quotes.editor import FIELDS as LINE_FIELDS
from baton.sales.signatures.consent import consent
from tests.contracts.house import DOT, ROWS, House

Body = Callable[[House], dict[str, Any]]


@dataclass(frozen=True)
class Post:
    """One form: what is typed, the page whose form is sent ("" where it carries no key), the table it adds a row to.

    `why` says why a repeat needs no key; `leaves` what it may leave again.
    """

    body: Body = lambda house: {}
    page: str = ""
    makes: str = ""
    why: str = ""
    status: int = 302
    leaves: frozenset[str] = frozenset()
    json: bool = False


SAME_STATE = "it sets a state; the same state again is no change"
SHOWS = "it only draws what was typed"


def _mine(**fields: Any) -> Body:
    """A body as typed; "@deal" is the id of the house's deal."""
    return lambda house: {name: _typed(house, value) for name, value in fields.items()}


def _typed(house: House, value: Any) -> Any:
    return getattr(house, value[1:]).pk if isinstance(value, str) and value.startswith("@") else value


def _day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


WARM_UP = {
    "domain": "new.example", "starts_on": _day(0), "growth_percent": "50", "gmail": "50", "outlook": "50",
    "yahoo": "50", "others": "50", "full": "1000",
}  # fmt: skip
FUNNEL = _mine(
    name="Asking", per="visitor", within="7", unit="1440", site="",
    kind=["page", "page"], match=["/", "/contact"], prop=["", ""], held=["", ""],
)  # fmt: skip
FORM_FIELDS = {
    "name": "Talk",
    "slug": "talk",
    "title": "Talk to us",
    "button": "Send",
    "thanks": "Thanks",
    "field_name": "email",
    "field_label": "E-mail",
    "field_kind": "email",
    "field_required": "yes",
    "field_options": "",
}
EMAIL = {
    "name": "June",
    "subject": "Hi",
    "design": "announcement",
    "sender_name": "Acme",
    "sender_email": "a@acme.example",
}
MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
STAGE = {"name": "Legal", "probability": "80", "stalled_after_days": "30"}
PRODUCT = {"name": "Rover", "code": "R-9", "currency": "USD", "price": "99.50", "is_active": "on"}
AB_TEST = {"test_percent": 20, "held_percent": 0, "metric": "clicks", "wait_hours": 24, "if_unclear": "leader",
           "b-subject": "Or"}  # fmt: skip
PERSON = {"name": "Eva", "email": "eva@baton.example", "role": "rep"}
TERMS = {
    "fit_at_least": "50",
    "engagement_at_least": "50",
    "accept_within_minutes": "60",
    "attempt_within_minutes": "120",
    "max_assignments": "3",
    "rest_days": "30",
    "zone": "Europe/Berlin",
    "note": "Better",
}

FIRST = {"contacts": "@contact", "companies": "@company", "leads": "@lead", "deals": "@deal"}


def _of_lists() -> dict[str, Post]:
    posts = {}
    for key, listing in wiring.page().LISTS.items():
        change = {"ids": FIRST[key], "what": "owner", "to-owner": "@colleague"}
        posts |= {
            f"{key}_change": Post(_mine(**change), listing.page, "platform.BulkChange"),
            f"{key}_undo": Post(),
            f"{key}_columns": Post(_mine(columns="name"), why=SAME_STATE),
            f"{key}_views": Post(_mine(name="Mine"), listing.page, "platform.SavedView"),
            f"{key}_view_change": Post(_mine(name="Other"), why=SAME_STATE),
            f"{key}_view_delete": Post(page=f"{listing.page}?view"),
            f"{key}_view_restore": Post(why=SAME_STATE),
        }
    return posts


POSTS: dict[str, Post] = {
    **_of_lists(),
    # People
    "new_contact": Post(_mine(last_name="New"), "new_contact", "people.Contact"),
    "edit_contact": Post(_mine(last_name="Other"), "edit_contact"),
    "change_contact": Post(_mine(field="city", value="Köln", city="Köln")),
    "bin_contact": Post(page="contact"),
    "restore_contact": Post(),
    "restore_company": Post(),
    "contacts_undo": Post(why="every record is put back once", leaves=frozenset({"platform.journalentry"})),
    "set_consent": Post(_mine(how="at the fair", state="given"), "contact", "people.ConsentEvidence"),
    "open_lead": Post(_mine(origin="outbound"), makes="people.Lead"),
    "move_lead": Post(_mine(status="connected")),
    "new_company": Post(_mine(name="New"), "new_company", "people.Company"),
    "edit_company": Post(_mine(name="Other"), "edit_company"),
    "change_company": Post(_mine(field="city", city="Köln")),
    "bin_company": Post(page="company"),
    "new_consent_topic": Post(
        _mine(label="Talks", purpose="marketing", confirm_days="7"), "new_consent_topic", "people.ConsentTopic"
    ),
    "consent_topic": Post(_mine(label="News", confirm_days="7"), "consent_topic"),
    "delete_consent_topic": Post(page="consent_topic of delete_consent_topic"),
    # Handoff
    "accept_lead": Post(),
    "reject_lead": Post(_mine(reason="bad_data", note="x")),
    "start_lead_sla_draft": Post(why="there is one draft at a time"),
    "lead_sla_draft": Post(_mine(**TERMS), "lead_sla_draft"),
    "approve_lead_sla": Post(),
    "seat": Post(_mine(taken="no"), why=SAME_STATE),
    # Sales
    "deal_open": Post(_mine(name="New", contact="@contact"), "new_deal", "sales.Deal"),
    "deal_move": Post(_mine(stage="@stage")),
    "deal_change": Post(_mine(name="Other")),
    "deal_custom": Post(lambda house: {f"custom-{house.deal_field.pk}": "blue"}),
    "deal_win": Post(),
    "deal_lose": Post(_mine(reason="price")),
    "deal_reopen": Post(),
    "deal_line_add": Post(_mine(product="@product", quantity="2"), "deal", "sales.DealLine"),
    "deal_line_remove": Post(page="deal"),
    "deal_contact_add": Post(_mine(contact="@second"), makes="sales.DealContact"),
    "deal_contact_remove": Post(page="deal"),
    "add_task": Post(_mine(title="Call", due_on=_day(1), deal="@deal"), "deal", "sales.Task"),
    "task_done": Post(),
    "task_reopen": Post(),
    "task_move": Post(_mine(due_on=_day(3))),
    "task_snooze": Post(_mine(days="1"), "deal"),
    "log_activity": Post(
        _mine(kind="call", body="Spoke", deal="@deal", next_title="Write", next_on=_day(1)), "deal", "sales.Activity"
    ),
    "pipeline_make": Post(_mine(name="Renewals"), "pipelines", "sales.Pipeline"),
    "stage_add": Post(_mine(**STAGE), "pipelines", "sales.Stage"),
    "stage_change": Post(_mine(**STAGE), why=SAME_STATE),
    "quota_set": Post(_mine(user="@owner", amount="9000"), makes="sales.Quota"),
    "new_product": Post(_mine(**PRODUCT), "new_product", "sales.Product"),
    "product": Post(_mine(**PRODUCT), "product"),
    "product_sell": Post(_mine(on="0"), why=SAME_STATE),
    "quote_draft": Post(_mine(deal="@deal"), "new_quote", "sales.Quote"),
    "quote_change": Post(_mine(title="Fleet", valid_until=_day(20)), "quote"),
    "quote_totals": Post(_mine(title="Fleet"), why=SHOWS, status=200),
    "quote_row": Post(lambda house: {f"line_{name}": "" for name in LINE_FIELDS}, why=SHOWS, status=200),
    "quote_send": Post(_mine(signer_name="Zoë", signer_email="z@customer.example")),
    "quote_version": Post(makes="sales.Quote"),
    "quote_discard": Post(page="quote"),
    "quote_accept": Post(makes="sales.Order"),
    "quote_remind": Post(),
    "order_pay": Post(_mine(amount="100", paid_on=_day(0), reference="B-1"), "order", "sales.Payment"),
    "sign_it": Post(
        lambda house: {"agree": "1", "name": "Zoë", "consent": consent("Acme & Sons").hash}, makes="sales.Order"
    ),
    "sign_decline": Post(_mine(reason="Too dear")),
    # Marketing
    "new_campaign": Post(
        _mine(name="June", code="june", objective="demand", channel="email", starts_on=_day(0)),
        "new_campaign",
        "marketing.Campaign",
    ),
    "edit_campaign": Post(
        _mine(name="June", code="june", objective="demand", channel="email", starts_on=_day(0)), "edit_campaign"
    ),
    "add_cost": Post(_mine(on=_day(0), amount="99,90"), "campaign", "marketing.CampaignCost"),
    "new_contact_list": Post(_mine(name="Morning"), "new_contact_list", "marketing.ContactList"),
    "rename_contact_list": Post(_mine(name="Morning"), "contact_list"),
    "paste_on_contact_list": Post(_mine(addresses="nobody@them.example"), "contact_list"),
    "take_off_contact_list": Post(lambda h: {"ids": [h.contact.pk]}, "contact_list"),
    "segment_of_contact_list": Post(page="contact_list", makes="marketing.Segment"),
    "put_on_contact_list": Post(
        lambda h: {"ids": [h.contact.pk], "list": h.list.pk, "back": ""},
        why="who is on a list stays on it",
        leaves=frozenset({"platform.journalentry"}),
    ),
    "put_segment_on_contact_list": Post(_mine(list="", new_list="Members"), "segment", "marketing.ContactList"),
    "add_segment_to_campaign": Post(lambda h: {"campaign": h.campaign.pk}, "segment"),
    "remove_segment_from_campaign": Post(page="campaign"),
    "bin_contact_list": Post(page="contact_list"),
    "restore_contact_list": Post(why=SAME_STATE, leaves=frozenset({"platform.journalentry"})),
    "undo_contact_list": Post(
        why="who is put on or taken off already stays so", leaves=frozenset({"platform.journalentry"})
    ),
    "new_journey": Post(_mine(name="Welcome", segment="@segment"), "new_journey", "marketing.Journey"),
    "edit_journey": Post(_mine(name="Hello", segment="@segment"), "edit_journey"),
    "start_journey": Post(page="journey"),
    "publish_journey": Post(_mine(moves="0"), why="the steps are published already"),
    "drop_journey_changes": Post(why=SAME_STATE),
    "pause_journey": Post(),
    "resume_journey": Post(page="journey of resume_journey"),
    "close_journey": Post(page="journey of close_journey"),
    "end_journey": Post(page="journey of end_journey"),
    "put_in_journey": Post(lambda h: {"who": h.second.email}, "journey of put_in_journey", "marketing.JourneyRun"),
    "take_out_of_journey": Post(page="journey_run"),
    "copy_journey": Post(page="journey", makes="marketing.Journey"),
    "bin_journey": Post(page="journey of bin_journey"),
    "restore_journey": Post(why=SAME_STATE, leaves=frozenset({"platform.journalentry"})),
    "new_step": Post(_mine(kind="wait", amount="2", unit="days"), "new_step?kind=wait"),
    "edit_step": Post(_mine(kind="wait", amount="2", unit="days"), "edit_step"),
    "take_out_step": Post(page="journey"),
    "lower_step": Post(page="journey"),
    "raise_step": Post(page="journey"),
    "undo_journey_steps": Post(why="of another revision it undoes nothing"),
    "write_step_email": Post(_mine(design="announcement"), "write_step_email", "marketing.Broadcast"),
    "new_segment": Post(_mine(name="Germans", json='{"all": []}'), "new_segment", "marketing.Segment"),
    "edit_segment": Post(_mine(name="Germans", json='{"all": []}'), "edit_segment"),
    "preview_segment": Post(_mine(json='{"all": []}'), why=SHOWS, status=200),
    "segment_tree": Post(_mine(do="show"), why=SHOWS, status=200),
    "bin_segment": Post(page="segment"),
    "new_email": Post(_mine(**EMAIL), "new_email?design=announcement", "marketing.Broadcast"),
    "edit_email": Post(_mine(**EMAIL), "edit_email"),
    "bring_back_version": Post(page="email_versions?version=1", makes="marketing.Version"),
    "save_visual": Post(_mine(subject="Hi", mjml=MJML), why="the same words again are no version", status=200),
    "preview_visual": Post(_mine(subject="Hi", mjml=MJML), why=SHOWS, status=200),
    "add_picture": Post(
        lambda h: {"picture": SimpleUploadedFile("dot.png", DOT), "alt": "A dot"}, "pictures", "marketing.Picture"
    ),
    "describe_picture": Post(_mine(alt="A small dot")),
    "hide_picture": Post(),
    "test_email": Post(why="a test goes to who asks for it, as often as asked", leaves=frozenset({"mails"})),
    "send_email": Post(),
    "override_finding": Post(_mine(finding="size.clipped", reason="A long one"), why="one override for each finding"),
    "look_again": Post(page="email of look_again", makes="platform.Job"),
    "pause_email": Post(),
    "resume_email": Post(),
    "go_live_email": Post(),
    "take_back_email": Post(),
    "throttle_email": Post(_mine(per_hour="500"), why=SAME_STATE),
    "new_mail_template": Post(
        _mine(code="paid", name="Paid", subject="Paid", source="<p>Paid</p>", sample="{}"),
        "new_mail_template",
        "marketing.MailTemplate",
    ),
    "new_confirmation_template": Post(
        _mine(code="sure", name="Sure", subject="Sure?", source="<p>Sure?</p>", sample="{}"),
        "new_confirmation_template",
        "marketing.MailTemplate",
    ),
    "edit_mail_template": Post(
        _mine(code="order", name="Order", subject="Paid", source="<p>Paid</p>", sample="{}"), "edit_mail_template"
    ),
    "test_mail_template": Post(page="mail_template", leaves=frozenset({"mails"})),
    "bin_mail_template": Post(page="mail_template"),
    "decide_transactional": Post(_mine(decision="leave"), "transactional_mail of decide_transactional"),
    "new_warm_up": Post(_mine(**{**WARM_UP, "domain": "other.example"}), "new_warm_up", "marketing.WarmUp"),
    "edit_warm_up": Post(_mine(**WARM_UP), "edit_warm_up"),
    "end_warm_up": Post(page="warm_ups"),
    "let_lane_go": Post(page="warm_ups"),
    "cancel_email": Post(),
    "segment_of_people": Post(_mine(what="mailed"), "email_people?what=mailed", "marketing.Segment"),
    "resend_email": Post(page="email of resend_email", makes="marketing.Broadcast"),
    "edit_ab_test": Post(
        _mine(**AB_TEST),
        "edit_ab_test",
    ),
    "drop_ab_test": Post(page="edit_ab_test"),
    "choose_ab_winner": Post(_mine(variant="B"), why=SAME_STATE),
    "copy_email": Post(page="email", makes="marketing.Broadcast"),
    "decide_unknown": Post(_mine(ids="@unknown", decision="again"), "deliverability"),
    "mail_rules": Post(_mine(cap_messages="3", cap_days="7", soft_failures="5", soft_days="14"), "mail_rules"),
    "suppress": Post(
        _mine(emails="gone@engine.example", reason="dead", evidence="a call"), "suppressions", "people.Suppression"
    ),
    "lift_suppression": Post(page="suppressions?who=dead@engine.example"),
    "new_form": Post(_mine(**FORM_FIELDS), "new_form", "marketing.Form"),
    "edit_form": Post(_mine(**FORM_FIELDS), "edit_form"),
    "public_form": Post(
        _mine(last_name="Lovelace", email="new@engine.example"), "public_form", "marketing.FormSubmission", status=200
    ),
    "send_form_json": Post(
        _mine(last_name="L", email="new@engine.example", key="k"),
        makes="marketing.FormSubmission",
        status=201,
        json=True,
    ),
    "new_score_rule": Post(
        _mine(name="Came back", points="5", event="pageview", half_life_days="30", most="3"),
        "new_score_rule",
        "marketing.ScoreRule",
    ),
    "edit_score_rule": Post(
        _mine(name="Came back", points="5", event="pageview", half_life_days="30", most="3"), "edit_score_rule"
    ),
    "change_score_rule": Post(_mine(what="off"), why=SAME_STATE),
    "website_add_site": Post(_mine(name="Shop", domain="shop.example"), "website_install", "tracking.Site"),
    "website_remove_site": Post(page="website_install"),
    "add_goal": Post(_mine(name="Thanks", kind="page", match="/thanks"), "website_goals", "tracking.Goal"),
    "share_look": Post(_mine(query="period=week"), "website", "tracking.SharedLook"),
    "mail_weekly": Post(_mine(query="channel=email"), "website", "tracking.WeeklyMail"),
    "change_channels": Post(_mine(rule="sms", on="sms", after="1"), "change_channels", "tracking.ChannelVersion"),
    "restore_channels": Post(page="channel_version", makes="tracking.ChannelVersion"),
    "save_website_view": Post(_mine(name="Phones", query="device=phone"), "website", "platform.SavedView"),
    "change_website_view": Post(_mine(name="Other"), "website_views"),
    "delete_website_view": Post(page="website_views"),
    "restore_website_view": Post(why=SAME_STATE),
    "open_website_with": Post(_mine(view="@look"), "website_views"),
    "stop_weekly": Post(page="website_shares"),
    "unshare_look": Post(page="website_shares"),
    "delete_goal": Post(page="website_goals"),
    "new_funnel": Post(FUNNEL, "new_funnel", "tracking.Funnel"),
    "edit_funnel": Post(FUNNEL, "edit_funnel"),
    "preview_funnel": Post(FUNNEL, why=SHOWS, status=200),
    "delete_funnel": Post(page="funnel"),
    "bring_back_funnel": Post(why=SAME_STATE),
    "unsubscribe": Post(status=200),
    "preferences": Post(_mine(do="save"), status=200),
    "confirm_consent": Post(status=200),
    # The house
    "profile": Post(_mine(name="Ada", zone="UTC", locale="en"), why=SAME_STATE),
    "read_notifications": Post(why=SAME_STATE),
    "open_notification": Post(why=SAME_STATE),
    "settings": Post(_mine(name="Acme", zone="UTC", currency="USD", fiscal_year_starts="1"), "settings"),
    "add_person": Post(_mine(**PERSON), "add_person", "platform.User"),
    "change_person": Post(_mine(**PERSON), "change_person"),
    "open_or_close_person": Post(_mine(is_active="0")),
    "add_team": Post(_mine(name="West"), "add_team", "platform.Team"),
    "settings_fields": Post(
        _mine(on="contact", label="Weight", kind="text"), "settings_fields", "platform.FieldDefinition"
    ),
    "hide_field": Post(_mine(is_hidden="1")),
    "run_job_again": Post(),
    "tokens": Post(_mine(name="n8n", scope="read"), "tokens", "exchange.ApiToken"),
    "revoke_token": Post(),
    "new_import": Post(
        lambda house: {"noun": "contacts", "file": SimpleUploadedFile("p.csv", ROWS.encode())},
        "new_import",
        "exchange.ImportRun",
    ),
    "start_import": Post(_mine(to_1="first_name", to_2="last_name", to_3="email"), makes="platform.Job"),
    "undo_import": Post(),
}


TABLES = {
    alias: [
        model
        for model in apps.get_models()
        if model.__module__.startswith("baton.") and (router.db_for_read(model) or "default") == alias
    ]
    for alias in ("default", "events")
}


def rows() -> dict[str, int]:
    """How many rows every table of ours has, and how many mails went out."""
    counted = {"mails": len(list(mailbox().glob("*.eml")))}
    for alias, models in TABLES.items():
        asked = " UNION ALL ".join(
            f"SELECT '{one._meta.label_lower}', count(*) FROM {one._meta.db_table}" for one in models
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(asked)
            counted |= dict(cursor.fetchall())
    return counted
