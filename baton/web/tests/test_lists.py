"""What the four lists do alike: columns, orders, conditions, views, changes of many rows, files."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baton.platform import jobs
from baton.platform.accounts.models import User
from baton.platform.fields.models import FieldDefinition
from baton.platform.lists import bulk
from baton.platform.lists.asked import Asked
from baton.platform.lists.models import BulkChange, SavedView
from baton.platform.notifications.models import Notification
from baton.platform.pages import page_of
from baton.web.wiring import LISTS
from tests.cast import a_company, a_contact, a_deal, a_lead, a_team, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])

QUERY_BUDGET = 25
ADDRESS = {"contacts": "/contacts/", "companies": "/companies/", "leads": "/leads/", "deals": "/deals/list/"}
BASE = {key: f"/{key}/" for key in ADDRESS}


def a_lead_of(owner: User | None = None) -> Any:
    return a_lead(a_contact(), owner=owner)


MAKE: dict[str, Callable[..., Any]] = {
    "contacts": a_contact,
    "companies": a_company,
    "leads": a_lead_of,
    "deals": a_deal,
}
every_list = pytest.mark.parametrize("key", list(LISTS))


@pytest.fixture
def boss() -> User:
    return a_user("administrator")


@pytest.fixture
def client(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def said(answer: Any) -> str:
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def page(client: Client, key: str, query: str = "") -> str:
    return client.get(f"{ADDRESS[key]}?{query}").content.decode()


def head(html: str) -> list[str]:
    cells = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", html, re.S)
    return [" ".join(re.sub("<[^>]*>", "", cell).split()) for cell in cells]


def asked(key: str, user: User, query: str = "") -> Asked:
    return Asked.read(LISTS[key], QueryDict(query), user)


@every_list
def test_every_column_at_once_stays_within_the_queries_of_a_page(client: Client, boss: User, key: str) -> None:
    for _number in range(60):
        MAKE[key](owner=a_user())
    everything = [one.key for one in asked(key, boss).columns]
    client.post(f"{BASE[key]}columns/", {"columns": everything})
    with CaptureQueriesContext(connection) as queries:
        html = page(client, key)
    assert len(queries) < QUERY_BUDGET
    assert html.count("<tr data-href=") == 50
    assert len(head(html)) == len(everything) + 2


@every_list
def test_chosen_columns_are_kept_and_are_the_columns_of_the_file(client: Client, boss: User, key: str) -> None:
    MAKE[key](owner=boss)
    listing = LISTS[key]
    last = listing.columns[-1]
    client.post(f"{BASE[key]}columns/", {"columns": [last.key, "no-such-column"]})
    assert head(page(client, key))[2:] == [str(last.label)]
    lines = b"".join(client.get(f"{BASE[key]}{key}.csv").streaming_content).decode().lstrip("\ufeff").splitlines()
    assert lines[0].split(",")[-1] == last.key
    every = b"".join(client.get(f"{BASE[key]}{key}.csv?columns=all").streaming_content).decode().splitlines()
    assert len(every[0].split(",")) > len(lines[0].split(","))
    client.post(f"{BASE[key]}columns/", {"usual": "1", "columns": [last.key]})
    assert User.objects.get(pk=boss.pk).list_columns == {}


@pytest.mark.parametrize("key", ["contacts", "companies", "deals"])
def test_a_custom_field_is_a_column_and_a_cell_of_the_file(client: Client, key: str) -> None:
    on = LISTS[key].custom_on
    field = FieldDefinition.objects.create(on=on, key="renewal", label="Renewal", kind="date")
    MAKE[key](custom={str(field.pk): "2027-05-01"})
    client.post(f"{BASE[key]}columns/", {"columns": [f"custom-{field.pk}"]})
    html = page(client, key)
    assert head(html)[2:] == ["Renewal"]
    assert "May 1, 2027" in html
    text = b"".join(client.get(f"{BASE[key]}{key}.csv").streaming_content).decode()
    assert "renewal" in text
    assert "2027-05-01" in text


@every_list
def test_every_order_reads_each_row_once_in_both_directions(boss: User, key: str) -> None:
    for number in range(13):
        row = MAKE[key]()
        listing = LISTS[key]
        for field in {name for sort in listing.sorts.values() for name in sort.fields}:
            column = listing.model._meta.get_field(field)
            if column.null and number % 3 == 0:
                setattr(row, field, None)
            elif column.get_internal_type() == "CharField":
                setattr(row, field, ["Ada", "ada", "Zoë", "Übel", "b"][number % 5])
            elif column.get_internal_type() in ("BigIntegerField", "FloatField"):
                setattr(row, field, number % 4)
        row.save()
    for name, sort in LISTS[key].sorts.items():
        seen, cursor = [], ""
        while True:
            found = page_of(asked(key, boss).rows(), sort, cursor, size=2)
            seen += [row.pk for row in found.rows]
            cursor = found.next
            if not cursor:
                break
        wanted = list(LISTS[key].rows(boss).order_by(*sort.order).values_list("pk", flat=True))
        assert seen == wanted, name


@every_list
def test_the_sorted_head_says_so_and_turns_round_on_a_click(client: Client, key: str) -> None:
    MAKE[key]()
    client.post(f"{BASE[key]}columns/", {"columns": [one.key for one in LISTS[key].columns]})
    for sort in LISTS[key].sorts:
        html = page(client, key, f"sort={sort}")
        direction = "descending" if sort.startswith("-") else "ascending"
        assert html.count("aria-sort=") == 1, sort
        assert f'aria-sort="{direction}"' in html
        turned = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
        assert f"sort={turned}" in html


def test_a_cursor_of_another_order_gives_the_first_page(client: Client) -> None:
    for _number in range(60):
        a_deal()
    cursor = re.search(r"after=([^\"&]+)", page(client, "deals", "sort=name"))[1]
    assert page(client, "deals", f"sort=-amount&after={cursor}").count("<tr data-href=") == 50


@every_list
def test_conditions_leave_only_what_fits_and_are_kept_by_the_heads(client: Client, boss: User, key: str) -> None:
    mine, other = MAKE[key](owner=boss), MAKE[key](owner=a_user())
    html = page(client, key, "owner=me")
    assert f'value="{mine.pk}"' in html
    assert f'value="{other.pk}" data-select' not in html
    assert "owner=me&amp;sort=" in html
    nobodys = MAKE[key](owner=None)
    assert list(asked(key, boss, "owner=nobody").rows()) == [nobodys]
    assert list(asked(key, boss, "owner=none").rows()) == [nobodys]
    assert not asked(key, boss, "owner=wrong").rows().exists()


CONDITIONS = [
    ("contacts", "lifecycle=mql", {"lifecycle": "mql"}, {"lifecycle": "lead"}),
    ("contacts", "source=none", {"source": ""}, {"source": "email"}),
    ("contacts", "country=DE", {"country": "DE"}, {"country": "FR"}),
    ("contacts", "email=no", {"email": ""}, {}),
    ("companies", "industry=Optics", {"industry": "Optics"}, {"industry": ""}),
    ("companies", "size=50", {"employees": 50}, {"employees": 51}),
    ("companies", "size=more", {"employees": 1001}, {"employees": None}),
    ("companies", "size=none", {"employees": None}, {"employees": 10}),
    ("deals", "state=won", {"state": "won"}, {"state": "open"}),
    ("deals", "company=none", {}, {"company": "a company"}),
    ("deals", "closing=none", {}, {"expected_close_on": "2026-03-31"}),
]


@pytest.mark.parametrize(("key", "query", "fits", "not_so"), CONDITIONS)
def test_a_condition_leaves_what_it_says(boss: User, key: str, query: str, fits: dict, not_so: dict) -> None:
    if "company" in not_so:
        not_so = {"company": a_company()}
    wanted, _other = MAKE[key](**fits), MAKE[key](**not_so)
    assert list(asked(key, boss, query).rows()) == [wanted]


def test_consent_is_asked_by_what_stands_now(boss: User) -> None:
    from baton.people.consent.models import Consent, ConsentTopic
    from tests.cast import NOW

    topic = ConsentTopic.objects.create(key="letters", label="Letters")
    given, never = a_contact(), a_contact()
    Consent.objects.create(contact=given, topic=topic, state="given", since=NOW)
    assert list(asked("contacts", boss, "consent=given").rows()) == [given]
    assert list(asked("contacts", boss, "consent=none").rows()) == [never]
    assert list(asked("contacts", boss, "consent=withdrawn").rows()) == []


def test_leads_are_asked_by_their_age_and_their_contact(boss: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    old, fresh = a_lead(now=now - timedelta(days=10)), a_lead(now=now)
    assert list(asked("leads", boss, "age=over_week").rows()) == [old]
    assert list(asked("leads", boss, "age=day").rows()) == [fresh]


def test_where_nothing_fits_the_page_says_which_condition_to_drop(client: Client, boss: User) -> None:
    a_contact(owner=boss, lifecycle="lead")
    html = unescape(page(client, "contacts", "owner=me&lifecycle=mql"))
    assert "Owner is me and Lifecycle is MQL" in html
    assert 'Drop "Lifecycle is MQL": 1' in html
    assert 'href="?owner=me"' in html
    assert 'Drop "Owner is me"' not in html


def test_where_dropping_one_condition_does_not_help_the_page_says_so(client: Client) -> None:
    a_contact(lifecycle="lead", country="DE")
    assert "Dropping one of them is not enough." in page(client, "contacts", "lifecycle=mql&country=FR")
    assert "Without it the list is empty too." in page(client, "companies", "size=more")


@every_list
def test_an_empty_list_teaches_with_a_sample_and_one_button(client: Client, key: str) -> None:
    html = page(client, key)
    assert html.count('class="sample"') == 1
    assert len(re.findall(r'class="nothing-do">\s*<a ', html)) == 1


@every_list
def test_a_rep_finds_only_what_is_theirs(key: str) -> None:
    rep, client = a_user("rep"), Client()
    client.force_login(rep)
    mine, other = MAKE[key](owner=rep), MAKE[key](owner=a_user())
    assert [row.pk for row in asked(key, rep).rows()] == [mine.pk]
    client.post(f"{BASE[key]}change/", {"ids": [mine.pk, other.pk], "what": "bin"})
    mine.refresh_from_db(), other.refresh_from_db()
    assert mine.deleted_at
    assert other.deleted_at is None
    assert client.get(f"{BASE[key]}{key}.csv").status_code == 403


@every_list
def test_a_saved_view_is_a_tab_with_its_conditions_order_and_columns(client: Client, boss: User, key: str) -> None:
    MAKE[key](owner=boss)
    column, sort = LISTS[key].columns[0], next(iter(LISTS[key].sorts))
    client.post(f"{BASE[key]}columns/", {"columns": [column.key]})
    back = f"owner=me&sort={sort}"
    answer = client.post(f"{BASE[key]}views/", {"name": "Mine", "back": back})
    view = SavedView.objects.get()
    assert parse_qs(urlsplit(answer.url).query) == {"owner": ["me"], "sort": [sort], "view": [str(view.pk)]}
    client.post(f"{BASE[key]}columns/", {"usual": "1"})
    html = client.get(answer.url).content.decode()
    assert head(html)[2:] == [str(column.label)]
    assert re.search(r'aria-current="page">Mine<', html)
    assert "Save as it stands now" not in html
    changed = client.get(f"{ADDRESS[key]}?view={view.pk}").content.decode()
    assert "Save as it stands now" in changed


def test_a_view_is_renamed_renewed_shared_deleted_and_brought_back(client: Client, boss: User) -> None:
    client.post("/contacts/views/", {"name": "Mine", "back": "owner=me"})
    view = SavedView.objects.get()
    client.post(f"/contacts/views/{view.pk}/change/", {"name": "Hot ones", "is_shared": "1", "back": "lifecycle=lead"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Hot ones", True, "owner=me")
    client.post(
        f"/contacts/views/{view.pk}/change/",
        {"name": "Hot ones", "back": f"lifecycle=lead&view={view.pk}", "keep": "1"},
    )
    view.refresh_from_db()
    assert (view.is_shared, view.query) == (False, "lifecycle=lead")
    answer = client.post(f"/contacts/views/{view.pk}/delete/")
    assert "Hot ones" not in re.sub(r'<div class="toasts".*', "", client.get(answer.url).content.decode(), flags=re.S)
    client.post(f"/contacts/views/{view.pk}/restore/")
    assert ">Hot ones<" in page(client, "contacts")


def test_a_shared_view_is_found_by_others_who_may_not_change_it(client: Client) -> None:
    client.post("/contacts/views/", {"name": "Of all", "is_shared": "1", "back": "lifecycle=mql"})
    client.post("/contacts/views/", {"name": "Secret", "back": "lifecycle=mql"})
    shared = SavedView.objects.get(name="Of all")
    other = Client()
    other.force_login(a_user("rep"))
    html = page(other, "contacts")
    assert "Of all" in html
    assert "Secret" not in html
    for verb in ("change", "delete", "restore"):
        assert other.post(f"/contacts/views/{shared.pk}/{verb}/", {"name": "Taken"}).status_code == 404
    shared.refresh_from_db()
    assert (shared.name, shared.deleted_at) == ("Of all", None)
    mine = SavedView.objects.get(name="Secret")
    assert f"view={mine.pk}" not in page(other, "contacts", f"view={mine.pk}")


def test_a_view_needs_a_name(client: Client) -> None:
    answer = client.post("/contacts/views/", {"name": "  ", "back": "owner=me"})
    assert "Give the view a name." in said(answer)
    assert answer.url == "/contacts/?owner=me"
    assert not SavedView.objects.exists()


@every_list
def test_many_get_another_owner_and_are_put_back_save_what_changed_since(client: Client, boss: User, key: str) -> None:
    heir, third = a_user(), a_user()
    first, second, same = MAKE[key](owner=boss), MAKE[key](owner=boss), MAKE[key](owner=heir)
    ids = [first.pk, second.pk, same.pk, 10**9]
    answer = client.post(f"{BASE[key]}change/", {"ids": ids, "what": "owner", "to-owner": heir.pk, "back": "owner=me"})
    assert answer.url == f"{ADDRESS[key]}?owner=me"
    assert "2 " in said(answer)
    assert "2 not: " in said(answer)
    assert "1 had that already" in said(answer)
    first.refresh_from_db(), second.refresh_from_db()
    assert [first.owner, second.owner] == [heir, heir]
    type(second).objects.filter(pk=second.pk).update(owner=third)
    change = BulkChange.objects.get()
    answer = client.post(f"{BASE[key]}changes/{change.pk}/undo/")
    assert "As before: 1 " in said(answer)
    assert "Changed again since and left alone: 1." in said(answer)
    first.refresh_from_db(), second.refresh_from_db()
    assert [first.owner, second.owner] == [boss, third]
    assert "undone already" in said(client.post(f"{BASE[key]}changes/{change.pk}/undo/"))


@every_list
def test_many_go_to_the_bin_and_come_back(client: Client, boss: User, key: str) -> None:
    rows = [MAKE[key](owner=boss) for _number in range(2)]
    client.post(f"{BASE[key]}change/", {"ids": [row.pk for row in rows], "what": "bin"})
    assert not asked(key, boss).rows().exists()
    client.post(f"{BASE[key]}changes/{BulkChange.objects.get().pk}/undo/")
    assert asked(key, boss).rows().count() == 2


@pytest.mark.parametrize("key", ["contacts", "companies", "deals"])
def test_a_custom_field_is_set_checked_and_put_back(client: Client, key: str) -> None:
    field = FieldDefinition.objects.create(on=LISTS[key].custom_on, key="seats", label="Seats", kind="number")
    other = FieldDefinition.objects.create(on=LISTS[key].custom_on, key="note", label="Note", kind="text")
    row = MAKE[key](custom={str(other.pk): "kept"})
    name = f"custom-{field.pk}"
    answer = client.post(f"{BASE[key]}change/", {"ids": [row.pk], "what": name, f"to-{name}": "many"})
    assert "Seats: write a number." in said(answer)
    client.post(f"{BASE[key]}change/", {"ids": [row.pk], f"to-{name}": "12"})  # Enter: no button was pressed
    row.refresh_from_db()
    assert row.custom == {str(other.pk): "kept", str(field.pk): 12}
    client.post(f"{BASE[key]}changes/{BulkChange.objects.get().pk}/undo/")
    row.refresh_from_db()
    assert row.custom == {str(other.pk): "kept"}


@every_list
def test_nobody_sees_or_undoes_anothers_change(client: Client, boss: User, key: str) -> None:
    client.post(f"{BASE[key]}change/", {"ids": [MAKE[key](owner=boss).pk], "what": "bin"})
    other = Client()
    other.force_login(a_user("administrator"))
    place = f"{BASE[key]}changes/{BulkChange.objects.get().pk}/"
    assert other.get(place).status_code == 404
    assert other.post(f"{place}undo/").status_code == 404
    assert client.get(place).status_code == 200


@every_list
def test_all_that_fit_are_changed_by_a_worker_who_tells_when_it_is_done(client: Client, boss: User, key: str) -> None:
    heir = a_user()
    rows = [MAKE[key](owner=boss) for _number in range(bulk.AT_ONCE + 5)]
    left_out = MAKE[key](owner=None)
    sent = {"ids": [rows[0].pk], "all": "1", "what": "owner", "to-owner": heir.pk, "back": "owner=me"}
    answer = client.post(f"{BASE[key]}change/", sent)
    change = BulkChange.objects.get()
    assert answer.url == f"{BASE[key]}changes/{change.pk}/"
    assert (change.total, change.changed) == (bulk.AT_ONCE + 5, 0)
    assert "every 1s" in client.get(answer.url).content.decode()
    jobs.run_due()
    model = type(rows[0])
    assert model.objects.filter(owner=heir).count() == bulk.AT_ONCE + 5
    left_out.refresh_from_db()
    assert left_out.owner is None
    assert Notification.objects.get(kind="list.changed").url == answer.url
    done = client.get(answer.url).content.decode()
    assert "every 1s" not in done
    assert f"{bulk.AT_ONCE + 5} " in done
    client.post(f"{answer.url}undo/")
    jobs.run_due()
    assert model.objects.filter(owner=boss).count() == bulk.AT_ONCE + 5
    change.refresh_from_db()
    assert change.state == BulkChange.State.UNDONE


def test_a_killed_worker_goes_on_where_it_stopped(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    heir = a_user()
    rows = [a_contact(owner=boss) for _number in range(60)]
    monkeypatch.setattr(bulk, "BATCH_ROWS", 25)
    listing = LISTS["contacts"]
    change = bulk.change_together(
        listing, [row.pk for row in rows], {"owner": heir}, actor=boss, now=rows[0].created_at
    )
    batches = bulk._batches(listing, change, rows[0].created_at)
    next(iter(batches))
    again = BulkChange.objects.get(pk=change.pk)
    assert (again.done, again.changed) == (25, 25)
    jobs.run_due()
    again.refresh_from_db()
    assert (again.state, again.done, again.changed, again.left) == ("done", 60, 60, {})


def test_without_rows_or_a_value_nothing_is_changed(client: Client) -> None:
    contact = a_contact(source="email")
    assert "choose rows first" in said(client.post("/contacts/change/", {"what": "bin"}))
    assert "choose a field" in said(client.post("/contacts/change/", {"ids": [contact.pk]}))
    assert "choose the new owner" in said(client.post("/contacts/change/", {"ids": [contact.pk], "what": "owner"}))
    wrong = {"ids": [contact.pk], "what": "country", "to-country": "Germany"}
    assert "two letters" in said(client.post("/contacts/change/", wrong))
    contact.refresh_from_db()
    assert (contact.source, contact.country, contact.deleted_at) == ("email", "", None)
    assert not BulkChange.objects.exists()


def test_a_count_stops_where_all_counts_stop(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(60):
        a_contact()
    monkeypatch.setattr("baton.platform.pages.COUNT_STOPS_AT", 55)
    with CaptureQueriesContext(connection) as queries:
        page(client, "contacts")
    counts = [one["sql"] for one in queries if "COUNT(" in one["sql"] and "people_contact" in one["sql"]]
    assert counts
    assert all("LIMIT 56" in sql for sql in counts)


def test_a_manager_is_offered_the_people_they_see(client: Client) -> None:
    team = a_team()
    manager, inside, outside = a_user("sales_manager", team=team), a_user(team=team), a_user()
    offered = {one.condition.name: dict(one.choices) for one in asked("contacts", manager).said}["owner"]
    assert str(inside.pk) in offered
    assert str(outside.pk) not in offered
    assert "owner" not in {one.condition.name for one in asked("contacts", a_user("rep")).said}
