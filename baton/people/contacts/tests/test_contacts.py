"""Contacts: found by address, cleaned, guarded against lost updates, changed together and back, seen by sight."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baton.people.contacts import actions
from baton.people.contacts.models import Contact
from baton.platform.bulk import insert_records
from baton.platform.fields.models import FieldDefinition
from baton.platform.record import ChangedMeanwhile
from tests.cast import NOW, a_company, a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def operations(client: Client) -> Client:
    client.force_login(a_user("operations"))
    return client


def test_a_new_contact_finds_its_company_by_domain_but_never_by_free_mail() -> None:
    acme, _free = a_company("Acme", domain="acme.example"), a_company("Mail", domain="gmail.com")
    assert actions.create_contact(actor=None, now=NOW, email="Ada@Acme.example").company == acme
    assert actions.create_contact(actor=None, now=NOW, email="ada@gmail.com").company is None


def test_a_phone_is_kept_in_e164_and_as_typed_where_it_cannot_be_read() -> None:
    made = actions.create_contact(actor=None, now=NOW, phone="030 1234567", country="DE")
    assert made.phone == "+49301234567"
    assert actions.create_contact(actor=None, now=NOW, phone="ask Ada").phone == "ask Ada"


def test_a_typed_address_fills_only_what_is_empty_of_a_known_person() -> None:
    known = a_contact(email="ada@engine.example", first_name="Ada", city="")
    found, is_new = actions.find_or_create_by_email("ADA@engine.example", now=NOW, first_name="Mallory", city="London")
    assert (found.pk, is_new, found.first_name, found.city) == (known.pk, False, "Ada", "London")


def test_a_change_over_a_newer_one_is_refused_and_changes_nothing() -> None:
    contact = a_contact(city="Ulm")
    stale = Contact.objects.get(pk=contact.pk)
    actions.change_contact(contact, {"city": "Bonn"}, actor=None, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        actions.change_contact(stale, {"city": "Jena"}, actor=None, now=NOW)
    assert Contact.objects.get(pk=contact.pk).city == "Bonn"


def test_an_address_of_someone_else_is_refused_and_changes_nothing() -> None:
    a_contact(email="ada@engine.example")
    other = a_contact(email="b@engine.example")
    with pytest.raises(actions.AddressTaken):
        actions.change_contact(other, {"email": "ADA@engine.example"}, actor=None, now=NOW)
    assert Contact.objects.get(pk=other.pk).email == "b@engine.example"


def test_a_contact_comes_back_from_the_bin(operations: Client) -> None:
    contact = a_contact(last_name="Lovelace")
    operations.post(f"/contacts/{contact.pk}/bin/")
    assert operations.get(f"/contacts/{contact.pk}/").status_code == 404
    operations.post(f"/contacts/{contact.pk}/restore/")
    assert operations.get(f"/contacts/{contact.pk}/").status_code == 200


def test_a_rep_sees_own_contacts_alone_in_list_page_and_export(client: Client) -> None:
    manager = a_user("sales_manager")
    mine, other = a_contact(last_name="Mine", owner=manager), a_contact(last_name="Other", owner=a_user())
    client.force_login(manager)
    page = client.get("/contacts/").content.decode()
    assert "Mine" in page
    assert "Other" not in page
    assert client.get(f"/contacts/{other.pk}/").status_code == 404
    assert client.post(f"/contacts/{other.pk}/change/", {"city": "Ulm"}).status_code == 404
    lines = b"".join(client.get("/contacts/contacts.csv").streaming_content).decode()
    assert mine.email in lines
    assert other.email not in lines


def test_an_export_runs_no_formula(operations: Client) -> None:
    a_contact(last_name="=HYPERLINK(1)")
    assert "'=HYPERLINK" in b"".join(operations.get("/contacts/contacts.csv").streaming_content).decode()


def test_the_list_pages_without_gap_within_its_queries(operations: Client) -> None:
    made = {a_contact(company=a_company()).pk for _number in range(60)}
    with CaptureQueriesContext(connection) as queries:
        first = operations.get("/contacts/").content.decode()
    assert len(queries) < 25
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    second = operations.get(f"/contacts/?after={after}").content.decode()
    shown = [pk for pk in made if f'/contacts/{pk}/"' in first], [pk for pk in made if f'/contacts/{pk}/"' in second]
    assert (len(shown[0]), len(shown[1]), set(shown[0]) | set(shown[1])) == (50, 10, made)


def test_a_field_edited_in_place_answers_with_the_facts_and_the_new_revision(operations: Client) -> None:
    contact = a_contact()
    sent = {"city": "Ulm", "revision": 1}
    answer = operations.post(f"/contacts/{contact.pk}/change/", sent, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#facts")
    assert 'name="revision" value="2"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    stale = operations.post(f"/contacts/{contact.pk}/change/", sent | {"city": "Jena"}, headers={"HX-Request": "true"})
    assert "Someone else changed this" in stale.content.decode()
    assert Contact.objects.get(pk=contact.pk).city == "Ulm"


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_custom_fields_are_shown_checked_and_kept(operations: Client, noun: str) -> None:
    seats = FieldDefinition.objects.create(on=noun, key="seats", label="Seats", kind="number")
    record = a_contact() if noun == "contact" else a_company()
    address = record.get_absolute_url()
    operations.post(f"{address}change/", {f"custom-{seats.pk}": "12"})
    operations.post(f"{address}change/", {f"custom-{seats.pk}": "many"})
    record.refresh_from_db()
    assert record.custom == {str(seats.pk): 12}
    assert "Seats" in operations.get(address).content.decode()


def test_the_people_of_a_company_are_one_click_away(operations: Client) -> None:
    acme = a_company("Acme")
    a_contact(last_name="Inside", company=acme), a_contact(last_name="Outside")
    assert f"/contacts/?company={acme.pk}" in operations.get(f"/companies/{acme.pk}/").content.decode()
    listed = operations.get(f"/contacts/?company={acme.pk}").content.decode()
    assert "Inside" in listed
    assert "Outside" not in listed


def test_the_profile_leads_to_the_tokens(operations: Client) -> None:
    assert "/settings/tokens/" in operations.get("/me/").content.decode()


@pytest.mark.parametrize("emails", [["ada@b.example"], ["ada@b.example", "bob@b.example"]])
def test_an_address_is_looked_up_by_its_index(emails: list[str]) -> None:
    insert_records([Contact(email=f"{n}@b.example") for n in range(2_000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_contact")  # a plan follows what the database knows of the table
    plan = Contact.objects.live().holding(email=emails).explain()
    assert "contact_email_once" in plan
