"""What a rule can be made of: attributes with their types, and each type's comparisons. Tables only."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

TEXT, NUMBER, DATE, FLAG = "text", "number", "date", "flag"

ATTRIBUTES: dict[str, tuple[Any, str]] = {
    "email": (_("E-mail"), TEXT),
    "first_name": (_("First name"), TEXT),
    "last_name": (_("Last name"), TEXT),
    "phone": (_("Phone"), TEXT),
    "job_title": (_("Job title"), TEXT),
    "seniority": (_("Seniority"), TEXT),
    "city": (_("City"), TEXT),
    "country": (_("Country"), TEXT),
    "locale": (_("Language"), TEXT),
    "source": (_("Source"), TEXT),
    "lifecycle": (_("Lifecycle stage"), TEXT),
    "fit_score": (_("Fit"), NUMBER),
    "engagement_score": (_("Engagement"), NUMBER),
    "created_at": (_("Known since"), DATE),
    "changed_at": (_("Last changed"), DATE),
    "lifecycle_at": (_("Stage reached"), DATE),
    "owner.name": (_("Owner"), TEXT),
    "company.name": (_("Company"), TEXT),
    "company.domain": (_("Company's domain"), TEXT),
    "company.industry": (_("Industry"), TEXT),
    "company.city": (_("Company's city"), TEXT),
    "company.country": (_("Company's country"), TEXT),
    "company.employees": (_("Employees"), NUMBER),
    "company.founded_in": (_("Founded in"), NUMBER),
}
FEW_VALUES = {
    "seniority", "city", "country", "locale", "source", "lifecycle", "company.industry", "company.city",
    "company.country", "owner.name",
}  # fmt: skip

OPERATORS: dict[str, dict[str, Any]] = {
    TEXT: {
        "is": _("is"),
        "is_not": _("is not"),
        "contains": _("contains"),
        "not_contains": _("does not contain"),
        "starts_with": _("starts with"),
        "ends_with": _("ends with"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "known": _("is known"),
        "unknown": _("is unknown"),
    },
    NUMBER: {
        "at_least": _("is at least"),
        "at_most": _("is at most"),
        "more_than": _("is more than"),
        "less_than": _("is less than"),
        "between": _("is between"),
        "is": _("is"),
        "is_not": _("is not"),
        "known": _("is known"),
        "unknown": _("is unknown"),
    },
    DATE: {
        "in_last_days": _("is in the last days:"),
        "before_last_days": _("is longer ago than days:"),
        "in_next_days": _("is in the next days:"),
        "on": _("is on"),
        "before": _("is before"),
        "after": _("is after"),
        "between": _("is between"),
        "this": _("is in this"),
        "last": _("was in the last full"),
        "next": _("is in the next full"),
        "anniversary_in_days": _("has its anniversary in the next days:"),
        "known": _("is known"),
        "unknown": _("is unknown"),
    },
    FLAG: {
        "yes": _("is yes"),
        "no": _("is no"),
        "known": _("is known"),
        "unknown": _("is unknown"),
    },
}
WITHOUT_VALUE = {"known", "unknown", "yes", "no"}
WITH_DAYS = {"in_last_days", "before_last_days", "in_next_days", "anniversary_in_days"}
WITH_LIST = {"in", "not_in"}
SPANS = {
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
    "year": _("year"),
}

WITH_SPAN = {"this", "last", "next"}

EVENTS = {
    "pageview": _("viewed a page"),
    "form_submitted": _("filled a form"),
    "email_opened": _("opened a mail"),
    "email_clicked": _("clicked in a mail"),
    "outbound link": _("followed a link away"),
}
CONSENT_STATES = {
    "given": _("agreed to %(topic)s"),
    "pending": _("has not confirmed %(topic)s yet"),
    "withdrawn": _("withdrew from %(topic)s"),
    "reachable": _("can be mailed about %(topic)s"),
    "expires": _("agreed to %(topic)s, which runs out in the next %(days)s days"),
}
