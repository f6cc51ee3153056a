"""The list's text: few matches named by their ids, many found along the list's own order, with the same outcome."""

from __future__ import annotations

import pytest

from baton.people.contacts.models import Contact
from baton.people.contacts.search import index_contact
from baton.platform.search import index_thing, postgres, reads, sqlite
from baton.platform.search.actions import Findable
from tests.cast import a_contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("few", [0, 1000])
def test_a_list_is_narrowed_alike_whether_few_or_many_match(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in (sqlite, postgres):
        monkeypatch.setattr(engine, "FEW", few)
    adas = [a_contact(first_name="Ada", last_name=name, email=f"{name[0]}@b.example") for name in ("Berg", "Müller")]
    for one in (*adas, a_contact(first_name="Bob", last_name="Müller", email="bob@b.example")):
        index_contact(one)
    index_thing(
        Findable("contact", adas[0].pk + 1000, "people", "Ada Nobody", "", "/")
    )  # found, but no contact of the list

    def listed(text: str) -> set[int]:
        return set(Contact.objects.filter(reads.found("contact", text)).values_list("pk", flat=True))

    assert listed("ada") == {one.pk for one in adas}
    assert listed("mul ada") == {adas[1].pk}
    assert listed("zoe") == listed("--") == set()
    adas[1].first_name = "Eda"
    adas[1].save()
    index_contact(adas[1])
    assert listed("ada") == {adas[0].pk}
