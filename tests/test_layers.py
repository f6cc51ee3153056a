"""The house stands: layers hold, every model's migration is there, settings refuse bad values."""

import subprocess
import sys

import pytest
from django.core.management import call_command

from baton.platform import environment


def test_no_model_lacks_its_migration(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_bad_setting_is_refused_with_its_name_and_a_way_out() -> None:
    with pytest.raises(environment.BadEnvironment, match=r"BATON_ZONE .*Europe/Berlin"):
        environment.read({"BATON_ZONE": "Mars/Olympus"})


def test_a_secret_setting_is_never_repeated_in_its_error() -> None:
    with pytest.raises(environment.BadEnvironment) as caught:
        environment.read({"DATABASE_URL": "mysql://root:hunter2@db/x"})
    assert "hunter2" not in str(caught.value)


def test_layers_hold() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
