"""The report: each number is right, opens its people, and costs few queries; the map; the segment made of a list."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from baton.marketing.deliverability.actions import count_message
from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.email.mailing import Mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.email_report import actions as report_actions
from baton.marketing.email_report import reads
from baton.marketing.email_report.people import WHATS, Chosen, behind
from baton.marketing.journeys.models import Journey
from baton.marketing.reading.models import MailHit
from baton.marketing.segments.models import ContactList, ListMember, Segment, SegmentMember
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from tests.cast import NOW, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_every_number_is_right_and_is_as_long_as_its_list(marketer: Client, told: Broadcast) -> None:
    ledger = reads.ledger(told)
    assert (ledger.delivered, ledger.tried, ledger.total) == (7, 8, 10)
    assert (ledger.clicked, ledger.opened, ledger.unsubscribed, ledger.complained) == (2, 1, 1, 1)
    assert ledger.share("clicked") == 2 / 7
    assert ledger.share("delivered") == 7 / 8
    for what, number in [
        ("delivered", 7), ("sent", 7),
        ("clicked", 2), ("silent", 5), ("opened", 1), ("unsubscribed", 1), ("complained", 1),
        ("refused", 1), ("skipped", 1), ("unknown", 1), ("machine", 1), ("unclear", 0), ("read", 3), ("deferred", 0),
        ("waiting", 0), ("everyone", 10), ("done", 10), ("others", 1), ("tried", 9), ("converted", 0), ("reached", 0),
    ]:  # fmt: skip
        assert behind(told, Chosen(what)).count() == number, what
        page = marketer.get(f"/emails/{told.pk}/people/?what={what}")
        assert page.content.decode().count("<tr data-href") == number, what


def test_numbers_narrowed_are_as_long_as_their_lists(told: Broadcast) -> None:
    for link in reads.links(told, 2):
        assert behind(told, Chosen("clicked", link=link.pk)).count() == link.people
    assert [(row.number, row.people, row.share, row.machine) for row in reads.links(told, 2)] == [
        (1, 2, 1.0, 1), (2, 1, 0.5, 1), (3, 0, 0.0, 1),
    ]  # fmt: skip
    for row in reads.hits(told).reasons:
        what = "machine" if row.label == "machine" else "unclear"
        assert behind(told, Chosen(what, reason=row.reason)).count() == row.people
    for row in reads.programs(told):
        assert behind(told, Chosen("read", program=row.program, device=row.device)).count() == row.people
    assert [(row.program, row.device, row.people) for row in reads.programs(told)] == [
        ("Firefox", "desktop", 2), ("Apple Mail", "phone", 1),
    ]  # fmt: skip
    for row in reads.hours(told, timezone.now()):
        for what, number in (("clicked", row.clicked), ("opened", row.opened)):
            assert behind(told, Chosen(what, hour=row.hour)).count() == number
    (row,), _counted_at = reads.providers(told)
    assert (row.key, row.sent, row.refused, row.complained, row.clicked, row.unsubscribed) == ("others", 7, 1, 1, 2, 1)
    assert behind(told, Chosen("sent", provider="others")).count() == row.sent
    ProviderCount.objects.all().delete()
    assert reads.providers(told) == ([row], None)
    assert behind(told, Chosen("clicked", provider="others")).count() == 2
    assert behind(told, Chosen("clicked", provider="gmail")).count() == 0
    assert behind(told, Chosen("skipped", reason="cap")).count() == 1


def test_hours_go_by_the_readers_clock_and_hold_every_hit_of_two_days(told: Broadcast) -> None:
    hours = reads.hours(told, timezone.now())
    assert len(hours) == 48
    assert sum(row.clicked for row in hours) == 3
    assert sum(row.machine for row in hours) == 4
    assert [row.hour for row in hours] == [hours[0].hour + timedelta(hours=step) for step in range(48)]
    assert reads.hours(Broadcast(), timezone.now()) == []


def test_of_a_journeys_email_the_last_two_days_are_shown(told: Broadcast) -> None:
    told.journey = Journey.objects.create(name="Welcome", segment=Segment.objects.create(name="All", rule={"all": []}))
    assert reads.hours(told, NOW + timedelta(days=90)) == []
    MailHit.objects.filter(kind="click").update(at=NOW + timedelta(days=89))
    rows = reads.hours(told, NOW + timedelta(days=90))
    assert len(rows) == reads.SHOWN_HOURS
    assert sum(row.clicked for row in rows) == 2


def test_who_had_it_twice_is_put_on_a_list_once(told: Broadcast) -> None:
    copy = Delivery.objects.get(state="skipped")
    copy.pk, copy.occasion = None, 1
    copy.save()
    user, chosen = a_user("marketer"), Chosen("skipped")
    assert behind(told, chosen).count() == 2
    report_actions.make_segment(told, chosen, actor=user, now=timezone.now())
    assert ListMember.objects.count() == 1


def test_the_page_says_it_all_in_few_queries(marketer: Client, told: Broadcast, django_assert_max_num_queries) -> None:
    marketer.get(f"/emails/{told.pk}/")
    with django_assert_max_num_queries(25):
        page = marketer.get(f"/emails/{told.pk}/").content.decode()
    for words in ("87.5%", "28.6%", "Apple Mail", "Followed the hidden link", "www.acme.example/0", "has had enough",
                  "the address does not exist", "3 looks by machines", "Gross margin"):  # fmt: skip
        assert words in words_of(page), words
    assert "data-chart=" in page
    with django_assert_max_num_queries(15):
        marketer.get(f"/emails/{told.pk}/", headers={"HX-Request": "true"})
    with django_assert_max_num_queries(15):
        marketer.get(f"/emails/{told.pk}/people/?what=clicked&provider=others")


def test_an_email_that_has_just_begun_has_a_page_too(marketer: Client, a_mailing) -> None:
    for state in ("sending", "paused", "cancelled"):
        broadcast = a_mailing(0, links=0)
        Broadcast.objects.filter(pk=broadcast.pk).update(state=state, started_at=None)
        Segment.objects.all().delete()
        page = marketer.get(f"/emails/{broadcast.pk}/")
        assert page.status_code == 200
        assert "It has no links" in page.content.decode()


def test_it_stands_beside_the_senders_earlier_emails(told: Broadcast) -> None:
    assert reads.usual(told) == reads.Usual()
    for days, clicked in ((30, 1), (60, 3), (90, 2)):
        earlier = _earlier(told, days, clicked)
        if days == 60:  # of one there is a count, the others are read from the ledger
            count_message(earlier.message, now=timezone.now())
    other = _earlier(told, 10, 9)
    Broadcast.objects.filter(pk=other.pk).update(sender_email="other@acme.example")
    usual = reads.usual(told)
    assert (usual.emails, usual.clicked, usual.unsubscribed) == (3, 0.2, 0.0)


def _earlier(told: Broadcast, days: int, clicked: int) -> Broadcast:
    at = NOW - timedelta(days=days)
    earlier = Broadcast.objects.create(name="Before", state="sent", sender_email=told.sender_email, started_at=at)
    people = list(Contact.objects.values_list("pk", flat=True)[:10])
    Delivery.objects.bulk_create(
        Delivery(message_kind="broadcast", message_id=earlier.pk, contact_id=pk, state="handed", handed_at=at,
                 clicked_at=at if place < clicked else None)
        for place, pk in enumerate(people)
    )  # fmt: skip
    return earlier


def test_a_share_on_the_mail_is_the_one_of_the_table(
    marketer: Client, told: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = Mailing(told).link_rows()[-1]
    row = reads.LinkRow(number=1, pk=link.pk, url=link.url, people=7, share=7 / 31, machine=0)
    monkeypatch.setattr(reads, "links", lambda *_: [row])
    pages = [marketer.get(f"/emails/{told.pk}/{place}").content.decode() for place in ("", "map/")]
    assert "23%" in pages[0]
    assert "1 · 23%" in pages[1]


def test_links_are_numbered_on_the_mail_and_lead_nowhere_else(marketer: Client, told: Broadcast) -> None:
    link = Mailing(told).link_rows()[-1]
    answer = marketer.get(f"/emails/{told.pk}/map/")
    page = answer.content.decode()
    assert f'href="/emails/{told.pk}/people/?what=clicked&amp;link={link.pk}" target="_top"' in page
    assert "2 · 0%" in page  # the second in the order in which the addresses stand
    assert set(re.findall(r'href="([^"]*)"', page[page.index("<body") :])) == {
        f"/emails/{told.pk}/people/?what=clicked&amp;link={link.pk}"
    }
    assert "sandbox allow-top-navigation-by-user-activation;" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_list_becomes_a_segment_once(marketer: Client, told: Broadcast) -> None:
    link = told.links.first()
    for body, rule in [
        ({"what": "clicked"}, {"message": "clicked", "email": told.pk}),
        ({"what": "clicked", "link": str(link.pk)}, {"message": "clicked", "email": told.pk, "link": link.pk}),
        ({"what": "silent"}, {"message": "sent", "without": "clicked", "email": told.pk}),
    ]:
        for _press in range(2):
            answer = marketer.post(f"/emails/{told.pk}/people/segment/", body)
        made = Segment.objects.get(rule={"all": [rule]})
        assert answer["Location"] == made.get_absolute_url()


def test_what_no_condition_says_becomes_a_segment_of_who_it_is_now(marketer: Client, told: Broadcast) -> None:
    hour = next(row.hour for row in reads.hours(told, timezone.now()) if row.clicked)
    for query in (
        {"what": "machine"}, {"what": "skipped", "reason": "cap"}, {"what": "clicked", "provider": "others"},
        {"what": "read", "program": "Firefox", "device": "desktop"}, {"what": "clicked", "hour": hour.isoformat()},
        {"what": "done"},
    ):  # fmt: skip
        page = marketer.get(f"/emails/{told.pk}/people/", query).content.decode()
        assert "stays as they are now" in page
        marketer.post(f"/emails/{told.pk}/people/segment/", query)
        made = Segment.objects.latest("pk")
        jobs.run_due()
        assert SegmentMember.objects.filter(segment=made, left_at=None).count() == page.count("<tr data-href") > 0, (
            query
        )


def test_more_people_than_a_list_holds_make_no_segment(marketer: Client, told: Broadcast, monkeypatch) -> None:
    before = Segment.objects.count()
    monkeypatch.setattr(report_actions, "MOST_LISTED", 1)
    answer = marketer.post(f"/emails/{told.pk}/people/segment/", {"what": "read"}, follow=True)
    assert "more than 1 people" in answer.content.decode()
    assert (Segment.objects.count(), ContactList.objects.count()) == (before, 0)


def test_nobody_puts_people_on_a_list_whom_they_may_not_see(client: Client, told: Broadcast) -> None:
    client.force_login(a_user("marketer"))
    Contact.objects.filter(email="p0@them.example").update(deleted_at=timezone.now())
    client.post(f"/emails/{told.pk}/people/segment/", {"what": "read"})
    assert ListMember.objects.count() == 2


def test_a_program_that_is_not_said_has_its_people_too(told: Broadcast) -> None:
    MailHit.objects.filter(program="Apple Mail").update(program="", device="")
    (row,) = [row for row in reads.programs(told) if not row.program]
    assert behind(told, Chosen("read", program="none")).count() == row.people == 1
    assert behind(told, Chosen("others", program="none")).count() == 1


def test_every_number_on_the_page_leads_to_its_people(marketer: Client, told: Broadcast) -> None:
    """Each link of the report leads to a list as long as the number it stands on; requests have fewer people."""
    page = marketer.get(f"/emails/{told.pk}/").content.decode()
    found = re.findall(rf'<td class="num([^"]*)"><a href="(/emails/{told.pk}/people/[^"]*)">([\d,]+)</a>', page)
    assert len(found) > 10
    for more, url, number in found:
        listed = marketer.get(unescape(url)).content.decode().count("<tr data-href")
        assert listed == int(number) or (("dim" in more) and 0 < listed <= int(number)), url
    (chart,) = re.findall(r'data-chart="([^"]*)"', page)
    drawn = json.loads(unescape(chart))
    clicked = drawn["series"][0]
    at = next(place for place, people in enumerate(clicked["values"]) if people)
    listed = marketer.get(clicked["behind"] + drawn["queries"][at]).content.decode()
    assert listed.count("<tr data-href") == clicked["values"][at]


def test_a_list_is_paged_and_comes_as_a_file(marketer: Client, a_mailing, monkeypatch) -> None:
    broadcast = a_mailing(120)
    seen, query = set(), "what=delivered"
    for _page in range(3):
        page = marketer.get(f"/emails/{broadcast.pk}/people/?{query}").content.decode()
        seen |= set(re.findall(r"p\d+@them.example", page))
        following = re.search(r'href="\?([^"]*)" rel="next"', page)
        query = following[1].replace("&amp;", "&") if following else ""
    assert (len(seen), query) == (120, "")
    answer = marketer.get(f"/emails/{broadcast.pk}/people.csv?what=delivered")
    assert len(b"".join(answer.streaming_content).splitlines()) == 121


def test_who_may_see_fewer_people_is_told_that_there_are_more(client: Client, told: Broadcast, monkeypatch) -> None:
    user = a_user("marketer")
    client.force_login(user)
    Contact.objects.filter(email="p0@them.example").update(deleted_at=timezone.now())
    page = client.get(f"/emails/{told.pk}/people/?what=clicked").content.decode()
    assert page.count("<tr data-href") == 1
    assert "1 more is not shown" in page


@pytest.mark.parametrize("query", ["what=x", "what=clicked&link=x", "hour=soon", "hour=2026-01-01T00:00:00",
                                   "what=read&program=x&device=y", "reason=%F0%9F%98%80", "after=x"])  # fmt: skip
def test_an_address_that_makes_no_sense_still_answers(marketer: Client, told: Broadcast, query: str) -> None:
    assert marketer.get(f"/emails/{told.pk}/people/?{query}").status_code == 200


def test_every_kind_of_number_has_a_title() -> None:
    assert all(str(what.title) for what in WHATS.values())


def test_the_count_by_link_reads_no_row_of_the_hits(told: Broadcast) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a small table from its beginning, whatever the index")
    rows = told.hits.filter(kind="click").order_by().values("link", "label")
    from django.db.models import Count

    plan = rows.annotate(n=Count("pk"), people=Count("delivery", distinct=True)).explain()
    assert "hits_of_broadcast" in plan
