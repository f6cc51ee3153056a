"""Settings and operations: what an administrator can do, and what is refused."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from baton.platform.accounts.models import Team, User
from baton.platform.fields.models import FieldDefinition
from baton.platform.jobs.models import Job
from baton.platform.organisation import organisation
from tests.cast import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return a_user("administrator")


@pytest.fixture
def client(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def test_organisation_keeps_what_was_typed(client: Client) -> None:
    values = {
        "name": "Acme",
        "postal_address": "1 Main St",
        "zone": "Europe/Berlin",
        "currency": "eur",
        "fiscal_year_starts": "4",
    }
    assert client.post("/settings/", values).status_code == 302
    kept = organisation()
    assert (kept.name, kept.zone, kept.currency, kept.fiscal_year_starts) == ("Acme", "Europe/Berlin", "EUR", 4)


def test_unknown_currency_is_refused(client: Client) -> None:
    before = organisation().currency
    values = {"name": "Acme", "postal_address": "", "zone": "UTC", "currency": "QQQ", "fiscal_year_starts": "1"}
    assert client.post("/settings/", values).status_code == 200
    assert organisation().currency == before


def test_added_person_gets_a_mail_to_set_the_password(client: Client, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/settings/people/add/", {"name": "New", "email": "New@x.example", "role": "rep", "team": ""})
    added = User.objects.get(email="new@x.example")
    assert added.role == "rep"
    assert not added.has_usable_password()
    assert [one.to for one in mail.outbox] == [["new@x.example"]]


def test_last_administrator_stays(client: Client, administrator: User) -> None:
    values = {"name": administrator.name, "email": administrator.email, "role": "rep", "team": ""}
    client.post(f"/settings/people/{administrator.pk}/", values)
    client.post(f"/settings/people/{administrator.pk}/active/", {"is_active": "0"})
    administrator.refresh_from_db()
    assert administrator.role == "administrator"
    assert administrator.is_active


def test_operations_cannot_make_an_administrator() -> None:
    client = Client()
    client.force_login(a_user("operations"))
    client.post("/settings/people/add/", {"name": "New", "email": "new@x.example", "role": "administrator", "team": ""})
    assert not User.objects.filter(email="new@x.example").exists()


def test_closing_an_account_keeps_the_person(client: Client) -> None:
    rep = a_user("rep")
    client.post(f"/settings/people/{rep.pk}/active/", {"is_active": "0"})
    rep.refresh_from_db()
    assert not rep.is_active


def test_team_below_a_team_knows_its_path(client: Client) -> None:
    top = Team.create("North")
    client.post("/settings/teams/add/", {"name": "Oslo", "parent": top.pk, "manager": ""})
    assert Team.objects.get(name="Oslo").path.startswith(top.path)


def test_field_is_added_hidden_and_never_twice(client: Client) -> None:
    values = {"on": "company", "label": "Contract ends", "kind": "date", "options": ""}
    client.post("/settings/fields/", values)
    client.post("/settings/fields/", values)
    field = FieldDefinition.objects.get()
    assert field.key == "contract_ends"
    client.post(f"/settings/fields/{field.pk}/hidden/", {"is_hidden": "1"})
    field.refresh_from_db()
    assert field.is_hidden


def test_failed_job_runs_again_once(client: Client) -> None:
    job = Job.objects.create(kind="x.y", state=Job.State.FAILED, attempts=8, ended_at=timezone.now(), error="boom")
    assert "boom" in client.get("/operations/").content.decode()
    client.post(f"/operations/jobs/{job.pk}/again/")
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.WAITING, 0)
