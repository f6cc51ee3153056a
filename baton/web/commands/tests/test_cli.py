"""The command's help is enough to work from, and its refusals are sentences."""

from __future__ import annotations

import socket

import pytest

from baton.platform.accounts.models import User
from baton.web.cli import main, parser
from baton.web.commands.doctor import findings

pytestmark = pytest.mark.django_db(databases=["default", "events"])

COMMANDS = ["up", "web", "work", "migrate", "user", "import", "export", "report", "backup", "restore", "doctor", "demo"]


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            parser().parse_args([command, "--help"])
        assert ended.value.code == 0
        assert len(capsys.readouterr().out.splitlines()) > 4


def test_a_user_is_added_once_and_a_repeat_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["user", "add", "ada@baton.example", "--role", "administrator"])
    assert ended.value.code == 0
    assert "Password:" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["user", "add", "ada@baton.example"])
    assert ended.value.code == 2
    assert "baton user password" in capsys.readouterr().err
    assert User.objects.get().role == "administrator"


@pytest.mark.parametrize("address", ["", "ada", "a@b@c"])
def test_what_is_no_address_adds_nobody(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["user", "add", address])
    assert "Nobody was added" in capsys.readouterr().err
    assert not User.objects.exists()


def test_the_doctor_looks_at_every_part() -> None:
    found = list(findings())
    assert {"settings", "database", "work", "mail", "events", "disk", "clock"} <= {one.part for one in found}
    assert not [one for one in found if one.state == "broken"]


@pytest.mark.parametrize("command", [["up"], ["web"], ["demo"]])
def test_a_taken_port_is_said_before_anything_starts(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(SystemExit) as ended:
            main([*command, "--port", port])
    assert ended.value.code == 2
    assert f"127.0.0.1:{port}: Address already in use. Choose another with --port." in capsys.readouterr().err
