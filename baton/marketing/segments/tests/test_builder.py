"""The builder works by plain posts: rows come and go, drafts are counted, what is saved is what was shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from baton.marketing.segments import builder
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.builder import Row
from baton.marketing.segments.models import Segment, SegmentMember
from baton.marketing.segments.offers import WITH_FIELDS
from baton.marketing.segments.rules import BadRule
from baton.marketing.segments.shapes import SHAPES, kind_of
from baton.marketing.segments.vocabulary import ATTRIBUTES, OPERATORS
from baton.people.consent.models import ConsentTopic
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

RULE = {
    "all": [
        {"attribute": "country", "op": "in", "value": ["DE", "AT"]},
        {"any": [
            {"attribute": "fit_score", "op": "between", "value": [10, 50]},
            {"event": "pageview", "path": "/pricing", "at_least": 2, "days": 30},
            {"event": "email_clicked", "at_most": 0, "days": None},
            {"none": [{"consent": "news", "state": "withdrawn"}, {"reached": "customer", "days": 90}]},
        ]},
        {"attribute": "lifecycle_at", "op": "this", "value": "month"},
    ]
}  # fmt: skip


def sent(rows: list[Row], **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"row": [str(n) for n in range(len(rows))], **more}
    for n, row in enumerate(rows):
        own = {name: value for name, value in vars(row).items() if name != "parts"}
        fields |= {f"{name}-{n}": str(value) for name, value in own.items() if value != "" or name == "days"}
        fields |= {f"{name}.{n}": text for name, text in row.parts.items()}
    return fields


def as_post(fields: dict[str, Any]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, value in fields.items():
        post.setlist(name, value if isinstance(value, list) else [value])
    return post


def test_a_rule_becomes_rows_and_the_same_rule_again() -> None:
    post = as_post(sent(builder.rows_of(RULE)))
    assert builder.read_rule(post, custom={}) == RULE


@pytest.mark.parametrize(
    ("order", "depths"),
    [("add:0", [0, 1, 1, 2, 1]), ("add:2", [0, 1, 1, 2, 2]), ("group:0", [0, 1, 1, 2, 1, 2]), ("remove:2", [0, 1]),
     ("remove:0", [0, 1, 1, 2]), ("add:1", [0, 1, 1, 2]), ("add:99", [0, 1, 1, 2]), ("nonsense", [0, 1, 1, 2])],
)  # fmt: skip
def test_buttons_change_the_rows(order: str, depths: list[int]) -> None:
    rows = [Row(mode="all"), Row(1, what="fact:x"), Row(1, mode="any"), Row(2, what="fact:y")]
    assert [row.depth for row in builder.changed(rows, order)] == depths


def test_a_condition_that_is_not_complete_is_kept_in_a_draft_and_refused_on_saving() -> None:
    rows = [Row(mode="all"), Row(1, what="attribute:country", op="is", value=""), Row(1)]
    assert builder.rule_of(rows, custom={}, is_draft=True) == {"all": []}
    with pytest.raises(BadRule, match="Row 1"):
        builder.rule_of(rows, custom={})


def test_saving_without_javascript(client: Client) -> None:
    a_contact(country="DE")
    client.force_login(a_user("marketer"))
    rows = [Row(mode="all"), Row(1, what="attribute:country")]
    page = client.post("/segments/new/", sent(rows, do="show", name="Germany"))
    assert page.status_code == 200
    assert "is one of" in page.content.decode()
    rows = [Row(mode="all"), Row(1, what="attribute:country", op="is", value="de")]
    shown = client.post("/segments/new/", sent(rows, do="show", name="Germany")).content.decode()
    assert "Country is de" in shown
    assert "<strong>1</strong>" in shown
    assert not Segment.objects.exists()
    answer = client.post("/segments/new/", sent(rows, name="Germany"), follow=True)
    assert answer.status_code == 200
    assert Segment.objects.get().rule == {"all": [{"attribute": "country", "op": "is", "value": "de"}]}


def test_the_count_takes_no_orders(client: Client) -> None:
    a_contact(country="DE")
    client.force_login(a_user("marketer"))
    rows = [Row(mode="all"), Row(1, what="attribute:country", op="is", value="de")]
    assert "<strong>1</strong>" in client.post("/segments/preview/", sent(rows, do="remove:1")).content.decode()


def test_every_kind_of_row_is_drawn(client: Client) -> None:
    ConsentTopic.objects.create(key="news", label="News")
    client.force_login(a_user("marketer"))
    segment = Segment.objects.create(name="Everything", rule=RULE)
    Segment.objects.create(name="Other", rule={"segment": segment.pk})
    for address in (f"/segments/{segment.pk}/edit/", f"/segments/{segment.pk}/", "/segments/", "/segments/new/"):
        assert client.get(address).status_code == 200
    tree = client.post("/segments/tree/", sent(builder.rows_of(RULE), do="add:0", segment=segment.pk)).content.decode()
    assert tree.count('name="row"') == len(builder.rows_of(RULE)) + 1
    assert client.post("/segments/preview/", sent(builder.rows_of(RULE))).status_code == 200


def test_a_segment_that_another_speaks_of_is_not_put_away(client: Client) -> None:
    client.force_login(a_user("marketer"))
    first = Segment.objects.create(name="First", rule={"all": []})
    second = Segment.objects.create(name="Second", rule={"any": [{"segment": first.pk}]})
    client.post(f"/segments/{first.pk}/bin/")
    assert Segment.objects.live().count() == 2
    client.post(f"/segments/{second.pk}/bin/")
    client.post(f"/segments/{first.pk}/bin/")
    assert not Segment.objects.live().exists()


def test_explaining_why_someone_is_in_or_out(client: Client) -> None:
    contact = a_contact(country="DE", email="ada@x.example")
    client.force_login(a_user("marketer"))
    segment = Segment.objects.create(
        name="Germany", rule={"all": [{"attribute": "country", "op": "is", "value": "de"}]}
    )
    page = client.get(f"/segments/{segment.pk}/", {"who": contact.email}).content.decode()
    assert "holds" in page


def test_the_published_schema_names_every_attribute_and_comparison(client: Client) -> None:
    client.force_login(a_user("marketer"))
    schema = client.get("/segments/schema.json").json()
    leaf = next(one for one in schema["oneOf"] if "attribute" in one["properties"])
    assert set(ATTRIBUTES) == set(leaf["properties"]["attribute"]["anyOf"][0]["enum"])
    assert {op for kind in OPERATORS.values() for op in kind} == set(leaf["properties"]["op"]["enum"])
    event = next(one for one in schema["oneOf"] if "event" in one["properties"])
    assert set(event["properties"]) == {param.name for param in SHAPES["event"]}


def test_the_page_shows_size_overlap_edits_and_the_impact_of_one_before_saving(client: Client) -> None:
    user = a_user("marketer")
    client.force_login(user)
    ada, bob = a_contact(country="DE", first_name="Adamant"), a_contact(country="AT", first_name="Bobolink")
    rule = {"all": [{"attribute": "country", "op": "is", "value": "de"}]}
    segment = save_segment(None, name="Germany", rule=rule, actor=user, now=NOW)
    other = save_segment(None, name="All addresses", rule={"attribute": "email", "op": "known"}, actor=user, now=NOW)
    refresh(segment, now=NOW)
    rows = [Row(mode="all"), Row(1, what="attribute:country", op="is", value="at")]
    preview = client.post("/segments/preview/", sent(rows, segment=segment.pk)).content.decode()
    assert "1 contact enters" in preview
    assert "1 contact leaves" in preview
    assert bob.name in preview
    assert SegmentMember.objects.get(segment=segment).contact_id == ada.pk
    save_segment(segment, name="Austria", rule={"attribute": "country", "op": "is", "value": "at"}, actor=user, now=NOW)
    refresh(segment, now=NOW + timedelta(hours=2))
    page = client.get(f"/segments/{segment.pk}/").content.decode()
    for said in ("Size over time", other.name, "<ins>Country is at</ins>", "<del>Country is de</del>", "Adamant"):
        assert said in page


DEFAULTS: dict[str, dict[str, Any]] = {
    kind: {param.name: param.default for param in params if param.default is not None}
    for kind, params in SHAPES.items()
}
SAID: list[dict[str, Any]] = [
    {"message": "sent", "without": "clicked", "days": 30},
    {"message": "clicked", "link": 7, "email": 3},
    {"event": "pageview", "path": "/pricing", "then": "form_submitted", "within_minutes": 60, "days": 30},
    {"event": "pageview", "occurrence": "first", "days": None, "device": "phone"},
    {"event": "order", "at_least": 2, "since": "2026-01-01", "until": "2026-02-01"},
    {"aggregate": "sum", "event": "order", "of": "value", "op": "between", "value": 10, "upto": 99.5, "days": None},
    {"changed": "lifecycle", "from": "lead", "to": "customer", "days": 30},
    {"has_been": "country", "value": "DE", "how": "less_than", "days": 90},
    {"related": "leads", "which": "at_most", "times": 0, "where": [
        {"field": "status", "op": "in", "value": ["new", "working"]},
        {"field": "opened", "op": "between", "value": ["2026-01-01", "2026-02-01"]},
        {"field": "source", "op": "unknown"},
    ]},
    {"related": "colleagues", "which": "at_least", "times": 2},
    {"consent": "newsletter", "state": "expires", "days": 30},
    {"list": 4, "days": 7},
    {"provider": "gmail"},
    {"bucket": "holdout", "from": 0, "to": 12.5},
]  # fmt: skip


@pytest.mark.parametrize("leaf", SAID, ids=lambda leaf: "-".join(map(str, leaf.values()))[:40])
def test_every_kind_of_condition_has_fields_that_say_it(leaf: dict[str, Any]) -> None:
    rows = builder.rows_of({"all": [leaf]})
    assert rows[1].what == f"shape:{kind_of(leaf)}"
    unsaid = {} if "since" in leaf else DEFAULTS[str(kind_of(leaf))]
    assert builder.read_rule(as_post(sent(rows)), custom={}) == {"all": [unsaid | leaf]}


@pytest.mark.parametrize("leaf", SAID, ids=lambda leaf: "-".join(map(str, leaf.values()))[:40])
def test_the_fields_are_drawn_and_say_the_same_when_sent_again(client: Client, leaf: dict[str, Any]) -> None:
    client.force_login(a_user("marketer"))
    rows = builder.rows_of({"all": [leaf]})
    tree = client.post("/segments/tree/", sent(rows, do="show")).content.decode()
    for name, text in rows[1].parts.items():
        assert f'name="{name}.1"' in tree, name
        assert f'value="{text}"' in tree, (name, text)
    assert "shape:" in tree


@pytest.mark.parametrize("kind", list(WITH_FIELDS))
def test_a_new_row_of_a_kind_begins_with_something(client: Client, kind: str) -> None:
    client.force_login(a_user("marketer"))
    rows = [Row(mode="all"), Row(1, what=f"shape:{kind}")]
    answer = client.post("/segments/tree/", sent(rows, do="show"))
    assert answer.status_code == 200
    assert f'value="shape:{kind}" selected' in answer.content.decode()


@pytest.mark.parametrize(("parts", "why"), [
    ({"message": "sent", "days": "many"}, "Give a count"),
    ({"message": "clicked", "email": "-1"}, "Give a count"),
    ({"days": "3"}, "message is missing"),
])  # fmt: skip
def test_what_cannot_be_read_is_said_and_nothing_is_lost(parts: dict[str, str], why: str) -> None:
    rows = [Row(mode="all"), Row(1, what="shape:message", parts=parts)]
    with pytest.raises(BadRule, match=f"Row 1: .*{why}"):
        builder.rule_of(rows, custom={})
    assert builder.rows_sent(as_post(sent(rows)))[1].parts == parts


def test_a_comparison_may_take_the_unknown_too() -> None:
    rule = {"all": [{"attribute": "country", "op": "is_not", "value": "DE", "or_unknown": True}]}
    assert builder.read_rule(as_post(sent(builder.rows_of(rule))), custom={}) == rule
