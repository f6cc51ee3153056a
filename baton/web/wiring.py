"""Every listener, job, repeating work and panel on one page: who hears what, who does what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from baton.exchange.imports.actions import run_job as run_import
from baton.exchange.imports.figures import failed_imports
from baton.handoff import facts_for_marketing, facts_for_sales
from baton.handoff.assignments import jobs as handoffs
from baton.handoff.assignments.reads import waiting_count
from baton.marketing.campaigns.marks import campaigns_started
from baton.marketing.deliverability import actions as deliverability
from baton.marketing.deliverability.listeners import on_bounced, on_complained
from baton.marketing.email import sending as email
from baton.marketing.forms.actions import take_later
from baton.marketing.forms.confirmation import mail_confirmation
from baton.marketing.journeys import jobs as journeys
from baton.marketing.journeys.reads import journeys_panel
from baton.marketing.lists import actions as contact_lists
from baton.marketing.lists.reads import list_part
from baton.marketing.preflight import look as preflight
from baton.marketing.reading import actions as reading
from baton.marketing.scoring import actions as scoring
from baton.marketing.scoring.reads import scores_panel
from baton.marketing.segments import actions as segments
from baton.marketing.segments import follow as segments_follow
from baton.marketing.segments import touched
from baton.marketing.segments.first_fill import fill_segment
from baton.marketing.segments.reads import segments_panel
from baton.marketing.transactional import actions as transactional
from baton.marketing.transactional import sending as transactional_sending
from baton.marketing.trials import actions as trials
from baton.measure.attribution.actions import on_deal_reopened, on_deal_won
from baton.measure.homes.reads import role_home
from baton.measure.loop import after_click
from baton.measure.loop.panels import figures_of_campaign, figures_of_email
from baton.people.companies.listing import COMPANIES
from baton.people.contacts.listing import CONTACTS
from baton.people.leads.listing import LEADS
from baton.people.preferences import confirming
from baton.people.returns.actions import tidy_returns
from baton.people.returns.jobs import poll_returns
from baton.platform.db import optimize
from baton.platform.jobs.worker import Every
from baton.platform.journal.actions import tell
from baton.platform.journal.models import JournalEntry
from baton.platform.lists import bulk as lists
from baton.platform.lists.listing import Listing
from baton.platform.notifications.actions import mail_notification
from baton.platform.once.actions import forget_old
from baton.sales.deals import panels as deal_panels
from baton.sales.deals.listeners import on_company_changed, on_lead_qualified
from baton.sales.deals.listing import DEALS
from baton.sales.quotes.answers import expire_due
from baton.sales.quotes.panels import quotes_of_deal_panel, unsigned_of_today
from baton.sales.signatures import jobs as signatures
from baton.tracking.store import jobs as events
from baton.tracking.store.projector import project_some
from baton.tracking.weekly.actions import mail_weeks

# journal verb -> functions(entry); called by a job after commit, at least once.
LISTENERS: dict[str, list[Callable[[JournalEntry], None]]] = {
    "score.rose": [handoffs.on_score_rose],
    "delivery.bounced": [on_bounced, transactional_sending.on_bounced],
    "delivery.complained": [on_complained],
    "contact.created": [scoring.on_contact_changed],
    "contact.changed": [scoring.on_contact_changed, handoffs.on_contact_changed, touched.on_contact_changed],
    "contact.binned": [touched.on_contact],
    "contact.restored": [touched.on_contact],
    "company.changed": [scoring.on_company_changed, on_company_changed, touched.on_company],
    "consent.given": [touched.on_consent],
    "consent.pending": [touched.on_consent],
    "consent.withdrawn": [touched.on_consent],
    "consent.lapsed": [touched.on_consent],
    "contact.objected": [scoring.on_contact_changed, touched.on_consent],
    "contact.objection_ended": [scoring.on_contact_changed, touched.on_consent],
    "suppression.added": [scoring.on_suppressed],
    "lead.opened": [handoffs.on_lead_opened, touched.on_lead],
    "lead.attempted": [handoffs.on_lead_moved, touched.on_lead],
    "lead.connected": [handoffs.on_lead_moved, touched.on_lead],
    "lead.qualified": [on_lead_qualified, handoffs.on_lead_moved, touched.on_lead],
    "lead.unqualified": [handoffs.on_lead_moved, touched.on_lead],
    "lead.binned": [handoffs.on_lead_moved, touched.on_lead],
    "lead.restored": [touched.on_lead],
    "lead.changed": [touched.on_lead],
    "agreement.approved": [handoffs.on_agreement_approved],
    "deal.won": [on_deal_won, facts_for_marketing.touch_contacts_of_sales],
    "deal.reopened": [on_deal_reopened, facts_for_marketing.touch_contacts_of_sales],
    **{
        f"deal.{verb}": [facts_for_marketing.touch_contacts_of_sales]
        for verb in "opened joined moved changed lost binned restored contact_added contact_removed".split()
    },
    **{
        f"handoff.{verb}": [facts_for_marketing.touch_contacts_of_sales]
        for verb in "assigned accepted rejected expired attempted withdrawn recycled".split()
    },
    "email.begun": [touched.on_emails],
    "email.sent": [touched.on_emails],
    "organisation.changed": [touched.on_everything],
    "import.undone": [touched.on_everything],
}

# job kind -> function(job, **payload).
JOBS: dict[str, Callable[..., Any]] = {
    "contact_list.put_on": contact_lists.put_many_on,
    "consent.let_go": confirming.let_go_unconfirmed,
    "consent.mail_confirmation": mail_confirmation,
    "deliverability.count": deliverability.count_lately,
    "deliverability.count_all": deliverability.count_all,
    "email.fill": email.fill_email,
    "email.send_batch": email.send_email_batches,
    "form.take": take_later,
    "import.run": run_import,
    "handoff.consider_all": handoffs.consider_all,
    "scoring.refresh": scoring.refresh_scores,
    "scoring.refresh_all": scoring.refresh_all_scores,
    "segment.refresh": fill_segment,
    "segment.refresh_all": segments.refresh_all,
    "journal.tell": tell,
    "journey.hand_over": facts_for_marketing.hand_over,
    "journey.look_at_all": journeys.look_at_all,
    "list.change": lists.run_job,
    "notification.mail": mail_notification,
    "mail.settle_hits": reading.settle_hits,
    "preflight.look": preflight.look,
    "quotes.expire": expire_due,
    "returns.poll": poll_returns,
    "returns.tidy": tidy_returns,
    "signature.mail": signatures.mail_link,
    "signature.mail_sealed": signatures.mail_sealed,
    "signature.seal": signatures.seal_request,
    "events.erase": events.erase_asked,
    "events.move": events.move_events,
    "transactional.send": transactional_sending.send_mails,
    "transactional.tidy": transactional.tidy_mails,
    "website.mail_weeks": mail_weeks,
    "trials.judge": trials.judge_due,
    "events.tidy": events.tidy_events,
    "events.keep_visits": events.keep_visits_of_days,
    "database.optimize": optimize,
    "forms.forget_old": forget_old,
}

# Repeating work: a job of that kind every so many seconds, once across all workers.
CRON: list[Every] = [
    Every("consent.let_go", 3600),
    Every("scoring.refresh_all", 24 * 3600),
    Every("handoff.consider_all", 24 * 3600),
    Every("segment.refresh_all", 24 * 3600),
    Every("journey.look_at_all", 3600),
    Every("deliverability.count", 300),
    Every("deliverability.count_all", 24 * 3600),
    Every("events.move", 60),
    Every("events.keep_visits", 60),
    Every("website.mail_weeks", 3600),
    Every("trials.judge", 60),
    Every("events.tidy", 3600),
    Every("events.erase", 24 * 3600),
    Every("mail.settle_hits", 30),
    Every("quotes.expire", 3600),
    Every("returns.poll", 60),
    Every("returns.tidy", 24 * 3600),
    Every("transactional.tidy", 24 * 3600),
    Every("database.optimize", 3600),
    Every("forms.forget_old", 3600),
]

# Called by every worker about once a second; each is quick when there is nothing to do.
TICKS: list[Callable[[], None]] = [
    project_some,
    segments_follow.follow_some,
    events.move_full_tail,
    handoffs.watch_clocks,
    journeys.move_journeys,
    email.watch_emails,
    transactional_sending.watch_mails,
]

# Functions(contact ids, now): whose events came in; called by the projector in its transaction, at least once.
EVENT_LISTENERS: list[Callable[[set[int], datetime], None]] = [scoring.on_events, touched.on_events]

# What happened that a curve of days should show: functions(first day, day after the last) -> (day, few words).
CURVE_MARKS: list[Callable[[date, date], list[tuple[date, str]]]] = [campaigns_started]

# What other sides show on a record's page: functions(user, record) -> (template, context) or None. What is written with
# stands above the timeline, what is attached beside it.
COMPOSERS: list[Callable[..., Any]] = [deal_panels.composer_panel]
CONTACT_PANELS: list[Callable[..., Any]] = [
    deal_panels.deals_of_contact_panel,
    facts_for_sales.evidence_of_contact,
    scores_panel,
    segments_panel,
    journeys_panel,
]
COMPANY_PANELS: list[Callable[..., Any]] = [deal_panels.deals_of_company_panel]
DEAL_PANELS: list[Callable[..., Any]] = [quotes_of_deal_panel, facts_for_sales.evidence_of_deal]

# What other sides put on a rep's day: functions(user, now) -> rows.
TODAY_ROWS: list[Callable[..., Any]] = [facts_for_sales.new_leads_of_today, unsigned_of_today]

# The number beside a place in the list: url name -> function(user).
BADGES: dict[str, Callable[..., int]] = {"new_leads": waiting_count}

# The first page of a role that does not start on Today: function(user) -> (template, context) or None.
HOME = role_home

# What sides above measure add to the figures of operations' home: functions(user, now) -> Figure.
HOME_FIGURES: list[Callable[..., Any]] = [failed_imports]

# Figures on a campaign's page: functions(user, campaign) -> (template, context) or None.
CAMPAIGN_PANELS: list[Callable[..., Any]] = [figures_of_campaign]

# Figures on an email's page: functions(user, broadcast) -> (template, context) or None.
EMAIL_PANELS: list[Callable[..., Any]] = [figures_of_email]

# The people behind those figures: key -> (title, function(broadcast) -> ids of contacts).
EMAIL_PEOPLE: dict[str, tuple[Any, Callable[..., Any]]] = after_click.PEOPLE

# What a segment may ask of sales: fact -> function() giving contact ids.
SEGMENT_FACTS: dict[str, Callable[[], Any]] = {
    "has_an_open_deal": lambda: facts_for_marketing.contacts_with_deal("open"),
    "has_won_a_deal": lambda: facts_for_marketing.contacts_with_deal("won"),
    "has_lost_a_deal": lambda: facts_for_marketing.contacts_with_deal("lost"),
    "is_with_sales": lambda: facts_for_marketing.contacts_with_handoff("accepted"),
    "was_sent_back_by_sales": lambda: facts_for_marketing.contacts_with_handoff("recycled"),
}

# Records of sales that a segment may ask for: key -> Records.
SEGMENT_RECORDS = facts_for_marketing.RECORDS

# Products that an email can show: function(words looked for, how many at most) -> what may be seen of them.
PRODUCTS_TO_SHOW = facts_for_marketing.products_sold_now

# What other sides put into the bar over chosen rows of a list: functions(user) -> (template, what it is given) or None.
LIST_PARTS: dict[str, list[Callable[..., Any]]] = {"contacts": [list_part]}

# Lists by key, for the jobs that change many of their rows.
LISTS: dict[str, Listing] = {one.key: one for one in [CONTACTS, COMPANIES, LEADS, DEALS]}
