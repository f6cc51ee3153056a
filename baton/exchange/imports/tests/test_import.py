"""Files in, records out: previewed, refused with reasons, repeated without doubling, undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from baton.exchange.imports import actions, mapping
from baton.exchange.imports.errors import AlreadyUnderWay, BadFile, BadMapping, DatesUnclear
from baton.exchange.imports.models import ExternalId, ImportChange, ImportRun
from baton.people.companies.models import Company
from baton.people.contacts.actions import change_contact
from baton.people.contacts.models import Contact
from baton.platform import jobs
from baton.platform.errors import Refusal
from baton.platform.files import store_file
from baton.platform.search import find
from tests.cast import a_contact, a_user

pytestmark = pytest.mark.django_db

PEOPLE = (
    "id,First name,Last name,E-mail,Company,Phone,Country\n"
    "1,Ada,Lovelace,ADA@Engine.example,Engine Ltd,030 1234567,DE\n"
    "2,Jörg,Müller,jm@werk.example,Werk AG,,\n"
)


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, settings) -> None:
    settings.BATON_HOME = tmp_path


def drafted(content: bytes | str, noun: str = "contacts", **options: str) -> tuple[ImportRun, mapping.Mapping]:
    raw = content.encode() if isinstance(content, str) else content
    run = actions.begin(noun, store_file([raw], name="file.csv", content_type="text/csv", actor=None), actor=None)
    return run, actions.settle_mapping(run, mapping.from_json(run.mapping), **options)


def imported(content: bytes | str, noun: str = "contacts", **options: str) -> ImportRun:
    return actions.carry_out(drafted(content, noun, **options)[0])


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.skipped, run.refused


def test_columns_are_recognised_by_name_and_people_are_cleaned_and_found() -> None:
    assert counts(imported(PEOPLE)) == (2, 0, 0, 0)
    ada = Contact.objects.get(email="ada@engine.example")
    assert (ada.phone, ada.company.name) == ("+49301234567", "Engine Ltd")
    assert [row.title for row in find(a_user("operations"), "muller")] == ["Jörg Müller"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    imported(PEOPLE.replace(",", delimiter).encode(encoding))
    assert Contact.objects.filter(last_name="Müller").exists()


def test_the_same_file_again_doubles_nothing() -> None:
    imported(PEOPLE)
    assert counts(imported(PEOPLE)) == (0, 0, 2, 0)
    assert Contact.objects.count() == Company.objects.count() == 2


def test_a_known_persons_fields_are_updated_and_never_emptied() -> None:
    a_contact(email="ada@engine.example", first_name="Ada", last_name="King", job_title="Countess")
    assert counts(imported(PEOPLE)) == (1, 1, 0, 0)
    ada = Contact.objects.get(email="ada@engine.example")
    assert (ada.last_name, ada.job_title) == ("Lovelace", "Countess")


def test_bad_rows_come_back_with_their_reasons_and_good_ones_are_imported() -> None:
    run = imported("email,last_name\nada@engine.example,Lovelace\nnot an address,Eve\n,\n,Nobody\n")
    assert counts(run) == (2, 0, 0, 1)
    refused = run.refusals.get()
    assert (refused.number, refused.cells["last_name"]) == (3, "Eve")
    assert "not an address" in refused.reason


def test_a_preview_changes_nothing() -> None:
    run, settled = drafted(PEOPLE + "3,,,broken,,,\n")
    found, outcomes = actions.preview(run, settled)
    assert found == {"created": 2, "refused": 1}
    assert outcomes[2][0].reason
    assert not Contact.objects.exists()
    assert not Company.objects.exists()


def test_dates_that_do_not_tell_are_asked_for() -> None:
    file = "email,created_at\na@b.example,03-04-2026\n"
    with pytest.raises(DatesUnclear, match="day-first"):
        drafted(file)
    imported(file, dates="day-first")
    assert Contact.objects.get().created_at.month == 4


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"a,a\n1,2\n", b"PK\x03\x04\x00\x00sheet", b"a\x00b,c\n", ",,\n1,2,3\n"]
)
def test_what_is_no_table_is_refused_with_a_way_out(content: bytes | str) -> None:
    with pytest.raises(BadFile):
        drafted(content)
    assert not ImportRun.objects.exists()


def test_a_file_that_breaks_off_in_a_quote_says_where_and_imports_nothing() -> None:
    good = "".join(f"{n}@b.example,Name {n}\n" for n in range(actions.SAMPLE_ROWS))
    run, _settled = drafted("email,last_name\n" + good + 'x@b.example,"open\n')
    with pytest.raises(BadFile, match="Row"):
        actions.carry_out(run)
    assert not Contact.objects.exists()


def test_a_mapping_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    run, _settled = drafted(PEOPLE)
    path = tmp_path / "m.toml"
    path.write_text('[columns]\nShoe = "email"\n')
    with pytest.raises(BadMapping, match="Shoe"):
        actions.settle_mapping(run, mapping.from_toml(path, "contacts"))
    path.write_text('[columns]\nid = "shoe_size"\n')
    with pytest.raises(BadMapping, match="shoe_size"):
        mapping.from_toml(path, "contacts")


def test_a_run_that_was_stopped_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH_ROWS", 10)
    rows = "".join(f"{n}@b.example,Name {n}\n" for n in range(35))
    run, _settled = drafted("email,last_name\n" + rows)

    def stop(current: ImportRun) -> None:
        if current.rows_done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.carry_out(run, say=stop)
    again = actions.carry_out(ImportRun.objects.get(pk=run.pk))
    assert (again.created, again.rows_done, Contact.objects.count()) == (35, 35, 35)


def test_undo_takes_back_what_was_made_and_changed_but_keeps_what_was_touched_since() -> None:
    actor = a_user("operations")
    known = a_contact(email="ada@engine.example", first_name="Ada", last_name="King")
    run = imported(PEOPLE)
    made = Contact.objects.get(email="jm@werk.example")
    change_contact(made, {"job_title": "Smith"}, actor=actor, now=timezone.now())
    undone, kept = actions.undo(run, actor=actor, now=timezone.now())
    known.refresh_from_db()
    assert (undone, kept, known.last_name) == (2, ["Jörg Müller", "Werk AG"], "King")
    assert not Company.objects.live().filter(name="Engine Ltd").exists()
    assert not find(actor, "engine ltd")
    with pytest.raises(Refusal):
        actions.undo(run, actor=actor, now=timezone.now())


def test_after_undo_the_file_may_be_imported_again() -> None:
    run = imported("id,email\n7,ada@engine.example\n")
    actions.undo(run, actor=a_user("operations"), now=timezone.now())
    assert not ExternalId.objects.exists()
    assert counts(imported("id,email\n7,ada@engine.example\n")) == (1, 0, 0, 0)


def test_deals_name_what_they_need() -> None:
    run = imported("id,name,company,state\n1,Big,Nowhere Inc,open\n2,Odd,,perhaps\n3,Closed,,won\n", "deals")
    reasons = [refused.reason for refused in run.refusals.order_by("number")]
    assert reasons == ["there is no company Nowhere Inc", "perhaps is no state; states are open, won, lost",
                       "a deal that is won or lost needs the day it was"]  # fmt: skip
    assert not ImportChange.objects.exists()


def test_in_the_browser_from_upload_to_result(client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(a_user("operations"))
    answer = client.post("/imports/new/", {"noun": "contacts", "file": SimpleUploadedFile("p.csv", PEOPLE.encode())})
    run = ImportRun.objects.get()
    assert client.get(answer.url).status_code == 200
    assert not Contact.objects.exists()
    fields = {
        f"to_{place}": to for place, to in enumerate(["external_id", "first_name", "last_name", "email", "company"])
    }
    client.post(f"/imports/{run.pk}/start/", {**fields, "source": "sheet"})
    client.post(f"/imports/{run.pk}/start/", {**fields, "source": "sheet"})
    jobs.run_due()
    run.refresh_from_db()
    assert (run.state, run.created) == ("done", 2)
    assert client.get(f"/imports/{run.pk}/").status_code == 200


def test_a_row_without_address_or_id_is_known_again_by_its_content() -> None:
    imported("first_name,last_name\nAda,Lovelace\n")
    assert counts(imported("first_name,last_name\nAda,Lovelace\nEve,Moneypenny\n")) == (1, 0, 1, 0)


def test_an_address_is_not_taken_from_another_contact() -> None:
    imported("id,email\n1,a@b.example\n2,c@d.example\n")
    run = imported("id,email\n1,c@d.example\n")
    assert counts(run) == (0, 0, 0, 1)
    assert "another contact" in run.refusals.get().reason


def test_a_row_the_database_cannot_hold_is_refused_and_the_rest_is_imported() -> None:
    run = imported("name,employees\nGood,5\nHuge,99999999999999\nAlso good,7\n", "companies")
    assert (Company.objects.filter(name__contains="ood").count(), run.rows_done) == (2, 3)


def test_parents_are_tied_after_a_stop_too_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH_ROWS", 1)
    run, _settled = drafted("name,parent\nDaughter,Mother\nMother,\n", "companies")

    def stop(_run: ImportRun) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.carry_out(run, say=stop)
    actions.carry_out(ImportRun.objects.get(pk=run.pk))
    assert Company.objects.get(name="Daughter").parent.name == "Mother"


def test_two_processes_at_one_import_do_no_row_twice() -> None:
    run, _settled = drafted(PEOPLE)
    other = ImportRun.objects.get(pk=run.pk)
    actions.carry_out(run)
    with pytest.raises(AlreadyUnderWay):
        actions.carry_out(other)
    assert Contact.objects.count() == 2


def test_windows_letters_after_much_plain_text_are_read_as_such() -> None:
    plain = "".join(f"{n}@b.example,Plain name number {n}\n" for n in range(10_000))
    imported((f"email,last_name\n{plain}" + "x@b.example,Größe\n").encode("cp1252"))
    assert Contact.objects.filter(last_name="Größe").exists()


def test_a_rep_may_not_import(client: Client) -> None:
    client.force_login(a_user("rep"))
    assert client.get("/imports/").status_code == 403
