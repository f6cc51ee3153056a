"""Limits hold with several workers and after a kill; a warm-up spreads by engagement; no lane waits for another."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baton.marketing.deliverability import listeners
from baton.marketing.email import actions as emails
from baton.marketing.email import audience, sending
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email, of_a_journey
from baton.marketing.pacing import actions, claims, reads
from baton.marketing.pacing.models import LaneHold, Throttle, WarmUp
from baton.marketing.trials.models import Trial
from baton.people.consent.models import Consent
from baton.people.contacts.models import Contact
from baton.people.deliveries import actions as ledger
from baton.people.deliveries.models import Delivery
from baton.people.deliveries.reads import counts
from baton.platform import jobs
from baton.platform.jobs.models import Job
from baton.platform.mail.tests.scripted import scripted
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def filled(broadcast: Broadcast) -> Broadcast:
    """On its way: everyone is on the ledger, nothing has gone out yet."""
    emails.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    sending.fill_email(None, email_id=broadcast.pk)
    broadcast.refresh_from_db()
    return broadcast


def run() -> None:
    Job.objects.filter(state="waiting").update(run_at=timezone.now())
    jobs.run_due(limit=30)


def at_gmail(broadcast: Broadcast, number: int) -> None:
    """The first so many of the audience are at Gmail, the later the more engaged."""
    for one in Contact.objects.order_by("pk")[:number]:
        Contact.objects.filter(pk=one.pk).update(email=f"p{one.pk}@gmail.com", engagement_score=one.pk)


def a_plan(**fields: Any) -> WarmUp:
    values = {"domain": "acme.example", "starts_on": timezone.localdate(), "growth_percent": 100, "gmail": 3,
              "outlook": 0, "yahoo": 0, "others": 0}  # fmt: skip
    return WarmUp.objects.create(**values | fields)


def a_day_later(broadcast: Broadcast) -> None:
    """As if all so far had happened a day before."""
    for name in ("handed_at", "handing_since", "next_at"):
        for row in broadcast.message.rows().exclude(**{name: None}):
            Delivery.objects.filter(pk=row.pk).update(**{name: getattr(row, name) - DAY})
    WarmUp.objects.update(starts_on=timezone.localdate() - DAY)


def lanes_gone(broadcast: Broadcast) -> Counter[str]:
    return claims.by_lane(broadcast.message.rows().filter(state="handed"))


def test_no_more_than_its_part_of_the_hour_goes_out(sent_to) -> None:
    broadcast = an_email(30)
    Throttle.objects.create(broadcast=broadcast, per_hour=120)
    filled(broadcast)
    run()
    assert len(sent_to()) == 10
    run()
    assert len(sent_to()) == 10
    broadcast.message.rows().filter(state="handed").update(handed_at=timezone.now() - timedelta(minutes=6))
    run()
    assert len(sent_to()) == 20
    broadcast.refresh_from_db()
    assert broadcast.state == "sending"


def test_a_live_email_of_months_keeps_to_its_pace_and_takes_room_of_its_domain(sent_to) -> None:
    live, user, old = of_a_journey(3), a_user("marketer"), timezone.now() - timedelta(days=90)
    emails.go_live(live, actor=user, now=old)
    actions.set_throttle(live, 12, actor=user)
    ledger.fill(live.message, Contact.objects.values_list("pk", flat=True))
    run()
    assert len(sent_to()) == 1
    assert claims.used_today("acme.example", timezone.now()).total() == 1
    other = an_email(0)
    assert sum(actions.taken_days(other, timezone.now())["others"].values()) == 3
    emails.retire(live, actor=user, now=old)
    assert actions.taken_days(other, timezone.now()) == {}


def test_in_any_hour_no_more_than_its_number(sent_to) -> None:
    broadcast = an_email(8)
    Throttle.objects.create(broadcast=broadcast, per_hour=3)
    filled(broadcast)
    for minutes in (50, 40, 30, 20, 10):
        run()
        broadcast.message.rows().filter(state="handed", handed_at__gt=timezone.now() - timedelta(minutes=5)).update(
            handed_at=timezone.now() - timedelta(minutes=minutes)
        )
    assert len(sent_to()) == 3


def test_two_workers_share_one_room_and_a_lost_one_keeps_its_part(sent_to) -> None:
    broadcast = an_email(30)
    Throttle.objects.create(broadcast=broadcast, per_hour=120)
    filled(broadcast)
    now = timezone.now()
    first, _over = claims.claim_paced(broadcast, "a-1-a", limit=6, now=now)
    second, _over = claims.claim_paced(broadcast, "b-1-b", limit=500, now=now)
    third, _over = claims.claim_paced(broadcast, "c-1-c", limit=500, now=now)
    assert (len(first), len(second), len(third)) == (6, 4, 0)
    ledger.begin_handing("a-1-a", skipped={}, now=now)
    Delivery.objects.filter(claim="a-1-a").update(leased_until=now - timedelta(seconds=1))
    ledger.recover(now)
    assert counts(broadcast.message)["unknown"] == 6
    assert claims.claim_paced(broadcast, "d-1-d", limit=500, now=now) == ([], False)


def test_a_warm_up_spreads_over_days_the_most_engaged_first(sent_to) -> None:
    broadcast = an_email(12)
    at_gmail(broadcast, 10)
    a_plan()
    filled(broadcast)
    run()
    assert lanes_gone(broadcast) == {"gmail": 3, "others": 2}
    gone = broadcast.message.rows().filter(state="handed", contact__email__endswith="@gmail.com")
    waiting = broadcast.message.rows().filter(state="waiting")
    assert min(gone.values_list("contact__engagement_score", flat=True)) > max(
        waiting.values_list("contact__engagement_score", flat=True)
    )
    zone = claims.local_day(timezone.now()).tzinfo
    days = Counter(at.astimezone(zone).date() - timezone.now().astimezone(zone).date() for at in
                   waiting.values_list("next_at", flat=True))  # fmt: skip
    assert days == {DAY: 6, 2 * DAY: 1}
    a_day_later(broadcast)
    ledger.wake(broadcast.message, timezone.now() + timedelta(minutes=1))
    run()
    assert lanes_gone(broadcast)["gmail"] == 9
    assert len({mail["Delivered-To"] for mail in sent_to()}) == len(sent_to())


def test_a_tested_variant_of_a_later_hour_keeps_its_hour(sent_to) -> None:
    broadcast = an_email(40)  # so many that no lot leaves one variant empty
    trial = Trial.objects.create(broadcast=broadcast, test_percent=100)
    trial.variants.create(letter="B", hours_later=3)
    a_plan(gmail=100)
    filled(broadcast)
    later = broadcast.message.rows().filter(variant="B")
    hours = set(later.values_list("next_at", flat=True))
    assert len(hours) == 1
    assert hours.pop() > timezone.now() + timedelta(hours=2)
    run()
    assert set(broadcast.message.rows().filter(state="handed").values_list("variant", flat=True)) == {"A"}


def test_what_comes_due_all_at_once_still_keeps_to_the_day(sent_to) -> None:
    """After a pause of days, or a machine that was off, everything is due together."""
    broadcast = an_email(10)
    at_gmail(broadcast, 10)
    a_plan()
    filled(broadcast)
    broadcast.message.rows().update(state="queued", next_at=None)
    run()
    run()
    assert lanes_gone(broadcast) == {"gmail": 3}
    left = broadcast.message.rows().filter(state="waiting")
    assert left.count() == 7
    assert left.values("next_at").distinct().count() == 2


def test_two_emails_of_one_domain_share_a_day(sent_to) -> None:
    first = an_email(4)
    at_gmail(first, 4)
    a_plan()
    filled(first)
    run()
    second = emails.copy_email(first, actor=a_user("marketer"), now=timezone.now())
    filled(second)
    run()
    assert lanes_gone(first)["gmail"] == 3
    assert lanes_gone(second)["gmail"] == 0
    assert second.message.rows().filter(state="waiting").count() == 4


def test_what_is_said_before_the_start_is_what_happens(sent_to) -> None:
    broadcast = an_email(12)
    at_gmail(broadcast, 10)
    a_plan()
    said = reads.pace_before(broadcast, 12)
    gmail, others = said["lanes"]
    assert [number for _day, number in gmail.days] == [3, 6, 1]
    assert [number for _day, number in others.days] == [2]
    filled(broadcast)
    assert reads.pace_under_way(broadcast)["lanes"] == said["lanes"]
    assert said["ends_on"] == gmail.days[-1][0]


def test_a_lane_that_puts_us_off_is_held_and_the_others_go_on(sent_to, settings) -> None:
    broadcast = an_email(20)
    at_gmail(broadcast, 10)
    filled(broadcast)
    with scripted(
        lambda line, seen: "451 4.7.0 slow down" if line.startswith("RCPT") and "gmail" in line else None
    ) as (server):
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}"
        run()
        assert lanes_gone(broadcast) == {"others": 10}
        hold = LaneHold.objects.get()
        assert (hold.lane, "slow down" in hold.because) == ("gmail", True)
        broadcast.message.rows().filter(state="deferred").update(next_at=timezone.now())
        run()
    held = broadcast.message.rows().filter(state="waiting")
    assert (held.count(), held.first().next_at, held.first().attempts) == (10, hold.until, 1)
    assert "451 4.7.0" not in " ".join(server.lines[-20:])
    settings.SMTP_URL = "catcher://"
    actions.let_go(hold, actor=a_user("marketing_manager"), now=timezone.now())
    run()
    assert lanes_gone(broadcast)["gmail"] == 10


def test_a_mail_server_that_puts_everyone_off_holds_no_lane(sent_to, settings) -> None:
    broadcast = an_email(20)
    at_gmail(broadcast, 10)
    filled(broadcast)
    with scripted(lambda line, seen: "451 4.3.2 busy" if line.startswith("RCPT") else None) as server:
        settings.SMTP_URL = f"smtp://127.0.0.1:{server.port}"
        run()
    assert counts(broadcast.message)["deferred"] == 20
    assert not LaneHold.objects.exists()


def test_complaints_hold_the_lane_while_a_domain_warms_up(sent_to) -> None:
    broadcast = an_email(4)
    filled(broadcast)
    a_plan()
    listeners._pause_all("gmail", "Too many complaints.", timezone.now())
    broadcast.refresh_from_db()
    assert (broadcast.state, LaneHold.objects.get().lane) == ("sending", "gmail")
    WarmUp.objects.all().delete()
    listeners._pause_all("gmail", "Too many complaints.", timezone.now())
    broadcast.refresh_from_db()
    assert broadcast.state == "paused"


def test_an_email_without_limits_is_claimed_as_ever(sent_to) -> None:
    broadcast = filled(an_email(3))
    assert claims.pace_of(broadcast, timezone.now()).is_free
    assert reads.pace_under_way(broadcast)["lanes"] == []


def test_who_may_not_be_mailed_takes_no_room_of_a_day(sent_to) -> None:
    broadcast = an_email(8)
    at_gmail(broadcast, 8)
    a_plan()
    best = Contact.objects.order_by("-engagement_score")[:3]
    Consent.objects.filter(contact__in=[one.pk for one in best]).update(state="withdrawn")
    filled(broadcast)
    run()
    assert lanes_gone(broadcast)["gmail"] == 3
    a_day_later(broadcast)
    ledger.wake(broadcast.message, timezone.now() + timedelta(minutes=1))
    run()
    found = counts(broadcast.message)
    assert (found["handed"], found["skipped"], found["waiting"]) == (5, 3, 0)


def test_pages_say_it_and_take_it(sent_to, client: Client) -> None:
    broadcast = an_email(12)
    at_gmail(broadcast, 10)
    client.force_login(a_user("marketing_manager"))
    values = {"domain": "https://Acme.example/", "starts_on": str(timezone.localdate()), "growth_percent": "100",
              "gmail": "3", "outlook": "0", "yahoo": "0", "others": "0", "full": "1000"}  # fmt: skip
    assert client.post("/deliverability/warm-up/new/", values).status_code == 302
    assert WarmUp.objects.get().domain == "acme.example"
    assert client.post("/deliverability/warm-up/new/", values | {"growth_percent": "900"}).status_code == 422
    assert "0 of 3 today" in client.get("/deliverability/warm-up/").content.decode()
    client.post(f"/emails/{broadcast.pk}/throttle/", {"per_hour": "6"})
    page = client.get(broadcast.get_absolute_url()).content.decode()
    assert "being warmed up" in page
    assert "At most 6 an hour" in page
    client.post(f"/emails/{broadcast.pk}/throttle/", {"per_hour": "x"})
    assert Throttle.objects.get().per_hour == 6
    filled(broadcast)
    assert "being warmed up" in client.get(broadcast.get_absolute_url()).content.decode()


def test_a_large_audience_is_reckoned_from_people_all_over_it(monkeypatch) -> None:
    broadcast = an_email(40)
    at_gmail(broadcast, 20)
    a_plan()
    with CaptureQueriesContext(connection) as of_all:
        exact = reads.pace_before(broadcast, 40)
    monkeypatch.setattr(audience, "COUNT_AT_MOST", 10)
    with CaptureQueriesContext(connection) as of_some:
        said = reads.pace_before(broadcast, 40)
    assert len(of_some) == len(of_all) < 25
    assert said["lanes"] == exact["lanes"]
    assert {lane.name: lane.number for lane in said["lanes"]} == {"Gmail": 20, "Others": 20}
    counted = audience.audience_counts(broadcast, timezone.now())
    assert (counted["all"], counted["mailable"], counted["is_about"]) == (40, 40, True)


def test_what_went_out_lately_is_counted_by_indexes_alone() -> None:
    """Each part has an index of its own, whatever the number of copies; SQLite needs no more than the index."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a small table from its beginning, whatever the index")
    with CaptureQueriesContext(connection) as asked:
        parts = [part.order_by().values("pk") for part, *_ in claims._went([an_email(1).pk], timezone.now())]
    in_hand = next(query["sql"] for query in asked if "claimed" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {in_hand}")
        assert "delivery_claimed" in str(cursor.fetchall())
    assert "COVERING INDEX delivery_handed" in parts[1].explain()
    assert all("delivery_failed" in part.explain() for part in parts[2:])
