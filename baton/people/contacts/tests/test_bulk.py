"""Many rows at once are the rows that one by one would be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from baton.people.contacts.models import Contact
from baton.platform.bulk import insert_records
from baton.platform.db import among
from baton.platform.tokens import new_token, new_tokens

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)


def test_records_read_back_as_bulk_create_would_have_kept_them() -> None:
    told = {"first_name": "Zoë", "engagement_score": 1.5, "created_at": AT, "custom": {"7": [1, "ü"]}, "deleted_at": AT}
    [usual] = Contact.objects.bulk_create([Contact(**told)])
    mine = Contact(**told)
    with transaction.atomic():
        insert_records([mine])
    kept = Contact.objects.get(pk=mine.pk)
    but = ["id", "token", "changed_at"]
    assert model_to_dict(kept, exclude=but) == model_to_dict(Contact.objects.get(pk=usual.pk), exclude=but)
    assert (kept.created_at, kept.token, kept.custom) == (AT, mine.token, {"7": [1, "ü"]})


def test_ids_are_never_used_again() -> None:
    first = Contact.objects.create(first_name="A")
    gone = first.pk
    first.delete()
    mine = [Contact(first_name="B"), Contact(first_name="C")]
    insert_records(mine)
    after = Contact.objects.create(first_name="D")
    assert gone < mine[0].pk < mine[1].pk < after.pk
    mine[0].first_name = "Bo"
    mine[0].save()
    assert Contact.objects.filter(first_name__in=["Bo", "C", "D"]).count() == 3


def test_what_the_database_refuses_is_refused_whole() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_records([Contact(email="a@b.example"), Contact(email="a@b.example")])
    assert not Contact.objects.exists()


def test_among_takes_ids_and_texts() -> None:
    insert_records([Contact(email="a'b@c.example"), Contact(email="ü@c.example")])
    found = Contact.objects.filter(email__in=among(["a'b@c.example", "ü@c.example"], "text"))
    assert found.filter(pk__in=among(found.values_list("pk", flat=True))).count() == 2
    assert not Contact.objects.filter(pk__in=among([])).exists()
    assert not Contact.objects.filter(email__in=among([], "text")).exists()


def test_many_tokens_look_like_one() -> None:
    tokens = new_tokens(50)
    assert len(set(tokens)) == 50
    assert {len(token) for token in tokens} == {len(new_token())}
