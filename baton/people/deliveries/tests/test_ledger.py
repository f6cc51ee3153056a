"""The ledger: filled once, claimed once, settled, and recovered without sending twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from baton.people.deliveries import actions, footprints
from baton.people.deliveries.models import Delivery, Suppression
from baton.people.deliveries.reads import counts, reasons
from baton.people.deliveries.tokens import address_hash, delivery_of_return_path, message_id, return_path
from baton.platform.mail.smtp import Outcome
from tests.cast import NOW, a_contact

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGE = actions.Message("broadcast", 7)


def filled(number: int) -> list[int]:
    actions.fill(MESSAGE, [a_contact().pk for _ in range(number)])
    return list(MESSAGE.rows().order_by("pk").values_list("pk", flat=True))


def claimed(limit: int = 100, claim: str = "") -> tuple[str, list[int]]:
    claim = claim or actions.new_claim()
    return claim, [pk for pk, _ in actions.claim_batch(MESSAGE, claim, limit=limit, now=NOW)]


def states() -> list[str]:
    return list(MESSAGE.rows().order_by("pk").values_list("state", flat=True))


def test_filling_again_adds_only_who_is_missing() -> None:
    ada, bob = a_contact(), a_contact()
    assert actions.fill(MESSAGE, [ada.pk]) == 1
    assert actions.fill(MESSAGE, [ada.pk, bob.pk, bob.pk, 999_999]) == 1
    assert counts(MESSAGE)["queued"] == 2


def test_the_same_message_comes_once_for_each_occasion() -> None:
    ada = a_contact()
    again = actions.Entry(occasion=1)
    assert [actions.fill(MESSAGE, [ada.pk], entry) for entry in (actions.Entry(), again, again)] == [1, 1, 0]
    assert sorted(MESSAGE.rows().values_list("occasion", flat=True)) == [0, 1]


def test_who_is_withdrawn_is_skipped_unless_a_worker_has_them_in_hand() -> None:
    _queued, deferred, waiting, in_hand, other = filled(5)
    MESSAGE.rows().filter(pk=deferred).update(state="deferred", next_at=NOW)
    MESSAGE.rows().filter(pk=waiting).update(state="waiting", next_at=NOW)
    MESSAGE.rows().filter(pk=in_hand).update(state="claimed")
    people = list(MESSAGE.rows().exclude(pk=other).values_list("contact_id", flat=True))
    assert actions.withdraw(MESSAGE, people, reason="left_journey") == 3
    assert actions.withdraw(MESSAGE, people, reason="left_journey") == 0
    assert states() == ["skipped", "skipped", "skipped", "claimed", "queued"]
    assert reasons(MESSAGE, "skipped") == [("left_journey", 3)]
    assert not Delivery.objects.filter(state="skipped", next_at__isnull=False).exists()


def test_two_claims_share_no_row() -> None:
    filled(5)
    _, first = claimed(3)
    _, second = claimed(3)
    assert (len(first), len(second)) == (3, 2)
    assert not set(first) & set(second)


def test_what_is_due_is_found_by_its_index_however_much_has_gone_out() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a small table from its beginning, whatever the index")
    with CaptureQueriesContext(connection) as asked:
        claimed()
    claim = next(query["sql"] for query in asked if "ORDER BY" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {claim}")
        assert "delivery_due" in str(cursor.fetchall())


def test_answers_settle_rows() -> None:
    a, b, c, d, e = filled(5)
    claim, _ = claimed()
    actions.begin_handing(claim, skipped={e: "no_consent"}, now=NOW)
    outcomes = [
        Outcome(a, "handed", 250, "ok"),
        Outcome(b, "refused", 550, "5.1.1 user unknown"),
        Outcome(c, "later", 452, "4.2.2 full"),
        Outcome(d, "unknown", 0, "connection lost"),
    ]
    actions.settle(claim, outcomes, now=NOW)
    actions.settle(claim, outcomes, now=NOW)
    assert states() == ["handed", "bounced", "deferred", "unknown", "skipped"]
    assert reasons(MESSAGE, "skipped") == [("no_consent", 1)]
    assert Delivery.objects.get(pk=c).next_at == NOW + timedelta(minutes=2)
    email = Delivery.objects.get(pk=b).contact.email
    assert Suppression.objects.get().address_hash == address_hash(email)


def test_a_refusal_of_the_sender_suppresses_nobody() -> None:
    (a,) = filled(1)
    claim, _ = claimed()
    actions.begin_handing(claim, skipped={}, now=NOW)
    refused = Outcome(a, "refused", 550, "5.7.26 DMARC policy", at_sender=True)
    actions.settle(claim, [refused], now=NOW)
    assert Delivery.objects.get().reason == "sender_refused"
    assert not Suppression.objects.exists()
    assert actions.refusals_of_us([refused]) == [refused]


def test_a_worker_lost_before_anything_went_out_puts_its_batch_back() -> None:
    filled(2)
    claimed()
    assert actions.recover(NOW) == 0
    assert actions.recover(NOW + timedelta(seconds=actions.LEASE_SECONDS + 1)) == 2
    assert states() == ["queued", "queued"]
    assert set(MESSAGE.rows().values_list("attempts", flat=True)) == {0}


def test_a_worker_lost_on_another_machine_leaves_its_batch_unknown() -> None:
    filled(2)
    claim, _ = claimed()
    actions.begin_handing(claim, skipped={}, now=NOW)
    actions.recover(NOW + timedelta(seconds=actions.LEASE_SECONDS + 1))
    assert states() == ["unknown", "unknown"]


def test_footprints_tell_which_of_a_lost_workers_messages_went_out() -> None:
    a, b, _ = filled(3)
    claim = actions.new_claim()
    with pytest.raises(KeyboardInterrupt), footprints.Footprints(claim) as trail:  # noqa: PT012
        claimed(claim=claim)
        actions.begin_handing(claim, skipped={}, now=NOW)
        trail.before(a)
        trail.after(Outcome(a, "handed", 250, "ok"))
        trail.before(b)
        assert actions.recover(NOW + timedelta(days=1)) == 0, "a living worker's batch is left alone"
        raise KeyboardInterrupt
    assert actions.recover(NOW) == 3
    assert states() == ["handed", "unknown", "queued"]
    assert footprints.read(claim) is None


def test_footprints_of_another_boot_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    filled(1)
    claim = actions.new_claim()
    with pytest.raises(KeyboardInterrupt), footprints.Footprints(claim):  # noqa: PT012
        claimed(claim=claim)
        actions.begin_handing(claim, skipped={}, now=NOW)
        raise KeyboardInterrupt
    monkeypatch.setattr(footprints, "boot", lambda: "another")
    assert actions.recover(NOW) == 0
    actions.recover(NOW + timedelta(seconds=actions.LEASE_SECONDS + 1))
    assert states() == ["unknown"]


def test_a_batch_whose_lease_ran_out_may_not_begin() -> None:
    filled(1)
    claim, _ = claimed()
    assert actions.begin_handing(claim, skipped={}, now=NOW + timedelta(seconds=actions.LEASE_SECONDS)) == set()


def test_cancelling_leaves_what_is_in_hand() -> None:
    filled(3)
    claimed(1)
    assert actions.cancel_rest(MESSAGE) == 2
    assert states() == ["claimed", "skipped", "skipped"]


def test_a_return_path_names_its_delivery_and_cannot_be_made_up() -> None:
    address = return_path(12, "news+spring@us.example")
    assert address.startswith("news+b12-")
    assert delivery_of_return_path(address) == 12
    assert delivery_of_return_path(address.replace("b12-", "b13-")) is None
    assert delivery_of_return_path("news@us.example") is None
    assert message_id(12, "broadcast", 7, "us.example") == message_id(12, "broadcast", 7, "us.example")
