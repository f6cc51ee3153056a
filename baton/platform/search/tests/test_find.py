"""Finding by words, accents and case aside, and only what one may see."""

import pytest
from django.db import connection

from baton.platform.search import find, forget_thing, index_thing
from baton.platform.search.actions import Findable
from tests.cast import a_user

pytestmark = pytest.mark.django_db


def put(number: int, title: str, words: str = "", **fields: object) -> None:
    index_thing(Findable("contact", number, "people", title, words, f"/contacts/{number}/", **fields))


def titles(text: str, role: str = "operations") -> list[str]:
    return [row.title for row in find(a_user(role), text)]


def test_accents_and_case_do_not_matter() -> None:
    put(1, "Jörg Müller")
    put(2, "Søren Ødegård")
    assert titles("muller") == titles("MÜLLER JÖ") == ["Jörg Müller"]
    assert titles("odegard") == ["Søren Ødegård"]


def test_every_word_must_begin_a_word_of_the_record() -> None:
    put(1, "Ada Lovelace", "ada@engine.example")
    assert titles("ada eng") == ["Ada Lovelace"]
    assert titles("ada berlin") == []


def test_a_misspelling_is_forgiven_where_the_engine_can() -> None:
    put(1, "Ada Lovelace", "ada@engine.example")
    put(2, "Grace Hopper")
    assert titles("lovelase") == (["Ada Lovelace"] if connection.vendor == "postgresql" else [])
    assert titles("ada hoper") == titles("lovelase berlin") == []


def test_a_changed_record_is_found_by_its_new_words_only() -> None:
    put(1, "Ada Lovelace")
    put(1, "Ada King")
    assert titles("king") == ["Ada King"]
    assert titles("lovelace") == []


def test_what_is_gone_is_not_found() -> None:
    put(1, "Ada Lovelace")
    forget_thing("contact", 1)
    assert titles("ada") == []


def test_a_rep_finds_only_their_own() -> None:
    rep = a_user("rep")
    put(1, "Ada Mine", owner_id=rep.pk)
    put(2, "Ada Theirs", owner_id=rep.pk + 1000)
    assert [row.title for row in find(rep, "ada")] == ["Ada Mine"]


@pytest.mark.parametrize("text", ["", "  ", '"', "*", "a' OR 1=1 --", "NEAR(", "col:ada", "🙂"])
def test_signs_of_a_query_language_are_only_signs(text: str) -> None:
    put(1, "Ada Lovelace")
    titles(text)
