"""A small company whose records all belong to one rep, and which of them each address is asked for.

Nobody who walks the addresses shares that rep's team: who sees their own or their team's records must not find these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from baton.exchange.api.tokens import make_token
from baton.exchange.imports import actions as imports
from baton.handoff.agreement.actions import draft_agreement
from baton.handoff.assignments.actions import assign
from baton.handoff.routing.models import Seat
from baton.marketing.drafting.pictures import add_picture
from baton.marketing.drafting.versions import keep_version
from baton.marketing.email.models import KIND, Broadcast, BroadcastLink
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.forms.actions import save_form
from baton.marketing.forms.models import Form
from baton.marketing.forms.rules import DEFAULT_FIELDS
from baton.marketing.journeys.models import Journey, JourneyRun, JourneyVersion
from baton.marketing.lists.actions import make_list, put_on
from baton.marketing.pacing.actions import hold_lane
from baton.marketing.pacing.models import WarmUp
from baton.marketing.reading.public import PIXEL as DOT
from baton.marketing.scoring.actions import ensure_default_rules
from baton.marketing.scoring.models import ScoreRule
from baton.marketing.segments.models import Segment
from baton.marketing.transactional.actions import Asked as MailAsked
from baton.marketing.transactional.actions import accept_mail
from baton.marketing.transactional.models import MailTemplate, TransactionalMail
from baton.marketing.trials.models import Trial, TrialVariant
from baton.people.companies.actions import bin_company
from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import ConsentTopic
from baton.people.contacts.actions import bin_contact
from baton.people.contacts.models import Contact
from baton.people.deliveries import tokens as mail_tokens
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.models import Delivery
from baton.people.preferences.confirming import confirm_address, give_or_ask
from baton.people.preferences.links import preferences_token, unsubscribe_token
from baton.people.preferences.models import Confirmation
from baton.people.returns.actions import receive_mail
from baton.people.returns.tests.conftest import a_report
from baton.platform import wiring
from baton.platform.accounts.models import User
from baton.platform.fields.models import FieldDefinition
from baton.platform.files import store_file
from baton.platform.jobs.models import Job
from baton.platform.lists.bulk import change_together
from baton.platform.lists.models import SavedView
from baton.platform.mail.smtp import Envelope
from baton.platform.mail.transport import CatcherFolder, mailbox
from baton.platform.notifications.models import Notification
from baton.platform.tokens import new_token
from baton.sales.activities.actions import log_activity
from baton.sales.deals.actions import add_contact, win_deal
from baton.sales.deals.lines import add_line
from baton.sales.quotes.actions import (
    LineDraft,
    Offer,
    SignerDraft,
    accept_on_paper,
    change_quote,
    draft_quote,
    send_quote,
)
from baton.sales.quotes.models import Quote
from baton.sales.signatures.models import SignatureRequest
from baton.sales.tasks.actions import add_task, complete_task
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.collect.models import Site
from baton.tracking.funnels.models import Funnel
from baton.tracking.goals.models import Goal
from baton.tracking.sessions.channel_rules import STANDARD, as_json
from baton.tracking.shares.models import SharedLook
from baton.tracking.weekly.models import WeeklyMail
from tests.cast import a_company, a_contact, a_deal, a_lead, a_pipeline, a_product, a_team, a_user

House = SimpleNamespace
ROWS = "id,First name,Last name,E-mail\n1,Ada,Lovelace,ada@engine.example\n2,Bad,Row,not an address\n"


def _transactional(house: House, key: str) -> TransactionalMail:
    """A mail to the house's own contact."""
    asked = MailAsked(to=house.contact.email or "ada@engine.example", template="order")
    return accept_mail(asked, key=key, actor=house.owner, now=house.now)


def a_house() -> House:
    """Everything an address can be asked for, once."""
    house = House(now=timezone.now())
    house.owner = a_user("rep", team=a_team("North"))
    house.colleague = a_user("marketer", team=house.owner.team)
    _people(house)
    _selling(house)
    _quoting(house)
    _marketing(house)
    _handoff(house)
    _kept(house)
    lists_of(house, house.owner, to=house.colleague)
    return house


def _people(house: House) -> None:
    owner = house.owner
    house.company = a_company("Engine Ltd", owner=owner)
    house.contact = a_contact(owner=owner, company=house.company)
    house.second = a_contact(owner=owner, company=house.company)
    house.binned = bin_contact(a_contact(owner=owner), actor=owner, now=house.now)
    house.binned_company = bin_company(a_company(owner=owner), actor=owner, now=house.now)
    house.lead = a_lead(house.contact, owner=owner)


def _selling(house: House) -> None:
    owner, now = house.owner, house.now
    house.pipeline, house.product = a_pipeline(), a_product()
    house.stage = house.pipeline.stages.get(name="Proposal")
    house.deal = a_deal(owner=owner, company=house.company)
    add_contact(house.deal, house.contact, actor=owner, now=now)
    add_line(house.deal, house.product, quantity_thousandths=1000, amount_minor=None, actor=owner, now=now)
    house.line = house.deal.lines.get()
    house.won = win_deal(a_deal(owner=owner), actor=owner, now=now)
    house.task = add_task("Call", actor=owner, now=now, due_at=now, deal=house.deal)
    house.done = complete_task(
        add_task("Write", actor=owner, now=now, due_at=now, contact=house.contact), actor=owner, now=now
    )
    log_activity("call", actor=owner, now=now, deal=house.deal)


def _quoting(house: House) -> None:
    house.draft = _a_quote(house)
    house.sent = _a_quote(house)
    send_quote(house.sent, [SignerDraft("Zoë", "zoe@customer.example")], actor=house.owner, now=house.now)
    house.signer = SignatureRequest.objects.get(quote=house.sent).signers.get()
    accepted = _a_quote(house)
    send_quote(accepted, [SignerDraft("Ann", "ann@customer.example")], actor=house.owner, now=house.now)
    accept_on_paper(accepted, actor=house.owner, now=house.now)
    house.accepted, house.order = accepted, accepted.order


def _a_quote(house: House) -> Quote:
    deal = a_deal(owner=house.owner, company=house.company)
    add_contact(deal, house.contact, actor=house.owner, now=house.now)
    quote = draft_quote(deal, actor=house.owner, now=house.now)
    offer = Offer(title="Fleet", valid_until=timezone.localdate() + timedelta(days=14), contact=house.contact)
    return change_quote(quote, offer, [LineDraft("Rover", 1_250_500_000)], actor=house.owner, now=house.now)


def _marketing(house: House) -> None:
    house.email = an_email(2, owner=house.owner)
    house.picture = add_picture(DOT, name="dot.png", alt="A dot", actor=house.owner, now=house.now)
    keep_version(house.email, actor=house.owner, now=house.now)
    house.email.subject = "Hello"
    house.email.save()
    keep_version(house.email, actor=house.owner, now=house.now)
    house.campaign, house.topic = house.email.campaign, house.email.topic
    house.segment = house.email.segments.get()
    house.audience = Segment.objects.create(name="Elsewhere", rule={"all": []})
    house.campaign.segments.add(house.audience)
    house.list = make_list("Evening", actor=house.owner, now=house.now)
    house.put_on = put_on(house.list, [house.contact.pk], actor=house.owner, now=house.now)
    house.journey, house.running, house.paused_journey = (
        _journey(house, one) for one in ("draft", "running", "paused")
    )
    house.way = JourneyRun.objects.create(
        journey=house.running, version=house.running.versions.get(), contact=house.contact, step="w1",
        began_at=house.now, arrived_at=house.now, due_at=house.now + timedelta(days=1),
    )  # fmt: skip
    house.ended_journey = _journey(house, "ended")
    house.binned_journey = _journey(house, "draft", deleted_at=house.now)
    house.unwritten = _journey(house, "draft", campaign=house.campaign)
    house.sending, house.paused, house.sent_email = (_email_in(house, one) for one in ("sending", "paused", "sent"))
    journey = Journey.objects.create(name="Welcome", segment=house.segment, state="running")
    house.of_journey, house.live = (_email_in(house, state, journey=journey) for state in ("draft", "live"))
    Trial.objects.create(broadcast=house.email)
    tested = Trial.objects.create(broadcast=house.sending, held_percent=10, started_at=house.now)
    TrialVariant.objects.create(trial=tested, letter="B", subject="Or")
    house.mailed = Contact.objects.filter(email="p0@them.example").first()
    tracking = ConsentTopic.objects.create(key="tracking", label="Measurement", purpose="tracking")
    give_consent(house.mailed, tracking, evidence=Evidence(how="test"), now=house.now)
    house.link = BroadcastLink.objects.create(broadcast=house.sending, position=1, url="https://acme.example/guide")
    house.delivery = Delivery.objects.create(
        message_kind=KIND, message_id=house.sending.pk, contact=house.mailed, state="handed", handed_at=house.now
    )
    house.unknown = Delivery.objects.create(
        message_kind=KIND, message_id=house.paused.pk, contact=house.mailed, state="unknown", handing_since=house.now
    )
    house.mail_template = MailTemplate.objects.create(
        code="order", name="Order", subject="Thank you", source="<p>Thank you</p>", sender_email="shop@acme.example"
    )
    house.mail, house.unknown_mail = (_transactional(house, key) for key in ("one", "two"))
    Delivery.objects.filter(pk=house.unknown_mail.delivery_id).update(state="unknown", handing_since=house.now)
    house.warm_up = WarmUp.objects.create(domain="new.example", starts_on=house.now.date())
    house.hold = hold_lane("new.example", "gmail", because="slow down", lasts=timedelta(hours=1), now=house.now)
    house.suppressed, _new = suppress("dead@engine.example", "dead", evidence="550", now=house.now)
    house.back = receive_mail(a_report("550 5.1.1 user unknown"), source="pipe", now=house.now)[0]
    values = {"name": "Guide", "slug": "guide", "title": "Guide", "fields": DEFAULT_FIELDS}
    house.form = save_form(Form(), values, actor=house.owner, now=house.now)
    ensure_default_rules()
    house.rule = ScoreRule.objects.filter(kind="engagement").first()
    house.site = Site.objects.create(name="Acme", domain="acme.example")
    ChannelVersion.objects.create(number=1, rules=as_json(STANDARD.rules[::-1]), made_by=house.owner)
    house.shared_look = SharedLook.objects.create(name="28 days")
    pages = [{"kind": "page", "match": path, "prop": "", "held": ""} for path in ("/", "/pricing")]
    house.funnel = Funnel.objects.create(name="Buying", steps=pages)
    house.goal = Goal.objects.create(name="Order", kind="event", match="order")
    house.unsubscribe = unsubscribe_token(house.mailed.pk, house.topic.pk, house.delivery.pk)
    house.preferences = preferences_token(house.mailed.pk)
    house.unused_topic = ConsentTopic.objects.create(key="events", label="Events", needs_confirmation=True)
    wanted = ConsentTopic.objects.create(key="wanted", label="Wanted", needs_confirmation=True)
    give_or_ask(house.mailed, wanted, evidence=Evidence(how="form guide v1"), now=house.now)
    house.confirm = confirm_address(Confirmation.objects.get()).rpartition("/")[2]
    house.click = mail_tokens.make_token(mail_tokens.CLICK, house.link.pk, house.delivery.pk)
    house.pixel = mail_tokens.make_token(mail_tokens.OPEN, house.delivery.pk)


def _journey(house: House, state: str, **fields: Any) -> Journey:
    """Two waits and a step that sends an email that is not written yet; running it goes by the waits alone."""
    waits = [
        {"id": pk, "kind": "wait", "amount": 1, "unit": "days", "at": "", "workdays": False} for pk in ("w1", "w2")
    ]
    steps = [*waits, {"id": "e1", "kind": "email", "email": None}] if fields else waits
    made = Journey.objects.create(
        name=f"Welcome {state}", segment=house.segment, steps=steps, state=state, owner=house.owner,
        started_at=None if state == "draft" else house.now, **fields,
    )  # fmt: skip
    if state != "draft":
        JourneyVersion.objects.create(journey=made, number=1, steps=waits, published_at=house.now)
    return made


def _email_in(house: House, state: str, **more: Any) -> Broadcast:
    email = Broadcast.objects.get(pk=house.email.pk)
    values = {field.name: getattr(email, field.name) for field in Broadcast._meta.fields}
    email = Broadcast.objects.create(**{**values, "id": None, "token": new_token(), "state": state, **more})
    email.segments.set([] if more else [house.segment])
    return email


def _handoff(house: House) -> None:
    house.handoff = assign(house.lead, now=house.now)
    assert house.handoff.owner == house.owner
    house.agreement = draft_agreement(actor=house.owner, now=house.now)
    house.seat = Seat.objects.get(user=house.owner)


def lists_of(house: House, person: User, *, to: User) -> None:
    """What each list keeps of a person: a view, a deleted one, and a change of many that can be taken back."""
    first = {"contacts": house.second, "companies": house.company, "leads": house.lead, "deals": house.deal}
    house.weekly = WeeklyMail.objects.create(user=person)
    house.views, house.gone, house.changes = {}, {}, {}
    house.look = SavedView.objects.create(listing="website", name="Phones", query="device=phone", owner=person)
    for key, listing in wiring.page().LISTS.items():
        house.views[key] = SavedView.objects.create(listing=key, name="Hot", owner=person)
        house.gone[key] = SavedView.objects.create(listing=key, name="Old", owner=person, deleted_at=house.now)
        house.changes[key] = change_together(listing, [first[key].pk], {"owner": to}, actor=person, now=house.now)
        assert house.changes[key].changed == 1


def _kept(house: House) -> None:
    owner = house.owner
    file = store_file([ROWS.encode()], name="people.csv", content_type="text/csv", actor=owner)
    house.import_draft = imports.begin("contacts", file, actor=owner)
    house.import_done = imports.carry_out(imports.begin("contacts", file, actor=owner))
    house.notice = Notification.objects.create(user=owner, kind="test", text="Look", url="/today/")
    house.field = FieldDefinition.objects.create(on="contact", key="size", label="Size", kind="text")
    house.failed = Job.objects.create(kind="email.fill", state=Job.State.FAILED, ended_at=house.now)
    house.api_token = make_token(owner, name="n8n", scope="write", actor=owner)[0]
    envelope = Envelope(1, "a@acme.example", "b@customer.example", b"Subject: Hi\r\n\r\nHello")
    mailbox().mkdir(parents=True, exist_ok=True)
    house.letter = CatcherFolder(mailbox()).keep(envelope).name


@dataclass(frozen=True)
class Asked:
    """What an address is asked for: its arguments, and whose sight decides. "mine": only its own person's.

    `needs` is a further permission without which there is nothing here.
    """

    arguments: Callable[[House], dict[str, Any]]
    sight: str = ""
    needs: str = ""

    def is_out_of_sight_of(self, user: User) -> bool:
        if self.needs and not user.may(self.needs):
            return True
        return self.sight == "mine" or (bool(self.sight) and user.sight(self.sight) != "all")


def _one(argument: str, thing: str, sight: str = "", **more: Any) -> Asked:
    return Asked(lambda house: {argument: getattr(house, thing).pk, **more}, sight)


def _of_lists() -> dict[str, Asked]:
    asked = {}
    for key in wiring.page().LISTS:
        change = Asked(lambda house, key=key: {"change_id": house.changes[key].pk}, "mine")
        view = Asked(lambda house, key=key: {"view_id": house.views[key].pk}, "mine")
        gone = Asked(lambda house, key=key: {"view_id": house.gone[key].pk}, "mine")
        asked |= {f"{key}_changed": change, f"{key}_undo": change, f"{key}_view_restore": gone}
        asked |= {f"{key}_view_change": view, f"{key}_view_delete": view}
    return asked


def _each(names: str, asked: Asked) -> dict[str, Asked]:
    return dict.fromkeys(names.split(), asked)


ASKED: dict[str, Asked] = {
    **_of_lists(),
    **_each("contact edit_contact change_contact bin_contact", _one("contact_id", "contact", "people")),
    "restore_company": _one("company_id", "binned_company", "people"),
    "restore_contact": _one("contact_id", "binned", "people"),
    "open_lead": _one("contact_id", "second", "people"),
    "set_consent": Asked(lambda h: {"contact_id": h.contact.pk, "topic_id": h.topic.pk}, "people"),
    **_each("company edit_company change_company bin_company", _one("company_id", "company", "people")),
    "move_lead": _one("lead_id", "lead", "people"),
    **_each("new_lead accept_lead reject_lead", _one("handoff_id", "handoff", "handoff")),
    "approve_lead_sla": _one("agreement_id", "agreement"),
    "seat": _one("seat_id", "seat"),
    "deals_column": _one("stage_id", "stage"),
    **_each("deal deal_move deal_change deal_custom deal_win deal_lose", _one("deal_id", "deal", "sales")),
    **_each("deal_line_add deal_contact_add", _one("deal_id", "deal", "sales")),
    "deal_reopen": _one("deal_id", "won", "sales"),
    "deal_line_remove": Asked(lambda h: {"deal_id": h.deal.pk, "line_id": h.line.pk}, "sales"),
    "deal_contact_remove": Asked(lambda h: {"deal_id": h.deal.pk, "contact_id": h.contact.pk}, "sales"),
    "stage_add": _one("pipeline_id", "pipeline"),
    "stage_change": _one("stage_id", "stage"),
    **_each("task_done task_move task_snooze", _one("task_id", "task", "sales")),
    "task_reopen": _one("task_id", "done", "sales"),
    **_each("product product_sell", _one("product_id", "product")),
    **_each(
        "quote quote_change quote_totals quote_row quote_send quote_discard quote_paper",
        _one("quote_id", "draft", "sales"),
    ),
    **_each("quote_version quote_accept", _one("quote_id", "sent", "sales")),
    "quote_remind": Asked(lambda h: {"quote_id": h.sent.pk, "signer_id": h.signer.pk}, "sales"),
    "quote_signed": _one("quote_id", "sent", "sales"),
    "quote_picture": _one("quote_id", "sent", "sales", number=1),
    **_each("order order_pay", _one("order_id", "order", "sales")),
    **_each("sign sign_it sign_decline sign_document sign_signed", Asked(lambda h: {"token": h.signer.token})),
    "sign_picture": Asked(lambda h: {"token": h.signer.token, "number": 1}),
    **_each("campaign edit_campaign add_cost", _one("campaign_id", "campaign")),
    **_each(
        "segment edit_segment bin_segment segment_csv segment_filling"
        " put_segment_on_contact_list add_segment_to_campaign",
        _one("segment_id", "segment"),
    ),
    **_each(
        "journey edit_journey try_journey journey_people journey_csv start_journey copy_journey new_step",
        _one("journey_id", "journey"),
    ),
    **_each(
        "publish_journey drop_journey_changes pause_journey close_journey end_journey put_in_journey",
        _one("journey_id", "running"),
    ),
    "resume_journey": _one("journey_id", "paused_journey"),
    "bin_journey": _one("journey_id", "ended_journey"),
    "restore_journey": _one("journey_id", "binned_journey"),
    "undo_journey_steps": _one("journey_id", "journey", revision=1),
    **_each("edit_step take_out_step lower_step", _one("journey_id", "journey", key="w1")),
    "raise_step": _one("journey_id", "journey", key="w2"),
    "write_step_email": _one("journey_id", "unwritten", key="e1"),
    **_each("journey_run take_out_of_journey", _one("run_id", "way", "people")),
    "remove_segment_from_campaign": Asked(lambda h: {"campaign_id": h.campaign.pk, "segment_id": h.audience.pk}),
    **_each(
        "contact_list rename_contact_list paste_on_contact_list take_off_contact_list segment_of_contact_list"
        " bin_contact_list restore_contact_list contact_list_csv",
        _one("list_id", "list"),
    ),
    "undo_contact_list": Asked(lambda h: {"list_id": h.list.pk, "entry_id": h.put_on.pk}),
    **_each("email edit_email preview_email test_email send_email copy_email", _one("email_id", "email")),
    **_each("pause_email cancel_email email_map email_people email_people_csv", _one("email_id", "sending")),
    "segment_of_people": _one("email_id", "sending"),
    **_each("preflight override_finding look_again", _one("email_id", "email")),
    "resume_email": _one("email_id", "paused"),
    "go_live_email": _one("email_id", "of_journey"),
    "take_back_email": _one("email_id", "live"),
    "throttle_email": _one("email_id", "email"),
    **_each(
        "mail_template edit_mail_template preview_mail_template test_mail_template bin_mail_template",
        _one("template_id", "mail_template"),
    ),
    "transactional_mail": _one("mail_id", "mail"),
    "decide_transactional": _one("mail_id", "unknown_mail"),
    **_each("edit_warm_up end_warm_up", _one("warm_up_id", "warm_up")),
    "let_lane_go": _one("hold_id", "hold"),
    "resend_email": _one("email_id", "sent_email"),
    **_each("edit_ab_test drop_ab_test", _one("email_id", "email")),
    **_each("ab_test choose_ab_winner", _one("email_id", "sending")),
    "preview_variant": _one("email_id", "sending", letter="b"),
    "preview_design": Asked(lambda h: {"key": "event"}),
    **_each("plain_text_anew visual_editor save_visual preview_visual", _one("email_id", "email")),
    "email_versions": _one("email_id", "email"),
    "bring_back_version": _one("email_id", "email", number=1),
    **_each("describe_picture hide_picture", _one("picture_id", "picture")),
    "mail_picture": Asked(lambda h: {"token": h.picture.token}),
    "mail_click": Asked(lambda h: {"token": h.click}),
    "mail_open": Asked(lambda h: {"token": h.pixel}),
    **_each("form edit_form submissions_csv", _one("form_id", "form")),
    **_each("public_form send_form_json embed_form", Asked(lambda h: {"slug": h.form.slug})),
    "home_behind": Asked(lambda h: {"figure": "leads_28"}),
    "new_score_rule": Asked(lambda h: {"kind": "engagement"}),
    **_each("edit_score_rule change_score_rule", _one("rule_id", "rule")),
    "website_remove_site": _one("site_id", "site"),
    "delete_goal": _one("goal_id", "goal"),
    **_each("funnel edit_funnel delete_funnel bring_back_funnel", _one("funnel_id", "funnel")),
    "funnel_people": _one("funnel_id", "funnel", step=1),
    **_each("channel_version restore_channels", Asked(lambda h: {"number": 0})),
    **_each("change_website_view delete_website_view restore_website_view", _one("view_id", "look", "mine")),
    "stop_weekly": _one("mail_id", "weekly", "mine"),
    "unshare_look": _one("share_id", "shared_look"),
    "shared_look": Asked(lambda h: {"token": h.shared_look.token}),
    **_each("website_panel website_list", Asked(lambda h: {"by": "channel"})),
    "unsubscribe": Asked(lambda h: {"token": h.unsubscribe}),
    "preferences": Asked(lambda h: {"token": h.preferences}),
    "confirm_consent": Asked(lambda h: {"token": h.confirm}),
    "consent_topic": _one("topic_id", "topic"),
    "delete_consent_topic": _one("topic_id", "unused_topic"),
    "return": Asked(lambda h: {"return_id": h.back.pk}),
    "lift_suppression": _one("suppression_id", "suppressed"),
    "provider_notice": Asked(lambda h: {"provider": "postmark"}),
    **_each("change_person open_or_close_person", _one("user_id", "owner")),
    "hide_field": _one("field_id", "field"),
    "run_job_again": _one("job_id", "failed"),
    "open_notification": _one("notification_id", "notice", "mine"),
    "revoke_token": _one("token_id", "api_token", "mine"),
    **_each("import start_import", _one("run_id", "import_draft")),
    **_each("import_progress refused_csv undo_import", _one("run_id", "import_done")),
    **_each("caught_mail caught_html", Asked(lambda h: {"letter": h.letter})),
}
