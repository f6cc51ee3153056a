"""Custom fields on a deal: typed values in, wrong ones refused."""

import pytest

from baton.platform.fields.models import FieldDefinition
from tests.cast import a_deal, a_user

pytestmark = pytest.mark.django_db


def a_field(kind, **fields):
    return FieldDefinition.objects.create(on="deal", key=f"k-{kind}", label=f"Label {kind}", kind=kind, **fields)


@pytest.fixture
def rep(client):
    user = a_user()
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "Fleet", "Fleet"),
        ("number", "1,250.5", 1250.5),
        ("number", "12", 12),
        ("date", "2026-05-01", "2026-05-01"),
        ("flag", "yes", True),
        ("flag", "no", False),
        ("choice", "Gold", "Gold"),
    ],
)
def test_what_is_typed_is_kept_by_field_id_and_shown(client, rep, kind, typed, kept):
    field = a_field(kind, choices=["Gold", "Silver"])
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/custom/", {f"custom-{field.pk}": typed, "revision": 1})
    deal.refresh_from_db()
    assert deal.custom == {str(field.pk): kept}
    assert f"Label {kind}" in client.get(f"/deals/{deal.pk}/").content.decode()
    client.post(f"/deals/{deal.pk}/custom/", {f"custom-{field.pk}": "", "revision": 2})
    deal.refresh_from_db()
    assert deal.custom == {}


@pytest.mark.parametrize(("kind", "typed"), [("number", "many"), ("date", "tomorrow"), ("choice", "Tin")])
def test_what_does_not_fit_changes_nothing(client, rep, kind, typed):
    field = a_field(kind, choices=["Gold"])
    deal = a_deal(owner=rep)
    client.post(f"/deals/{deal.pk}/custom/", {f"custom-{field.pk}": typed, "revision": 1})
    deal.refresh_from_db()
    assert (deal.custom, deal.revision) == ({}, 1)


def test_anothers_deal_keeps_its_fields(client, rep):
    field = a_field("text")
    deal = a_deal(owner=a_user())
    assert client.post(f"/deals/{deal.pk}/custom/", {f"custom-{field.pk}": "x"}).status_code == 404
