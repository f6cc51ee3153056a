"""What came after the click in an email: what is counted, and who is behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from baton.marketing.email.models import Broadcast
from baton.marketing.email_report.people import Chosen, behind
from baton.marketing.email_report.tests.conftest import a_mailing, marketer, told
from baton.measure.loop.after_click import after_click
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.people.leads.models import Lead
from tests.cast import a_deal, a_user

__all__ = ["a_mailing", "marketer", "told"]
pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


def test_what_came_after_the_click_is_counted_and_nothing_before_it(marketer: Client, told: Broadcast) -> None:
    clicker, other = (Contact.objects.get(email=f"p{n}@them.example") for n in (0, 9))
    clicked_at = Delivery.objects.get(contact=clicker).clicked_at
    boss = a_user("rep")
    for contact, days in ((clicker, 1), (clicker, -1), (clicker, 91), (other, 1)):
        at = clicked_at + timedelta(days=days)
        Lead.objects.create(contact=contact, status="unqualified", origin="inbound", opened_at=at)
        deal = a_deal(owner=boss)
        type(deal).objects.filter(pk=deal.pk).update(opened_at=at, state="won", closed_at=at, amount_minor=100_00)
        deal.parts.create(contact=contact)
    told.campaign.currency = deal.currency
    told.campaign.save()
    found = after_click(told)
    assert (found.leads, found.deals, found.won, found.bookings_minor) == (1, 1, 1, 100_00)
    assert found.margin_minor is None
    for what in ("led", "dealt", "won"):
        assert [row.contact for row in behind(told, Chosen(what))] == [clicker]
        assert clicker.email in marketer.get(f"/emails/{told.pk}/people/?what={what}").content.decode()
    copy = Delivery.objects.get(contact=clicker)
    copy.pk, copy.occasion = None, 1  # had it twice, and clicked in both
    copy.save()
    again = after_click(told)
    assert (again.leads, again.deals, again.bookings_minor) == (1, 1, 100_00)
    told.campaign.currency = "JPY"
    assert after_click(told).deals == 0
