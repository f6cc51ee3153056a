"""What deals show on the pages of contacts and companies."""

from datetime import timedelta

import pytest
from django.utils import timezone

from baton.sales.deals.actions import add_contact
from baton.sales.tasks.actions import add_task
from tests.cast import NOW, a_company, a_contact, a_deal, a_user

pytestmark = pytest.mark.django_db


def test_a_contacts_page_shows_own_deals_the_next_step_and_the_composer(client):
    rep = a_user()
    client.force_login(rep)
    contact = a_contact(owner=rep)
    for deal in (a_deal(name="Mine", owner=rep), a_deal(name="Foreign", owner=a_user())):
        add_contact(deal, contact, actor=rep, now=NOW)
    add_task("Call about terms", actor=rep, now=NOW, due_at=timezone.now() - timedelta(days=2), contact=contact)
    page = client.get(contact.get_absolute_url()).content.decode()
    assert "Mine" in page
    assert "Foreign" not in page
    assert "Call about terms" in page
    assert "step-strip is-late" in page
    assert f'name="contact" value="{contact.pk}"' in page


def test_logging_from_a_contacts_page_comes_back_to_it(client):
    rep = a_user()
    client.force_login(rep)
    contact = a_contact(owner=rep)
    body = {"contact": contact.pk, "kind": "note", "body": "Met at the fair", "next": contact.get_absolute_url()}
    assert client.post("/activities/log/", body).url == contact.get_absolute_url()
    assert "Met at the fair" in client.get(contact.get_absolute_url()).content.decode()


def test_a_companys_page_shows_its_deals(client):
    rep = a_user()
    client.force_login(rep)
    company = a_company(owner=rep)
    a_deal(name="Theirs", owner=rep, company=company)
    page = client.get(company.get_absolute_url()).content.decode()
    assert "Theirs" in page
    assert f"/deals/new/?company={company.pk}" in page


def test_who_may_not_change_sales_gets_no_composer(client):
    client.force_login(a_user("marketer"))
    assert "data-composer" not in client.get(a_contact().get_absolute_url()).content.decode()
