"""Which fields a form may have, and what was wrong with an answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CONTACT_FIELDS = {
    "email": gettext_lazy("E-mail"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "phone": gettext_lazy("Phone"),
    "job_title": gettext_lazy("Job title"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
}
COMPANY_FIELD = "company"
KINDS = {
    "text": gettext_lazy("Line"),
    "area": gettext_lazy("Text"),
    "email": gettext_lazy("E-mail"),
    "tel": gettext_lazy("Phone"),
    "choice": gettext_lazy("One of a list"),
    "check": gettext_lazy("Tick box"),
}
MAX_ANSWER = 2000

DEFAULT_FIELDS = [
    {"name": "first_name", "label": "First name", "kind": "text", "required": False},
    {"name": "last_name", "label": "Last name", "kind": "text", "required": True},
    {"name": "email", "label": "E-mail", "kind": "email", "required": True},
    {"name": "company", "label": "Company", "kind": "text", "required": False},
    {"name": "interest", "label": "What are you looking for?", "kind": "area", "required": False},
]


@dataclass(frozen=True)
class Answers:
    """Checked answers: `contact` fields, the `company`'s name, `interest` in words, and everything as it was sent."""

    contact: dict[str, str]
    company: str
    interest: str
    sent: dict[str, str]


def check_fields(fields: Any) -> list[dict[str, Any]]:
    """Fields of a form as they are kept; raises ValueError with what is wrong. An address field there must be."""
    if not isinstance(fields, list) or not fields:
        raise ValueError(_("A form has at least one field."))
    kept = []
    for field in fields:
        name, label = str(field.get("name", "")).strip(), str(field.get("label", "")).strip()
        if not name.replace("_", "").isalnum() or not label or field.get("kind") not in KINDS:
            raise ValueError(_("Each field has a name of letters and digits, a label and a kind."))
        options = [str(one).strip()[:120] for one in field.get("options") or [] if str(one).strip()]
        if field["kind"] == "choice" and len(options) < 2:
            raise ValueError(_("%(field)s needs at least two options.") % {"field": label})
        one = {"name": name[:60], "label": label[:120], "kind": field["kind"], "required": bool(field.get("required"))}
        kept.append(one | ({"options": options[:50]} if field["kind"] == "choice" else {}))
    names = [field["name"] for field in kept]
    if "email" not in names or len(set(names)) != len(names):
        raise ValueError(_("A form has an e-mail field, and no field twice."))
    return kept


def read_answers(fields: list[dict[str, Any]], sent: dict[str, str]) -> tuple[Answers, dict[str, str]]:
    """Answers and, by field, what is wrong with them."""
    values = {field["name"]: sent.get(field["name"], "").replace("\x00", "").strip()[:MAX_ANSWER] for field in fields}
    wrong = {
        field["name"]: _("Please fill this in.") for field in fields if field["required"] and not values[field["name"]]
    }
    for field in fields:
        value = values[field["name"]]
        if field["kind"] == "choice" and value and value not in field.get("options", []):
            wrong[field["name"]] = _("Please choose one of the list.")
    contact = {name: value for name, value in values.items() if name in CONTACT_FIELDS and value}
    known = {*CONTACT_FIELDS, COMPANY_FIELD}
    labels = {field["name"]: field["label"] for field in fields}
    told = [f"{labels[name]}: {value}" for name, value in values.items() if value and name not in known]
    return Answers(contact, values.get(COMPANY_FIELD, ""), "\n".join(told), values), wrong
