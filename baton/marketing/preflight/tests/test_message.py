"""Checks of the message: each with a finding and without."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email.models import Broadcast, BroadcastLink
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.preflight import message, rules
from baton.marketing.preflight.fields import field_findings
from baton.marketing.preflight.page import read_page, web_addresses
from baton.marketing.preflight.tests.conftest import by_key, levels
from baton.people.contacts.models import Contact
from baton.platform.mail.dkim import make_key
from baton.platform.organisation import organisation

pytestmark = pytest.mark.django_db

FOOT = (
    "<mj-text>{{ organisation.name }} {{ organisation.postal_address }}"
    '<a href="{{ unsubscribe_url }}">Leave</a></mj-text>'
)
OWN = "<mjml>%s<mj-body><mj-section><mj-column>%s" + FOOT + "</mj-column></mj-section></mj-body></mjml>"


def written(inside: str, head: str = "", **fields: Any) -> Broadcast:
    """An email with a source of its own."""
    return an_email(0, has_own_source=True, mjml=OWN % (head, inside), **fields)


def found(broadcast: Broadcast) -> dict[str, rules.Finding]:
    return by_key(message.message_findings(broadcast, timezone.now())[1])


def test_an_email_in_order() -> None:
    told = found(an_email(1, preheader="And what comes of it"))
    assert {one.level for one in told.values()} == {"ok"}
    assert set(told) == {"sender", "footer", "one_click", "subject", "preheader", "size", "drawing"}
    assert BroadcastLink.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "key", "level"),
    [
        ({"subject": " "}, "subject.none", "block"),
        ({"subject": "x" * 71}, "subject.long", "warn"),
        ({"subject": "LAST CHANCE TODAY"}, "subject.capitals", "warn"),
        ({"subject": "Re: your order"}, "subject.reply", "warn"),
        ({"subject": "USA"}, "subject", "ok"),
        ({"subject": "Regarding us"}, "subject", "ok"),
        ({"preheader": ""}, "preheader", "warn"),
        ({"sender_email": ""}, "sender.none", "block"),
        ({"sender_name": ""}, "sender.name", "warn"),
        ({"topic": None}, "topic.none", "block"),
    ],
)
def test_the_envelope(fields: dict[str, Any], key: str, level: str) -> None:
    assert levels(list(found(an_email(1, **fields)).values()))[key] == level


def test_no_audience() -> None:
    broadcast = an_email(1)
    broadcast.segments.clear()
    assert found(broadcast)["audience.none"].is_final


def test_what_the_law_asks_for_is_final() -> None:
    broadcast = an_email(1)
    house = organisation()
    house.postal_address = ""
    house.save()
    (fault,) = [one for key, one in found(broadcast).items() if key.startswith("legal")]
    assert fault.is_final
    assert "postal address" in fault.what
    bare = an_email(0, has_own_source=True, mjml="<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text>"
                    "</mj-column></mj-section></mj-body></mjml>", text="Hi")  # fmt: skip
    faults = [one for key, one in found(bare).items() if key.startswith("legal")]
    assert len(faults) >= 1
    assert all(one.is_final for one in faults)


def test_who_sends_is_said() -> None:
    house = organisation()
    assert found(an_email(1))["sender"].level == "ok"
    house.refresh_from_db()
    house.name = "My company"
    house.save()
    assert found(Broadcast.objects.get())["sender.organisation"].level == "warn"


def test_the_source_cannot_be_read() -> None:
    draft, told = message.message_findings(an_email(1, subject="{{ contact.first_name"), timezone.now())
    assert draft is None
    assert [(one.key, one.is_final) for one in told] == [("writing", True)]


def test_the_one_click_pair_stands_in_the_message_and_is_signed(outside: Any, tmp_path: Any) -> None:
    make_key(tmp_path / "keys", "acme.example", "s1")
    draft, told = message.message_findings(an_email(1), timezone.now())
    assert by_key(told)["one_click"].level == "ok"
    assert "list-unsubscribe" in message._signed(str(draft.mail["DKIM-Signature"]))
    assert BroadcastLink.objects.count() == 0


@pytest.mark.parametrize(
    ("url", "key"),
    [("http://baton.acme.org", "one_click.https"), ("https://127.0.0.1:8000", "one_click.here"),
     ("http://localhost:8000", "one_click.here")],
)  # fmt: skip
def test_links_that_readers_cannot_use_are_final(outside: Any, url: str, key: str) -> None:
    outside.BATON_URL = url
    assert found(an_email(1))[key].is_final


def test_headers_that_are_not_as_asked(outside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message.Rehearsal, "_headers", lambda *told: [("From", "a@acme.example")])
    assert found(an_email(1))["one_click.pair"].is_final


@pytest.mark.parametrize(("letters", "key"), [(10, "size"), (85_000, "size.near"), (120_000, "size.clipped")])
def test_size(letters: int, key: str) -> None:
    assert key in found(written(f"<mj-text>{'x' * letters}</mj-text>"))


@pytest.mark.parametrize(
    ("picture", "level"),
    [
        ('<mj-image src="https://a.example/x.png" alt="A rover" />', "ok"),
        ('<mj-image src="https://a.example/x.png" alt="" />', "ok"),
        ('<mj-image src="https://a.example/x.png" />', "warn"),
        ('<mj-image src="https://a.example/x.png" alt="" href="https://a.example" />', "warn"),
        ('<mj-text><img src="https://a.example/x.png" /></mj-text>', "warn"),
        ('<mj-text><img src="https://a.example/x.gif" width="1" height="1" /></mj-text>', "ok"),
    ],
)
def test_words_for_pictures(picture: str, level: str) -> None:
    assert found(written(picture))["alt"].level == level


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ("<mj-raw><script>1</script></mj-raw>", "<script>"),
        ('<mj-raw><iframe src="https://a.example"></iframe></mj-raw>', "<iframe>, <object>, <embed>"),
        ("<mj-raw><form><input /></form></mj-raw>", "<form>"),
        ("<mj-raw><video></video></mj-raw>", "<video>"),
        ("<mj-raw><audio></audio></mj-raw>", "<audio>"),
        ("<mj-raw><svg></svg></mj-raw>", "<svg>"),
        ('<mj-image alt="x" src="https://a.example/x.SVG?y=1" />', "SVG"),
        ('<mj-image alt="x" src="https://a.example/x.webp" />', "WebP"),
        ('<mj-image alt="x" src="data:image/png;base64,AAAA" />', "data:"),
        ('<mj-raw><p style="position: absolute">x</p></mj-raw>', "position"),
        ('<mj-raw><p style="display:grid">x</p></mj-raw>', "display: grid"),
        ('<mj-raw><p style="color:red;display: flex">x</p></mj-raw>', "display: flex"),
        ('<mj-raw><p style="background-image:url(https://a.example/x.png)">x</p></mj-raw>', "background-image"),
        ('<mj-raw><p style="color:var(--x)">x</p></mj-raw>', "var()"),
    ],
)
def test_what_mail_programs_do_not_draw(inside: str, name: str) -> None:
    told = found(written(inside))
    assert told["drawing.lost"].level == "warn"
    assert f": {name}." in told["drawing.lost"].what
    assert "caniemail.com" in told["drawing.lost"].evidence
    assert "drawing" not in told


def test_what_the_compiler_writes_by_itself_is_no_fault() -> None:
    plain = '<mj-text>position: absolute; display: grid</mj-text><mj-button href="https://a.example">Go</mj-button>'
    told = found(written(plain))
    assert told["drawing"].level == "ok"
    assert "@font-face" in told["drawing"].evidence  # the compiler's own font, plainer elsewhere
    drawn = OWN.replace("<mj-section>", '<mj-section background-url="https://a.example/x.png">') % ("", plain)
    assert found(an_email(0, has_own_source=True, mjml=drawn))["drawing"].level == "ok"


def test_a_preheader_of_its_own_source() -> None:
    head = "<mj-head><mj-preview>Look inside</mj-preview></mj-head>"
    assert found(written("<mj-text>Hi</mj-text>", head))["preheader"].level == "ok"
    head = "<mj-head><mj-preview>{{ preheader }}</mj-preview></mj-head>"
    assert found(written("<mj-text>Hi</mj-text>", head))["preheader"].level == "warn"
    assert found(written("<mj-text>Hi</mj-text>", head, preheader="Look"))["preheader"].level == "ok"


def test_reading_a_page_bears_anything() -> None:
    for html in ("", "<", "<a", "<a href>", "<img><img", "<!--[if mso]><v:fill<![endif]-->", "</a></a>", "<style>a{"):
        read_page(html)
    page = read_page('<a href="https://a.example/x?y={{ contact.city }}">1</a><a href="HTTPS://a.example/">2</a>'
                     '<a href="mailto:a@b.c">3</a><img src="https://a.example/p.png">'
                     '<p style="background:url(\'https://a.example/b.png\')">')  # fmt: skip
    assert web_addresses(page) == ["HTTPS://a.example/", "https://a.example/p.png", "https://a.example/b.png"]


def of_fields(broadcast: Broadcast) -> dict[str, rules.Finding]:
    draft = message.draft_of(broadcast, timezone.now())
    return by_key(field_findings(broadcast, draft.made))


def test_fields_that_do_not_exist_block() -> None:
    told = of_fields(an_email(1, subject="{{ contact.frist_name }} {{ first_name }} {{ organisation.owner }}"))
    (finding,) = [one for key, one in told.items() if key.startswith("fields.unknown")]
    assert (finding.level, finding.is_final) == ("block", False)
    assert "contact.frist_name, first_name, organisation.owner" in finding.what


def test_words_that_the_writer_sets_are_known() -> None:
    told = of_fields(an_email(1, subject="{% assign who = contact.company %}{{ who }}"))
    assert set(told) == {"fields"}


def test_gaps_are_counted() -> None:
    broadcast = an_email(
        4, subject="{{ contact.first_name }} from {{ contact.city | upcase }} at {{ contact.company }}"
    )
    Contact.objects.filter(email__in=["p0@them.example", "p1@them.example"]).update(city="Rome")
    Contact.objects.filter(email="p3@them.example").update(first_name="")
    told = of_fields(broadcast)
    assert set(told) == {"fields.empty.city", "fields.empty.company", "fields.empty.first_name"}
    assert told["fields.empty.first_name"].what.startswith("One person of 4")
    assert told["fields.empty.city"].what.startswith("2 people of 4")


def test_words_for_a_gap_and_conditions_leave_none() -> None:
    broadcast = an_email(
        1, subject='{{ contact.city | default: "your town" }}{% if contact.company %}{{ contact.company }}{% endif %}'
    )
    assert set(of_fields(broadcast)) == {"fields"}


def test_rules_of_findings() -> None:
    block = rules.Finding("a", "block", "A")
    final = rules.Finding("b", "block", "B", is_final=True)
    warn, fine = rules.Finding("c", "warn", "C"), rules.Finding("d", "ok", "D")
    assert rules.in_order([fine, warn, block, final]) == [block, final, warn, fine]
    after = rules.with_overrides([block, final, warn], {"a": "Eva: fine", "b": "Eva: no", "c": "x"})
    assert rules.blocks(after) == [final]
    assert (after[0].level, after[0].overridden, after[2].overridden) == ("warn", "Eva: fine", "")
