"""Settling: what is written and told, that a repeat changes nothing, and that segments follow."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from baton.marketing.reading.actions import SETTLING, _due, settle, settle_hits
from baton.marketing.reading.models import MailHit
from baton.marketing.segments.actions import save_segment
from baton.marketing.segments.follow import follow
from baton.marketing.segments.reads import members_of, names
from baton.marketing.segments.words import sentence
from baton.people.deliveries.models import Delivery
from baton.tracking.store.columns import event_of
from baton.tracking.store.models import EventTail
from tests.cast import NOW

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


def a_hit(delivery: Delivery, broadcast, seconds: float, **fields) -> MailHit:
    told = {"kind": "click", "agent": "Mozilla/5.0 Chrome/142.0 Safari", "source": "s", "label": "human"}
    return MailHit.objects.create(
        delivery=delivery, broadcast=broadcast, at=NOW + timedelta(seconds=seconds), **{**told, **fields}
    )


def rows() -> list[Delivery]:
    return list(Delivery.objects.order_by("pk"))


def test_a_hit_is_told_once_when_it_has_settled(a_mailing) -> None:
    broadcast = a_mailing(1)
    hit = a_hit(rows()[0], broadcast, 100, link=broadcast.links.first())
    early = hit.at + SETTLING - timedelta(seconds=1)
    settle([hit.delivery_id], now=early)
    assert (EventTail.objects.count(), rows()[0].clicked_at) == (0, None)
    for _time in range(2):
        settle([hit.delivery_id], now=hit.at + SETTLING)
    hit.refresh_from_db()
    assert (hit.told_as, bool(hit.settled_at)) == ("human", True)
    assert rows()[0].clicked_at == hit.at
    assert EventTail.objects.count() == 1
    assert _due(timezone.now()) == set()


def test_what_is_told_names_the_device_and_the_mail_program(a_mailing) -> None:
    broadcast = a_mailing(1)
    hit = a_hit(rows()[0], broadcast, 100, link=broadcast.links.first(), device="phone", program="Apple Mail")
    settle([hit.delivery_id], now=timezone.now())
    event = event_of(json.loads(EventTail.objects.get().row))
    assert (event.device, json.loads(event.props)["program"]) == ("phone", "Apple Mail")


def test_killed_before_it_was_marked_it_is_told_again_and_stored_once(a_mailing) -> None:
    broadcast = a_mailing(1)
    hit = a_hit(rows()[0], broadcast, 100, link=broadcast.links.first())
    settle([hit.delivery_id], now=timezone.now())
    MailHit.objects.update(settled_at=None, told_as="")
    settle([hit.delivery_id], now=timezone.now())
    assert EventTail.objects.count() == 1


def test_a_machine_found_out_later_takes_the_click_back_but_not_what_was_told(a_mailing) -> None:
    broadcast = a_mailing(1)
    hit = a_hit(rows()[0], broadcast, 100, link=broadcast.links.first())
    settle([hit.delivery_id], now=hit.at + SETTLING)
    assert rows()[0].clicked_at
    a_hit(rows()[0], broadcast, 300, kind="trap")
    settle([hit.delivery_id], now=NOW + timedelta(seconds=400))
    hit.refresh_from_db()
    assert (hit.label, hit.reason, hit.told_as) == ("machine", "same_source", "human")
    assert rows()[0].clicked_at is None
    assert EventTail.objects.count() == 1  # the trap is nothing a contact did


def test_the_first_click_of_a_person_stands_after_those_of_machines(a_mailing) -> None:
    broadcast = a_mailing(1)
    a_hit(rows()[0], broadcast, 1, agent="x", source="t")
    person = a_hit(rows()[0], broadcast, 2000)
    a_hit(rows()[0], broadcast, 3000)
    settle([person.delivery_id], now=timezone.now())
    assert rows()[0].clicked_at == person.at


def test_the_job_settles_all_that_is_due_in_batches(a_mailing, monkeypatch) -> None:
    broadcast = a_mailing(5)
    for row in rows():
        a_hit(row, broadcast, 100, link=broadcast.links.first())
    monkeypatch.setattr("baton.marketing.reading.actions.BATCH", 2)
    monkeypatch.setattr("baton.marketing.reading.actions.jobs.heartbeat", lambda job: None)
    settle_hits(None)
    assert MailHit.objects.filter(settled_at=None).count() == 0
    assert Delivery.objects.filter(clicked_at=None).count() == 0


def test_a_batch_costs_few_queries_whatever_its_size(a_mailing, django_assert_max_num_queries) -> None:
    broadcast = a_mailing(30)
    for row in rows():
        a_hit(row, broadcast, 100, link=broadcast.links.first())
    MailHit.objects.update(label="unknown")
    with django_assert_max_num_queries(16):
        settle([row.pk for row in rows()], now=timezone.now())


def test_a_segment_of_those_who_clicked_one_link_follows(a_mailing) -> None:
    broadcast = a_mailing(3)
    first, second, _third = rows()
    link, other = broadcast.links.all()[:2]
    rule = {"all": [{"message": "clicked", "email": broadcast.pk, "link": link.pk}]}
    segment = save_segment(None, name="Guide", rule=rule, actor=None, now=timezone.now())
    follow(now=timezone.now())
    a_hit(first, broadcast, 100, link=link)
    a_hit(second, broadcast, 100, link=other)
    settle([first.pk, second.pk], now=timezone.now())
    follow(now=timezone.now())
    assert list(members_of(segment)) == [first.contact_id]
    a_hit(second, broadcast, 5000, link=link)
    settle([second.pk], now=timezone.now())
    follow(now=timezone.now())
    assert list(members_of(segment)) == sorted([first.contact_id, second.contact_id])
    a_hit(first, broadcast, 101, kind="trap")
    settle([first.pk], now=timezone.now())
    follow(now=timezone.now())
    assert list(members_of(segment)) == [second.contact_id]
    assert sentence(rule, names()) == "clicked https://www.acme.example/0 in the email News"


def test_a_link_of_a_rule_goes_with_clicked_alone() -> None:
    from baton.marketing.segments.rules import BadRule, check

    for leaf in ({"message": "opened", "link": 1}, {"message": "clicked", "link": 1, "at_least": 2}):
        with pytest.raises(BadRule):
            check({"all": [leaf]}, custom={})
