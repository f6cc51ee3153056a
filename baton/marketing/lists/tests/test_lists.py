"""Contact lists: pasted addresses with an account of each, chosen contacts, undo, where a list is used."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.lists.actions import ListInUse, bin_list, make_list, put_on, take_off, undo
from baton.marketing.lists.rules import read_addresses
from baton.marketing.segments.actions import refresh, save_segment
from baton.marketing.segments.models import ContactList, Segment, TouchedContact
from baton.people.contacts.models import Contact
from baton.platform import jobs
from baton.platform.accounts.models import User
from baton.platform.journal.models import JournalEntry
from baton.platform.notifications.models import Notification
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])


@pytest.fixture
def marketer() -> User:
    return a_user("marketer")


@pytest.fixture
def browser(client: Client, marketer: User) -> Client:
    client.force_login(marketer)
    return client


def a_list(marketer: User, *contacts: Contact) -> ContactList:
    made = make_list("Evening", actor=marketer, now=timezone.now())
    put_on(made, [one.pk for one in contacts], actor=marketer, now=timezone.now())
    return made


def on(of: ContactList) -> set[int]:
    return set(of.members.values_list("contact_id", flat=True))


@pytest.mark.parametrize(
    ("text", "emails", "others"),
    [
        (
            "Ada@Engine.example\nbob@engine.example, ada@engine.example",
            ["ada@engine.example", "bob@engine.example"],
            [],
        ),
        ('"Lovelace; Ada" <ada@engine.example>', ["ada@engine.example"], ['"Lovelace']),
        ("Ada Lovelace ada@engine.example", ["ada@engine.example"], []),
        ("ada@engine.example bob@engine.example", ["ada@engine.example", "bob@engine.example"], []),
        ("nobody, @, ada@", [], ["nobody", "@", "ada@"]),
        ("\n , ;\t", [], []),
    ],
)
def test_addresses_are_read_however_they_are_pasted(text: str, emails: list[str], others: list[str]) -> None:
    pasted = read_addresses(text)
    assert (pasted.emails, pasted.others) == (emails, others)


def test_pasted_addresses_are_accounted_for_one_by_one(browser: Client, marketer: User) -> None:
    ada, bob = a_contact(email="ada@engine.example"), a_contact(email="bob@engine.example")
    made = a_list(marketer, bob)
    pasted = "Ada@engine.example, bob@engine.example; stranger@engine.example\nno address"
    answer = browser.post(f"/lists/{made.pk}/paste/", {"addresses": pasted}, follow=True)
    page = answer.content.decode()
    assert on(made) == {ada.pk, bob.pk}
    assert "stranger@engine.example" in page
    assert "no address" in page
    assert "1 contact put on Evening. On it already: 1." in page
    assert set(TouchedContact.objects.filter(aspect="list").values_list("contact_id", flat=True)) == on(made)
    assert not Contact.objects.filter(email="stranger@engine.example").exists()


def test_nothing_pasted_is_refused_and_changes_nothing(browser: Client, marketer: User) -> None:
    made = a_list(marketer)
    assert "Paste 1 to" in browser.post(f"/lists/{made.pk}/paste/", {"addresses": " "}, follow=True).content.decode()
    assert on(made) == set()


def test_chosen_contacts_are_put_on_a_new_list_and_taken_back(browser: Client) -> None:
    chosen, left = a_contact(), a_contact()
    answer = browser.post("/lists/put-on/", {"ids": [chosen.pk], "new_list": "Evening", "back": ""}, follow=True)
    assert answer.redirect_chain[-1][0] == "/contacts/"
    made = ContactList.objects.get()
    assert on(made) == {chosen.pk}
    undo_at = answer.content.decode().split(f"/lists/{made.pk}/undo/")[1].split("/")[0]
    browser.post(f"/lists/{made.pk}/undo/{undo_at}/")
    assert on(made) == set()
    browser.post("/lists/put-on/", {"all": "1", "list": made.pk, "back": ""})
    assert on(made) == {chosen.pk, left.pk}


@pytest.mark.parametrize("sent", [{"new_list": "Evening"}, {"ids": [1]}, {"ids": [1], "new_list": " "}])
def test_without_contacts_or_a_list_nothing_is_made(browser: Client, sent: dict[str, object]) -> None:
    browser.post("/lists/put-on/", {"back": "", **sent})
    assert not ContactList.objects.exists()


def test_undo_puts_back_who_was_taken_off_since_when_they_were_on(marketer: User) -> None:
    ada, bob = a_contact(), a_contact()
    made = a_list(marketer, ada, bob)
    before = dict(made.members.values_list("contact", "added_at"))
    line = take_off(made, [ada.pk], actor=marketer)
    assert on(made) == {bob.pk}
    undo(made, line, actor=marketer)
    assert dict(made.members.values_list("contact", "added_at")) == before


def test_undo_is_of_that_list_alone(browser: Client, marketer: User) -> None:
    made, other = a_list(marketer, a_contact()), a_list(marketer)
    line = take_off(made, on(made), actor=marketer)
    assert browser.post(f"/lists/{other.pk}/undo/{line.pk}/").status_code == 404
    assert on(made) == on(other) == set()


def test_a_list_in_use_cannot_be_put_away_and_another_comes_back_whole(browser: Client, marketer: User) -> None:
    made = a_list(marketer, a_contact())
    segment = save_segment(None, name="Guests", rule={"all": [{"list": made.pk}]}, actor=marketer, now=timezone.now())
    with pytest.raises(ListInUse, match="Guests"):
        bin_list(made, actor=marketer, now=timezone.now())
    assert "Guests" in browser.get(made.get_absolute_url()).content.decode()
    assert "1 segment" in browser.get("/lists/").content.decode()
    Segment.objects.filter(pk=segment.pk).update(deleted_at=timezone.now())
    browser.post(f"/lists/{made.pk}/bin/")
    assert browser.get(made.get_absolute_url()).status_code == 404
    browser.post(f"/lists/{made.pk}/restore/")
    assert "Evening" in browser.get("/lists/").content.decode()
    assert len(on(made)) == 1


def test_the_segment_of_a_list_is_made_once_and_holds_who_is_on_it(browser: Client, marketer: User) -> None:
    made = a_list(marketer, a_contact())
    for _twice in range(2):
        browser.post(f"/lists/{made.pk}/segment/")
    segment = Segment.objects.get()
    jobs.run_due()
    assert set(segment.members.values_list("contact_id", flat=True)) == on(made)


def a_segment(marketer: User, count: int) -> Segment:
    """A segment with so many members whom a marketer sees."""
    made = save_segment(None, name="Everyone", rule={"all": []}, actor=marketer, now=timezone.now())
    contacts = [a_contact(email=f"one{n}@engine.example") for n in range(count)]
    refresh(made, now=timezone.now())
    assert made.members_count == len(contacts)
    return made


def test_who_is_in_a_segment_is_put_on_a_list_and_taken_back(browser: Client, marketer: User) -> None:
    segment = a_segment(marketer, 3)
    browser.post(f"/segments/{segment.pk}/list/", {"list": "", "new_list": "Of today"})
    made = ContactList.objects.get(name="Of today")
    assert len(on(made)) == 3
    browser.post(f"/segments/{segment.pk}/list/", {"list": made.pk})
    line = JournalEntry.objects.filter(verb="contact_list.put_on").earliest("pk")
    browser.post(f"/lists/{made.pk}/undo/{line.pk}/")
    assert not on(made)


def test_many_are_put_on_by_a_worker_who_tells_when_it_is_done(browser: Client, marketer: User, monkeypatch) -> None:
    monkeypatch.setattr("baton.marketing.lists.actions.BATCH", 2)
    segment = a_segment(marketer, 5)
    answer = browser.post(f"/segments/{segment.pk}/list/", {"new_list": "Many"}, follow=True)
    made = ContactList.objects.get(name="Many")
    assert "you are told when all are there" in answer.content.decode()
    assert not on(made)
    assert "Contacts are being put on: 0 so far." in browser.get(f"/lists/{made.pk}/").content.decode()
    jobs.run_due()
    assert len(on(made)) == 5
    after = browser.get(f"/lists/{made.pk}/", headers={"HX-Request": "true", "HX-Target": "list-page"})
    assert "being put on" not in after.content.decode()
    assert after.headers["HX-Refresh"] == "true"
    assert Notification.objects.get(kind="list.changed").text == "5 contacts of Everyone are on Many."
    browser.post(f"/segments/{segment.pk}/list/", {"list": made.pk})
    jobs.run_due()
    assert len(on(made)) == 5


def test_a_segment_is_put_on_no_list_without_a_name(browser: Client, marketer: User) -> None:
    segment = a_segment(marketer, 1)
    assert browser.post(f"/segments/{segment.pk}/list/", {"new_list": " "}).url == segment.get_absolute_url()
    assert not ContactList.objects.exists()


def test_the_file_holds_whom_one_may_see(browser: Client, marketer: User) -> None:
    made = a_list(marketer, a_contact(email="ada@engine.example"))
    User.objects.filter(pk=marketer.pk).update(role="marketing_manager")
    content = b"".join(browser.get(f"/lists/{made.pk}/list.csv").streaming_content).decode()
    assert "ada@engine.example" in content


def test_a_rename_needs_a_name(browser: Client, marketer: User) -> None:
    made = a_list(marketer)
    browser.post(f"/lists/{made.pk}/rename/", {"name": " "})
    browser.post(f"/lists/{made.pk}/rename/", {"name": "Morning"})
    made.refresh_from_db()
    assert made.name == "Morning"
    assert "Nobody is on this list" in browser.get(made.get_absolute_url()).content.decode()
