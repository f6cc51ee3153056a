"""Events of another tool's export: whose and when they are, each refusal with its reason, nothing doubled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.exchange.imports import actions, mapping
from baton.exchange.imports.errors import BadFile
from baton.exchange.imports.json_lines import LONGEST_LINE
from baton.exchange.imports.models import ImportRun
from baton.exchange.imports.reading import count_rows, rows, sniff
from baton.exchange.imports.tests.test_import import counts, drafted, imported
from baton.platform import jobs
from baton.platform.errors import Refusal
from baton.tracking.collect.models import Site
from baton.tracking.store.columns import event_of
from baton.tracking.store.models import EventSeen, EventTail
from baton.tracking.store.mover import move
from baton.tracking.store.projector import project
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

GA4 = (
    "event_timestamp,event_name,user_pseudo_id,page_location,page_referrer,device_category,country\n"
    "1614834367000000,page_view,1.2,https://www.shop.example/a?utm_source=x&utm_medium=email,https://g.example/,mobile,Germany\n"
    "1614834397000000,purchase,1.2,https://www.shop.example/thanks,,mobile,DE\n"
)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, settings) -> None:
    settings.BATON_HOME = tmp_path


def kept() -> list[Any]:
    return [event_of(json.loads(one.row)) for one in EventTail.objects.order_by("pk")]


def lines(*told: Any) -> str:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in told)


def test_columns_of_an_export_are_recognised() -> None:
    assert counts(imported(GA4, "events")) == (2, 0, 0, 0)
    view, order = kept()
    assert (view.name, view.host, view.path, view.source, view.medium) == (
        "pageview", "shop.example", "/a", "x", "email",
    )  # fmt: skip
    assert (view.at, view.device, view.country, view.referrer_host) == (1614834367000000, "phone", "DE", "g.example")
    assert order.name == "purchase"
    assert view.visitor == order.visitor != "1.2"


def test_lines_of_json_tell_people_money_and_details() -> None:
    contact = a_contact(email="ada@engine.example")
    told = {"time": "2021-03-04T06:06:07+01:00", "event": "order", "email": "Ada@engine.example", "id": "o-1"}
    run = imported(
        lines(told | {"revenue": 49.5, "currency": "eur", "properties": {"plan": "team", "seats": 3}}), "events"
    )
    assert counts(run) == (1, 0, 0, 0)
    [event] = kept()
    assert (event.contact, event.value_minor, event.currency) == (contact.pk, 4950, "EUR")
    assert (event.at, json.loads(event.props)) == (1614834367000000, {"plan": "team", "seats": 3})


def test_the_same_file_again_doubles_nothing_however_long_ago() -> None:
    imported(GA4, "events")
    assert counts(imported(GA4, "events")) == (0, 0, 2, 0)
    project(now=timezone.now())
    move(now=timezone.now())
    EventSeen.objects.all().delete()
    assert counts(imported(GA4, "events")) == (0, 0, 2, 0)
    assert not EventTail.objects.exists()


def test_each_row_that_cannot_be_taken_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    Site.objects.create(name="Shop", domain="shop.example")
    at, page = {"time": "2021-03-04T05:06:07Z", "visitor": "1"}, "https://shop.example/"
    content = lines(
        at | {"id": "1", "event": "pageview", "url": page},
        '{"id": "2", "event": "page',
        "[" * 100_000,
        json.dumps(at | {"id": "3", "event": "pageview", "url": page + "x" * LONGEST_LINE}),
        at | {"id": "4", "event": "pageview", "url": "https://other.example/"},
        at | {"id": "5", "event": "pageview"},
        at | {"id": "6", "event": "order", "email": "nobody@them.example"},
        {"id": "7", "event": "order", "time": "2021-03-04"},
        at | {"id": "8", "event": "order", "time": "yesterday"},
        at | {"id": "9", "event": "order", "time": "2099-01-01"},
        at | {"id": "10", "event": "order", "time": "1998-01-01"},
        at | {"id": "11", "event": "?"},
        at | {"id": "12", "event": "order", "properties": "x"},
        at | {"id": "13", "event": "order\u0000", "url": page + "\ud800"},
    )  # fmt: skip
    head = lines({"id": "", "event": "", "url": "", "email": "", "properties": None} | at)
    run, settled = drafted(head + content, "events")
    kinds, reasons = actions.rehearse(run, settled)
    assert not EventTail.objects.exists()
    actions.carry_out(run)
    assert counts(run) == (2, 0, 0, 13)
    assert (kinds["created"], kinds["refused"]) == (2, 13) == (run.created, sum(reasons.values()))
    assert reasons["The row has more cells than the header, or is no JSON: is a quote missing?"] == 3
    assert reasons["nobody is known by that id or address"] == 1
    assert {one.name for one in kept()} == {"pageview", "order"}


def test_other_encodings_are_found_out_and_broken_ones_named() -> None:
    told = lines({"time": "2021-03-04", "event": "order", "visitor": "1", "source": "Zürich"})
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        imported(told.replace("Z\\u00fcrich", "Zürich").replace('"1"', f'"{encoding}"').encode(encoding), "events")
    assert {one.source for one in kept()} == {"Zürich"}
    assert len(kept()) == 3
    with pytest.raises(BadFile):
        drafted(b"{\x00\x01\x02", "events")
    with pytest.raises(BadFile, match="no JSON objects"):
        drafted('{"a": \n', "events")


def test_a_very_long_line_is_not_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "long.ndjson"
    with file.open("w") as out:
        out.write('{"event": "a"}\n' + "x" * (3 * LONGEST_LINE) + '\n{"event": "b"}')
    table = sniff(file)
    assert count_rows(file, table) == 3
    assert [row["event"] for _number, row in rows(file, table)] == ["a", "", "b"]


def test_a_file_is_imported_by_a_worker_and_cannot_be_taken_back(client: Client) -> None:
    client.force_login(a_user("administrator"))
    run, _settled = drafted(GA4, "events")
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "happened at" in page
    fields = {f"to_{n}": column.to for n, column in enumerate(mapping.from_json(run.mapping).columns)}
    client.post(f"/imports/{run.pk}/start/", {**fields, "source": "ga4"})
    jobs.run_due()
    run.refresh_from_db()
    assert (run.state, counts(run)) == (ImportRun.State.DONE, (2, 0, 0, 0))
    assert "Undo the import" not in client.get(f"/imports/{run.pk}/").content.decode()
    with pytest.raises(Refusal):
        actions.undo(run, actor=a_user("administrator"), now=timezone.now())
    assert len(kept()) == 2
