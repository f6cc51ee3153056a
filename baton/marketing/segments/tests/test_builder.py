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
from baton.marketing.segments.rules import BadRule
from baton.marketing.segments.shapes import SHAPES
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
        fields |= {f"{name}-{n}": str(value) for name, value in vars(row).items() if value != "" or name == "days"}
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


def test_a_condition_that_rows_cannot_say_is_kept_as_it_was_written() -> None:
    leaf = {"message": "sent", "without": "clicked", "days": 30}
    rows = builder.rows_of({"all": [leaf, {"attribute": "country", "op": "is", "value": "DE", "or_unknown": True}]})
    assert [row.what for row in rows] == ["", "rule:", "rule:"]
    assert builder.rule_of(rows, custom={})["all"][0] == leaf
