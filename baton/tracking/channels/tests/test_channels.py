"""The table of channels is changed in versions: previewed, tried, compared, and gone back to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.platform.journal.models import JournalEntry
from baton.tracking.channels.models import ChannelVersion
from baton.tracking.channels.preview import moves_to
from baton.tracking.channels.reads import channel_labels, channel_table, newest_version
from baton.tracking.sessions.channel_rules import STANDARD, ChannelTable, Condition, Rule, as_json, rules_from
from baton.tracking.store import append, ask
from baton.tracking.store.tests.made import an_event
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"])
PLACE = "/website/channels/"
CHANGE = "/website/channels/change/"
OWN = "own-0a1b2c3d"
PARTNERS = {f"field-{OWN}": "referrer", f"op-{OWN}": "is", f"values-{OWN}": "Partner.example, friend.example"}
PARTNERS |= {f"channel-{OWN}": "", f"name-{OWN}": "Our partners"}


@pytest.fixture
def marketer(client) -> Any:
    user = a_user("marketer")
    client.force_login(user)
    return user


def sent(*ids: str, after: int = 0, off: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What the form sends: these rules first, then the other standard ones."""
    rules = [*ids, *(rule.id for rule in STANDARD.rules if rule.id not in ids)]
    return {"rule": rules, "on": [id for id in rules if id not in off], "after": str(after), **more}


def test_the_standard_rules_stand_in_words_and_can_be_tried(client, marketer) -> None:
    page = client.get(PLACE, {"try_source": "google", "try_medium": "cpc"}).content.decode()
    for words in ("Source is a search engine", "Medium is that of paid visits", "No rule fits", "Standard"):
        assert words in page
    assert "by the rule at place 4" in page
    found = r"channel-found\"><strong>([^<]*)"
    assert re.findall(found, page) == ["Paid search"]
    assert re.findall(found, client.get(PLACE, {"try_click": "fbclid"}).content.decode()) == ["Organic social"]
    assert re.findall(found, client.get(PLACE, {"try_medium": "podcast"}).content.decode()) == ["Unassigned"]


def test_a_rule_of_ones_own_counts_for_past_visits_and_is_called_as_named(client, marketer) -> None:
    then = timezone.now() - timedelta(days=2)
    append([an_event(then, referrer_host="partner.example"), an_event(then, "v2", referrer_host="other.example")])
    answer = client.post(CHANGE, sent(OWN, note="the agency asked", **PARTNERS))
    assert answer.status_code == 302
    version = ChannelVersion.objects.get()
    assert (version.number, version.note, version.made_by) == (1, "the agency asked", marketer)
    assert version.names == {"our_partners": "Our partners"}
    assert version.table.rules[0].groups == ((Condition("referrer", "is", ("partner.example", "friend.example")),),)
    assert {row["label"]: row["visits"] for row in ask("website_parts", by="channel", most=9)} == {
        "our_partners": 1, "referral": 1,
    }  # fmt: skip
    assert "Our partners" in client.get("/website/panel/channel/").content.decode()
    assert "Our partners" in client.get("/website/?channel=our_partners").content.decode()
    assert JournalEntry.objects.filter(verb="channels.changed").count() == 1


def test_the_preview_says_which_visits_of_30_days_would_change(client, marketer) -> None:
    now = timezone.now()
    append([an_event(now - timedelta(days=n), f"v{n}", referrer_host="partner.example") for n in (1, 2, 29, 31)])
    append([an_event(now - timedelta(days=3), "v9", referrer_host="other.example")])
    page = client.post(CHANGE, sent(OWN, do="show", **PARTNERS)).content.decode()
    assert "3 of 4 visits of the last 30 days" in page
    assert "Our partners: Referring site is partner.example or friend.example" in page
    assert not ChannelVersion.objects.exists()
    rule = Rule(OWN, "partners", ((Condition("source", "contains", ("example",)),),))
    assert moves_to(ChannelTable(1, (rule, *STANDARD.rules)), now).moved == [("referral", "partners", 4)]


@pytest.mark.parametrize(
    ("do", "first"),
    [
        ("top:sms", "sms"),
        ("up:cross_network", "cross_network"),
        ("down:direct", "cross_network"),
        ("up:direct", "direct"),
    ],
)
def test_rules_are_moved_by_buttons_and_the_moved_one_keeps_the_focus(client, marketer, do, first) -> None:
    page = client.post(CHANGE, sent(do=do)).content.decode()
    rules = re.findall(r'name="rule" value="([^"]*)"', page)
    assert rules[0] == first
    assert sorted(rules) == sorted(rule.id for rule in STANDARD.rules)
    assert page.count("autofocus") == 1
    assert not ChannelVersion.objects.exists()


def test_a_rule_is_added_filled_in_and_taken_away_again(client, marketer) -> None:
    page = client.post(CHANGE, sent(do="add")).content.decode()
    (own,) = re.findall(r'name="rule" value="(own-[^"]*)"', page)
    assert client.post(CHANGE, sent(own)).status_code == 422
    again = client.post(CHANGE, sent(own, do=f"remove:{own}")).content.decode()
    assert own not in again
    typed = client.post(CHANGE, sent(OWN, do="show", **PARTNERS)).content.decode()
    assert 'value="Our partners"' in typed
    assert typed.count(f'name="field-{OWN}"') == 2


def test_rules_switched_off_and_channels_renamed(client, marketer) -> None:
    client.post(CHANGE, sent("sms", off=("direct",), **{"label-referral": "Links", "label-email": "Email"}))
    table = channel_table()
    assert table.rules[0].id == "sms"
    assert [rule.id for rule in table.rules if not rule.is_on] == ["direct"]
    assert newest_version().names == {"referral": "Links"}
    assert channel_labels()["referral"] == "Links"
    page = client.get("/website/channels/1/").content.decode()
    for words in ("Switched off</strong> Direct", "Moved to place 1</strong> SMS", "Renamed</strong> Referral → Links"):
        assert words in page
    assert "Nothing." in client.get(CHANGE).content.decode() or "Nothing yet." in client.get(CHANGE).content.decode()
    client.post(CHANGE, sent("sms", after=1, **{"label-referral": ""}))
    assert newest_version().names == {}


def test_going_back_is_a_new_version_and_keeps_names_for_old_figures(client, marketer) -> None:
    client.post(CHANGE, sent(OWN, **PARTNERS))
    assert client.post("/website/channels/0/restore/").status_code == 302
    newest = newest_version()
    assert (newest.number, newest.table.rules) == (2, STANDARD.rules)
    assert channel_labels()["our_partners"] == "Our partners"
    assert "Removed</strong> Our partners" in client.get("/website/channels/2/").content.decode()
    client.post("/website/channels/1/restore/")
    assert newest_version().table.rules[0].channel == "our_partners"
    assert client.get("/website/channels/9/").status_code == 404


def test_who_was_overtaken_is_told_and_nothing_is_lost(client, marketer) -> None:
    client.post(CHANGE, sent(off=("sms",)))
    answer = client.post(CHANGE, sent(OWN, after=0, **PARTNERS))
    assert answer.status_code == 422
    assert "Somebody has changed the channels meanwhile" in answer.content.decode()
    assert 'value="Our partners"' in answer.content.decode()
    assert ChannelVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({f"values-{OWN}": " , "}, "at least one condition"),
        ({f"name-{OWN}": ""}, "name a new one"),
        ({f"values-{OWN}": ",".join(f"v{n}" for n in range(51))}, "at most 50 values"),
        ({"label-sms": "Email"}, "Two channels are called"),
    ],
)
def test_what_is_not_right_is_said(client, marketer, typed, words) -> None:
    answer = client.post(CHANGE, sent(OWN, **{**PARTNERS, **typed}))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ChannelVersion.objects.exists()


def test_a_forged_form_makes_no_rule(client, marketer) -> None:
    odd = {"rule": ["own-x", '"><script>', "sms"], "on": ["sms"], "after": "0"}
    client.post(CHANGE, odd | {"values-own-x": "a", "field-own-x": "source", "op-own-x": "is"})
    assert [rule.id for rule in channel_table().rules if rule.is_own] == []
    assert len(channel_table().rules) == len(STANDARD.rules)


def test_standard_rules_that_come_later_stand_behind_those_they_follow() -> None:
    own = Rule(OWN, "partners", ((Condition("source", "is", ("a",)),),))
    kept = [one for one in as_json([*STANDARD.rules[::-1], own]) if one["id"] not in ("paid_other", "direct")]
    rules = [rule.id for rule in rules_from(kept)]
    assert rules[0] == "direct"
    assert rules.index("paid_other") == rules.index("paid_social_click") + 1
    assert rules[-1] == OWN
    assert [one["id"] for one in as_json(rules_from([*kept, {"id": "gone", "is_on": True}]))] == rules


def test_only_who_may_change_marketing_changes_channels(client) -> None:
    client.force_login(a_user("rep"))
    for place in (PLACE, CHANGE, "/website/channels/0/"):
        assert client.get(place).status_code == 403
    assert client.post(CHANGE, sent()).status_code == 403
    assert not ChannelVersion.objects.exists()
