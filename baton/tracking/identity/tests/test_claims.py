"""A visitor is who proved it best; a typed address takes nothing from anyone; links cannot be forged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from baton.tracking.errors import ForgedLink
from baton.tracking.identity import MEDIUM, STRONG, TYPED, claim_visitor, contact_of, link_token, read_link_token
from baton.tracking.identity.models import VisitorClaim
from tests.cast import a_contact

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_the_first_claim_holds_and_a_repeat_changes_nothing() -> None:
    ada = a_contact()
    assert claim_visitor("v1", ada, MEDIUM, now=NOW)
    assert claim_visitor("v1", ada, MEDIUM, now=NOW)
    assert contact_of("v1") == ada.pk
    assert VisitorClaim.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("held", "claimed", "takes"),
    [
        (TYPED, TYPED, False),
        (TYPED, MEDIUM, True),
        (TYPED, STRONG, True),
        (MEDIUM, TYPED, False),
        (MEDIUM, MEDIUM, False),
        (MEDIUM, STRONG, True),
        (STRONG, TYPED, False),
        (STRONG, MEDIUM, False),
        (STRONG, STRONG, False),
    ],
)
def test_only_a_stronger_claim_takes_a_visitor_from_somebody(held, claimed, takes) -> None:
    ada, bob = a_contact(), a_contact()
    claim_visitor("v1", ada, held, now=NOW)
    assert claim_visitor("v1", bob, claimed, now=NOW) is takes
    assert contact_of("v1") == (bob if takes else ada).pk
    assert VisitorClaim.objects.filter(visitor="v1").count() == 2
    assert VisitorClaim.objects.filter(visitor="v1", holds=True).count() == 1


@pytest.mark.django_db
def test_a_stronger_claim_of_the_same_person_protects_it() -> None:
    ada, bob = a_contact(), a_contact()
    claim_visitor("v1", ada, TYPED, now=NOW)
    assert claim_visitor("v1", ada, STRONG, now=NOW)
    assert not claim_visitor("v1", bob, MEDIUM, now=NOW)
    assert contact_of("v1") == ada.pk


@pytest.mark.django_db
def test_nobody_is_claimed_without_a_visitor() -> None:
    assert not claim_visitor("", a_contact(), STRONG, now=NOW)
    assert not VisitorClaim.objects.exists()


def test_a_link_tells_its_contact() -> None:
    assert read_link_token(link_token(12)) == 12


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t, lambda _t: "", lambda t: t * 9]
)
def test_a_forged_link_is_refused(change) -> None:
    with pytest.raises(ForgedLink):
        read_link_token(change(link_token(12)))


def test_a_link_signed_for_another_purpose_is_refused() -> None:
    from django.core import signing

    with pytest.raises(ForgedLink):
        read_link_token(signing.dumps(12, salt="unsubscribe"))
