"""Consents from another tool: kept with basis, day and how; nothing a person has said later is undone by a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from baton.exchange.imports import actions
from baton.exchange.imports.models import RefusedRow
from baton.exchange.imports.tests.test_import import counts, drafted, imported
from baton.people.consent.actions import Evidence, await_consent, give_consent, withdraw_consent
from baton.people.consent.models import Consent, ConsentEvidence, ConsentTopic
from baton.people.contacts.models import Contact
from baton.people.deliveries.actions import suppress
from baton.people.deliveries.gate import may_mail
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db
HEAD = "E-mail,Topic,Status,Opt-in time,Basis,Rests on,Ends on,How\n"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, settings) -> None:
    settings.BATON_HOME = tmp_path


@pytest.fixture
def news() -> ConsentTopic:
    return ConsentTopic.objects.create(key="news", label="Our news", needs_confirmation=True)


@pytest.fixture
def ada() -> Contact:
    return a_contact(email="ada@engine.example")


def brought(*rows: str):
    return imported(HEAD + "\n".join(rows) + "\n", noun="consents")


def test_basis_day_and_how_are_kept_and_the_same_file_again_adds_nothing(news: ConsentTopic, ada: Contact) -> None:
    row = "ADA@engine.example,our NEWS,subscribed,2026-01-31 10:00,soft_opt_in,order 7,2099-12-31,fair"
    assert counts(brought(row)) == (1, 0, 0, 0)
    consent, kept = Consent.objects.get(), ConsentEvidence.objects.get()
    assert (consent.state, consent.basis) == ("given", "soft_opt_in")
    assert consent.since == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert (kept.how, kept.basis) == ("import file: fair", "soft_opt_in")
    assert kept.proof == {"rests_on": "order 7", "ends_on": "2099-12-31", "told_on": "2026-01-31"}
    assert may_mail([ada.pk], news, timezone.now()) == {ada.pk: None}
    assert counts(brought(row)) == (0, 0, 1, 0)
    assert ConsentEvidence.objects.count() == 1


def test_a_withdrawal_later_than_the_file_stands_and_an_earlier_one_does_not(news: ConsentTopic, ada: Contact) -> None:
    give_consent(ada, news, evidence=Evidence(how="form"), now=NOW)
    withdraw_consent(ada, news, evidence=Evidence(how="one-click unsubscribe"), now=NOW)
    run = brought("ada@engine.example,news,given,2026-03-09 09:00,,,,list")
    assert counts(run) == (0, 0, 0, 1)
    assert "they withdrew on 2026-03-10" in RefusedRow.objects.get().reason
    assert Consent.objects.get().state == "withdrawn"
    assert counts(brought("ada@engine.example,news,given,2026-03-11 09:00,,,,list")) == (0, 1, 0, 0)
    assert Consent.objects.get().state == "given"


def test_a_strangers_typing_in_between_does_not_open_the_door_to_an_older_file(
    news: ConsentTopic, ada: Contact
) -> None:
    withdraw_consent(ada, news, evidence=Evidence(how="one-click unsubscribe"), now=NOW)
    await_consent(ada, news, evidence=Evidence(how="form"), now=NOW)
    assert counts(brought("ada@engine.example,news,given,2026-03-09 09:00,,,,list")) == (0, 0, 0, 1)
    assert Consent.objects.get().state == "pending"


def test_an_old_withdrawal_of_a_file_does_not_end_a_newer_consent(news: ConsentTopic, ada: Contact) -> None:
    give_consent(ada, news, evidence=Evidence(how="form"), now=NOW)
    assert counts(brought("ada@engine.example,news,unsubscribed,2026-03-09,,,,")) == (0, 0, 1, 0)
    assert counts(brought("ada@engine.example,news,unsubscribed,2026-03-11,,,,")) == (0, 1, 0, 0)
    assert Consent.objects.get().state == "withdrawn"


def test_a_file_takes_nobody_off_the_list_of_the_never_mailed(news: ConsentTopic, ada: Contact) -> None:
    suppress(ada.email, "objected", evidence="a letter", now=NOW)
    brought("ada@engine.example,news,given,2026-06-01,,,,list")
    assert may_mail([ada.pk], news, timezone.now()) == {ada.pk: "objected"}


def test_a_weaker_basis_does_not_take_the_place_of_express_consent(news: ConsentTopic, ada: Contact) -> None:
    give_consent(ada, news, evidence=Evidence(how="form"), now=NOW)
    assert counts(brought("ada@engine.example,news,given,2026-06-01,implied_purchase,order 7,,")) == (0, 0, 1, 0)
    assert Consent.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("bob@engine.example,news,given,2026-01-31,,,,", "no contact has the address bob@engine.example"),
        (",news,given,2026-01-31,,,,", "no contact has the address"),
        ("ada@engine.example,olds,given,2026-01-31,,,,", "olds is no topic; topics are Our news"),
        ("ada@engine.example,news,maybe,2026-01-31,,,,", "maybe is no state"),
        ("ada@engine.example,news,given,,,,,", "without the day"),
        ("ada@engine.example,news,given,2999-01-31,,,,", "still to come"),
        ("ada@engine.example,news,given,2026-01-31,because,,,", "because is no basis"),
        ("ada@engine.example,news,given,2026-01-31,soft_opt_in,,,", "name it in rests_on"),
        ("ada@engine.example,news,given,2020-01-31,implied_inquiry,a call,,", "it has ended on 2020-07-31"),
    ],
)
def test_what_proves_nothing_is_refused(news: ConsentTopic, ada: Contact, row: str, why: str) -> None:
    assert counts(brought(row)) == (0, 0, 0, 1)
    assert why in RefusedRow.objects.get().reason
    assert not ConsentEvidence.objects.exists()


def test_the_order_of_rows_does_not_matter(news: ConsentTopic, ada: Contact) -> None:
    rows = ["ada@engine.example,news,withdrawn,2026-06-02,,,,", "ada@engine.example,news,given,2026-06-01,,,,"]
    assert counts(brought(*rows)) == (1, 0, 0, 1)
    assert Consent.objects.get().state == "withdrawn"


def test_a_preview_changes_nothing(news: ConsentTopic, ada: Contact) -> None:
    run, mapping = drafted(HEAD + "ada@engine.example,news,given,2026-01-31,,,,\n", noun="consents")
    assert dict(actions.preview(run, mapping)[0]) == {"created": 1}
    assert not Consent.objects.exists()


def test_undo_puts_everyone_back_except_who_said_something_since(news: ConsentTopic, ada: Contact) -> None:
    bob, eve = a_contact(email="bob@engine.example"), a_contact(email="eve@engine.example")
    withdraw_consent(bob, news, evidence=Evidence(how="phone"), now=NOW)
    rows = [f"{one.email},news,given,2026-06-0{day},,,," for day, one in enumerate((ada, bob, eve), 1)]
    run = brought(
        *rows, "ada@engine.example,news,withdrawn,2026-06-02,,,,", "ada@engine.example,news,given,2026-06-03,,,,"
    )
    assert counts(run) == (2, 3, 0, 0)
    withdraw_consent(eve, news, evidence=Evidence(how="one-click unsubscribe"), now=timezone.now())
    undone, kept = actions.undo(run, actor=a_user("operations"), now=timezone.now())
    assert (undone, len(kept)) == (2, 1)
    stands = dict(Consent.objects.values_list("contact__email", "state"))
    assert stands == {"bob@engine.example": "withdrawn", "eve@engine.example": "withdrawn"}
    assert Consent.objects.get(contact=bob).since == NOW
    assert ConsentEvidence.objects.filter(how="import undone").count() == 2
