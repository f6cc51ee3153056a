"""Rules are checked, read back as sentences, and found fast as found slowly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.compile import Compiler
from baton.marketing.segments.models import SegmentMember
from baton.marketing.segments.rules import BadRule, check
from baton.marketing.segments.words import sentence
from baton.people.contacts.models import Contact
from baton.platform.search.folding import fold
from tests.cast import NOW, a_company, a_contact

pytestmark = pytest.mark.django_db

COUNTRIES, SCORES = ["", "DE", "de", "AT", "Österreich"], [0, 10, 50, 90]


def reference(rule: dict[str, Any], contact: Contact) -> bool:
    """The slow, obvious evaluator: one contact, no database tricks."""
    if "all" in rule:
        return all(reference(part, contact) for part in rule["all"])
    if "any" in rule:
        return any(reference(part, contact) for part in rule["any"])
    if "none" in rule:
        return not any(reference(part, contact) for part in rule["none"])
    value = getattr(contact, rule["attribute"])
    operator, wanted = rule["op"], rule.get("value")
    if rule["attribute"] == "fit_score":
        return {"at_least": value >= wanted, "at_most": value <= wanted}[operator]
    if operator in ("known", "unknown"):
        return bool(value) == (operator == "known")
    if not value:
        return False
    text = fold(value)
    if operator == "in":
        return text in [fold(one) for one in wanted]
    return {
        "is": text == fold(wanted),
        "is_not": text != fold(wanted),
        "contains": fold(wanted) in text,
        "starts_with": text.startswith(fold(wanted)),
    }[operator]


texts = st.fixed_dictionaries(
    {"attribute": st.just("country"), "op": st.sampled_from(["is", "is_not", "contains", "starts_with"]),
     "value": st.sampled_from(["de", "DE", "oster", "Ö", "x"])}
)  # fmt: skip
lists = st.builds(
    lambda v: {"attribute": "country", "op": "in", "value": v}, st.lists(st.sampled_from(["DE", "at"]), min_size=1)
)
known = st.builds(lambda op: {"attribute": "country", "op": op}, st.sampled_from(["known", "unknown"]))
numbers = st.fixed_dictionaries(
    {
        "attribute": st.just("fit_score"),
        "op": st.sampled_from(["at_least", "at_most"]),
        "value": st.sampled_from(SCORES),
    }
)
trees = st.recursive(
    texts | lists | known | numbers,
    lambda parts: st.builds(
        lambda mode, of: {mode: of}, st.sampled_from(["all", "any", "none"]), st.lists(parts, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture
def people() -> list[Contact]:
    return [a_contact(country=country[:2] if country != "Österreich" else "Ös", fit_score=score)
            for country in COUNTRIES for score in SCORES]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=trees)
def test_the_fast_answer_equals_the_slow_one(people: list[Contact], rule: dict[str, Any]) -> None:
    check(rule)
    fast = set(Compiler(now=NOW).members(rule))
    assert fast == {contact.pk for contact in people if reference(rule, contact)}


def test_a_rule_reads_as_a_sentence() -> None:
    rule = {"all": [{"attribute": "country", "op": "is", "value": "DE"},
                    {"any": [{"attribute": "fit_score", "op": "at_least", "value": 50},
                             {"event": "pageview", "path": "/pricing", "at_least": 2, "days": 30}]}]}  # fmt: skip
    assert sentence(rule) == (
        "Country is DE and (Fit is at least 50 or viewed a page on /pricing at least 2 times in the last 30 days)"
    )


@pytest.mark.parametrize(
    "rule",
    [None, [], {}, {"all": 3}, {"all": [], "any": []}, {"attribute": "password", "op": "is", "value": "x"},
     {"attribute": "country", "op": "at_least", "value": 3}, {"attribute": "fit_score", "op": "at_least", "value": "x"},
     {"event": "pageview", "at_least": 0}, {"segment": "1"}, {"surprise": 1}],
)  # fmt: skip
def test_what_is_no_rule_is_refused(rule: Any) -> None:
    with pytest.raises(BadRule):
        check(rule)


def test_members_have_a_history_of_entering_and_leaving() -> None:
    stays, leaves = a_contact(country="DE"), a_contact(country="DE")
    rule = {"attribute": "country", "op": "is", "value": "de"}
    segment = save_segment(None, name="Germany", rule=rule, actor=None, now=NOW)
    assert refresh(segment, now=NOW) == (2, 0)
    Contact.objects.filter(pk=leaves.pk).update(country="AT")
    assert refresh(segment, now=NOW + timedelta(hours=1)) == (0, 1)
    assert refresh(segment, now=NOW + timedelta(hours=2)) == (0, 0)
    assert list(SegmentMember.objects.filter(left_at=None).values_list("contact_id", flat=True)) == [stays.pk]


def test_a_segment_inside_itself_is_refused_and_stays_as_it_was() -> None:
    rule = {"attribute": "country", "op": "known"}
    first = save_segment(None, name="A", rule=rule, actor=None, now=NOW)
    second = save_segment(None, name="B", rule={"segment": first.pk}, actor=None, now=NOW)
    with pytest.raises(BadRule):
        save_segment(first, name="A", rule={"all": [{"segment": second.pk}]}, actor=None, now=NOW)
    first.refresh_from_db()
    assert first.rule == rule


def test_the_companys_facts_count_for_its_people() -> None:
    inside = a_contact(company=a_company(employees=80))
    a_contact(company=a_company(employees=None))
    found = Compiler(now=NOW).members({"attribute": "company.employees", "op": "at_least", "value": 50})
    assert list(found) == [inside.pk]
