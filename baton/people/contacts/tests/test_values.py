"""The different values that contacts have, told from one to the next along an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.people.contacts.models import Contact
from baton.people.contacts.reads import BEGIN_AN_INDEX, values_in_use

pytestmark = pytest.mark.django_db


def test_nobody_has_no_values() -> None:
    assert [values_in_use(column) for column in (*BEGIN_AN_INDEX, "city")] == [[], [], [], []]


def test_each_value_once_in_order_and_none_of_who_was_put_away() -> None:
    for n, country in enumerate(["FR", "", "DE", "FR", "Ö", "de", "AT"]):
        Contact.objects.create(last_name=f"N{n}", country=country[:2], source=f"s{n % 3}", city=country)
    Contact.objects.create(last_name="Gone", country="US", source="gone", deleted_at=timezone.now())
    for column in (*BEGIN_AN_INDEX, "city"):
        ordered = Contact.objects.live().order_by(column).values_list(column, flat=True).distinct()
        assert values_in_use(column) == [*ordered]
    assert values_in_use("country", most=2) == values_in_use("country")[:2]
    assert len(values_in_use("country")) == 6


@pytest.mark.parametrize("column", BEGIN_AN_INDEX)
def test_an_index_begins_with_the_column(column) -> None:
    Contact.objects.create(last_name="One", country="DE")
    with CaptureQueriesContext(connection) as asked:
        values_in_use(column)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            plan = " ".join(row[3] for row in cursor.fetchall())
        assert "SCAN people_contact" not in plan.replace("SCAN people_contact USING COVERING INDEX", "")
        assert "TEMP B-TREE" not in plan
    assert any(index.fields[:1] == [column] for index in Contact._meta.indexes if index.fields)
