"""No word that a person sees is forgotten: every page of the navigation in a language of brackets."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from baton.handoff.agreement.reasons import DEFAULT_REASONS
from baton.marketing.scoring.models import ScoreRule
from baton.web.shell.navigation import PLACES, address
from baton.web.tests.pseudo import unwrapped, write_catalogue
from tests.cast import a_user

LANGUAGE = "eo"  # Django knows it, nobody ships it here
MORE = ["search", "profile", "notifications", "settings_people", "settings_fields", "add_person", "add_team"]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    write_catalogue(folder, LANGUAGE)
    return folder


@pytest.mark.django_db(databases=["default", "events"])
@pytest.mark.parametrize("name", [*[place.name for place in PLACES], *MORE])
def test_page_has_no_unwrapped_words(name: str, catalogue: Path, settings) -> None:
    if not address(name):
        pytest.skip("not built")
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [("en", "English"), (LANGUAGE, "Brackets")]
    user = a_user("administrator", name="Ada Example", email="ada@baton.example", locale=LANGUAGE)
    client = Client()
    client.force_login(user)
    response = client.get(reverse(name), follow=True)
    assert response.status_code == 200
    # The reasons and score rules of a new installation are its own from then on: data, kept as typed.
    given = [*(reason["label"] for reason in DEFAULT_REASONS), *ScoreRule.objects.values_list("name", flat=True)]
    names = ("Ada Example", "ada@baton.example", "My company", *given)
    assert unwrapped(response.content.decode(), language=LANGUAGE, names=names) == []
