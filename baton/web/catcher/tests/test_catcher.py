"""The mail catcher: shows what was sent, without a sign-in, and is not there where mail leaves the house."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from baton.platform.mail.backend import Backend

pytestmark = pytest.mark.django_db


@pytest.fixture
def caught(tmp_path, settings) -> str:
    """The file's name of a notice sent through Django."""
    settings.BATON_HOME = tmp_path
    mail = EmailMultiAlternatives("Grüße", "plain words", "a@us.example", ["ada@them.example"])
    mail.attach_alternative(
        '<html><head></head><body><script>x</script><a href="/u/1">go</a></body></html>', "text/html"
    )
    Backend().send_messages([mail])
    (path,) = (tmp_path / "mailbox").glob("*.eml")
    return path.name


def test_a_notice_sent_through_django_is_shown(client: Client, caught: str) -> None:
    page = client.get("/catcher/").content.decode()
    assert "Grüße" in page
    assert "ada@them.example" in page
    assert "plain words" in client.get(f"/catcher/{caught}/").content.decode()
    assert "Grüße" not in client.get("/catcher/?to=bob@").content.decode()


def test_the_mails_html_stands_in_a_frame_without_rights(client: Client, caught: str) -> None:
    answer = client.get(f"/catcher/{caught}/html/")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    assert 'base target="_blank"' in answer.content.decode()


@pytest.mark.parametrize("name", ["x", "..%2f..%2fbaton.sqlite3", "0" * 20 + "-abcdef.eml"])
def test_other_files_are_not_found(client: Client, caught: str, name: str) -> None:
    assert client.get(f"/catcher/{name}/").status_code == 404
    assert client.get(f"/catcher/{name}/html/").status_code == 404


def test_there_is_no_catcher_where_mail_leaves(client: Client, caught: str, settings) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:25"
    assert client.get("/catcher/").status_code == 404
    assert client.get(f"/catcher/{caught}/html/").status_code == 404


def test_an_empty_folder_says_so(client: Client, tmp_path, settings) -> None:
    settings.BATON_HOME = tmp_path
    assert client.get("/catcher/").status_code == 200
