"""Every public link with a token: forged, cut, flipped, of another purpose or of a record that is gone.

All forgeries get one and the same answer, so that nothing can be learnt from it, and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from baton.people.deliveries import tokens
from baton.people.deliveries.tokens import CLICK, CONFIRM, OPEN, PREFERENCES, UNSUBSCRIBE, make_token
from baton.platform.tokens import new_token
from baton.tracking.errors import ForgedLink
from baton.tracking.identity import link_token, read_link_token
from tests.contracts.house import ASKED, House
from tests.contracts.routes import heard, routes

pytestmark = pytest.mark.django_db(databases=["default", "events"])

NOBODY = 987_654


@dataclass(frozen=True)
class Token:
    """The argument that is a secret; tokens of other purposes, and one of ours whose record is gone.

    `gone` is the answer to that one where it is not 404: a link in an old mail says what is true, and does nothing.
    """

    argument: str = "token"
    others: Callable[[House], list[str]] = lambda house: []
    of_gone: Callable[[], str] = new_token
    gone: int = 404


def _mail_tokens(house: House) -> list[str]:
    links = [house.click, house.pixel, house.unsubscribe, house.preferences, house.confirm]
    return [*links, house.signer.token, link_token(1)]


SIGNER = Token(others=lambda h: [h.sent.token, h.signer.request.token, h.click, h.api_token.digest[:22]])
TOKENS = {
    **dict.fromkeys(["sign", "sign_it", "sign_decline", "sign_document", "sign_signed", "sign_picture"], SIGNER),
    "shared_look": Token(others=_mail_tokens),
    "mail_picture": Token(others=_mail_tokens),
    "mail_click": Token(others=_mail_tokens, of_gone=lambda: make_token(CLICK, NOBODY, NOBODY)),
    "mail_open": Token(others=_mail_tokens, of_gone=lambda: make_token(OPEN, NOBODY), gone=200),
    "unsubscribe": Token(others=_mail_tokens, of_gone=lambda: make_token(UNSUBSCRIBE, NOBODY, NOBODY, NOBODY)),
    "confirm_consent": Token(others=_mail_tokens, of_gone=lambda: make_token(CONFIRM, NOBODY), gone=410),
    "preferences": Token(others=_mail_tokens, of_gone=lambda: make_token(PREFERENCES, NOBODY), gone=200),
}
# Public addresses whose argument is no secret: a form's slug, a caught mail's name on an installation that sends none,
# a provider's name (its secret is in the request).
NO_SECRET = {"public_form", "send_form_json", "embed_form", "caught_mail", "caught_html", "provider_notice"}


def test_every_public_link_with_a_token_is_tried() -> None:
    public = {route.name for route in routes() if route.is_public and route.takes_arguments}
    assert public - NO_SECRET == set(TOKENS)


@pytest.mark.parametrize("name", TOKENS)
def test_a_forged_token_gets_nothing_and_says_nothing(name: str, house: House) -> None:
    case, kwargs = TOKENS[name], ASKED[name].arguments(house)
    real = kwargs[case.argument]
    others = [one for one in case.others(house) if one != real]
    faults, answers = [], set()
    for method in ("GET", "POST"):
        for forged in [*forgeries(real), *others]:
            status, body, written = ask(method, name, {**kwargs, case.argument: forged})
            if status == 405:
                continue
            answers.add((status, body.replace(forged, "")))
            if status != 404 or written:
                faults.append((method, forged, status, written[:1]))
        status, _body, written = ask(method, name, {**kwargs, case.argument: case.of_gone()})
        if status not in {case.gone, 405} or written:
            faults.append((method, "of a record that is gone", status, written[:1]))
    assert faults == []
    assert len(answers) == 1
    status, _body, _written = ask("POST" if name in {"sign_it", "sign_decline"} else "GET", name, kwargs)
    assert status in {200, 302, 422} or name == "sign_signed"  # the real one is taken: what was refused was the forgery


@pytest.mark.parametrize("kind", ["wrong", "cut", "flipped", "of another purpose"])
def test_a_forged_link_in_an_address_tells_of_nobody(kind: str) -> None:
    real = link_token(7)
    flipped = "".join(chr(ord(c) ^ 1) if i == len(real) - 3 else c for i, c in enumerate(real))
    forged = {
        "wrong": "x" * len(real),
        "cut": real[:-1],
        "flipped": flipped,
        "of another purpose": signing.dumps(7, salt="baton.page"),
    }
    assert read_link_token(real) == 7
    with pytest.raises(ForgedLink):
        read_link_token(forged[kind])


def test_a_token_has_one_spelling_only(house: House) -> None:
    for spelt in (house.click + "=", house.click + "A", " " + house.click, house.click.swapcase()):
        with pytest.raises(tokens.ForgedToken):
            tokens.read_token(CLICK, spelt)


def forgeries(real: str) -> list[str]:
    """Wrong, cut, lengthened, and the real one with one letter changed at its start, middle and end."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    places = (0, len(real) // 2, len(real) - 1)
    flipped = [real[:n] + letters[(letters.index(real[n]) + 1) % 64] + real[n + 1 :] for n in places]
    return ["x" * len(real), new_token(), real[:-1], real[1:], real + "A", "\x00", "ü" * 20, "A" * 300, *flipped]


def ask(method: str, name: str, kwargs: dict[str, Any]) -> tuple[int, str, list[str]]:
    with heard() as said:
        answer = Client(raise_request_exception=False).generic(method, reverse(name, kwargs=kwargs))
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body.decode(errors="replace"), said.writes
