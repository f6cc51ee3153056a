"""Finding by words, accents and case aside, and only what one may see."""

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from baton.platform.search import find, forget_thing, index_thing, postgres, reads, sqlite
from baton.platform.search.actions import Findable
from baton.platform.search.models import SearchRow
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


WORDS = ["ada", "adam", "a", "ad", "lovelace", "love", "0", "00", "zoe", "mail", "example", "examples", "日本"]


@given(
    people=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=12),
    text=st.lists(st.sampled_from([*WORDS, "l", "exam", "z", "日"]), min_size=1, max_size=3),
    few=st.sampled_from([0, 3, 2000]),
    more=st.sampled_from([0, 4, 2000]),
    completed=st.sampled_from([0, 1, 8]),
)
def test_a_list_holds_whose_words_begin_so_however_many_there_are(
    people: list[list[str]], text: list[str], few: int, more: int, completed: int
) -> None:
    with pytest.MonkeyPatch.context() as now, transaction.atomic():
        now.setattr(sqlite, "FEW", few)
        now.setattr(sqlite, "DENSE", 1 / (more + 1))
        now.setattr(sqlite, "COMPLETED", completed)
        now.setattr(postgres, "FEW", few)
        now.setattr(postgres, "MANY", few + more)
        for number, words in enumerate(people, 1):
            put(number, f"P{number}", " ".join(words))
        rows = SearchRow.objects.filter(reads.found("contact", " ".join(text), "thing_id"))
        assert set(rows.values_list("thing_id", flat=True)) == {
            number
            for number, words in enumerate(people, 1)
            if all(any(have.startswith(one) for have in [*words, f"p{number}"]) for one in text)
        }
        transaction.set_rollback(True)
