"""Topics: made and worded by an administrator, each wording kept, deleted only while nothing stands on them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from baton.people.consent.actions import Evidence, give_consent
from baton.people.consent.models import ConsentEvidence, ConsentTopic, TopicWording
from baton.people.deliveries.models import MailRules
from tests.cast import NOW, a_contact, a_user

pytestmark = pytest.mark.django_db
WORDS = {"label": "Product news", "explanation": "Once a month", "purpose": "marketing", "is_public": "on",
         "confirm_days": "7"}  # fmt: skip


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(a_user("administrator"))
    return client


def test_a_topic_is_made_with_a_key_of_its_own(boss: Client) -> None:
    for _twice in range(2):
        assert boss.post("/topics/new/", WORDS).status_code == 302
    assert list(ConsentTopic.objects.order_by("pk").values_list("key", flat=True)) == ["product-news", "product-news-2"]
    page = boss.get("/topics/").content.decode()
    assert "Once a month" in page


@pytest.mark.parametrize("asks", [True, False])
def test_a_new_topic_begins_as_the_sending_rules_say_and_may_decide_otherwise(boss: Client, asks: bool) -> None:
    MailRules.objects.create(asks_confirmation=asks)
    box = re.search(r'<input[^>]*name="needs_confirmation"[^>]*>', boss.get("/topics/new/").content.decode())[0]
    assert ("checked" in box) is asks
    boss.post("/topics/new/", WORDS | ({} if asks else {"needs_confirmation": "on"}))
    assert ConsentTopic.objects.get().needs_confirmation is not asks


def test_other_words_make_a_version_and_what_was_agreed_keeps_its_own(boss: Client) -> None:
    topic = ConsentTopic.objects.create(key="news", label="News", explanation="Weekly")
    give_consent(a_contact(), topic, evidence=Evidence(how="test"), now=NOW)
    address = f"/topics/{topic.pk}/"
    boss.post(address, WORDS | {"needs_confirmation": "on"})
    topic.refresh_from_db()
    assert (topic.version, topic.label, topic.needs_confirmation, topic.key) == (2, "Product news", True, "news")
    give_consent(a_contact(), topic, evidence=Evidence(how="test"), now=NOW)
    assert list(ConsentEvidence.objects.order_by("pk").values_list("topic_version", flat=True)) == [1, 2]
    boss.post(address, WORDS | {"confirm_days": "3"})  # no words changed
    topic.refresh_from_db()
    assert (topic.version, topic.confirm_days) == (2, 3)
    kept = TopicWording.objects.order_by("version").values_list("version", "label", "explanation")
    assert list(kept) == [(1, "News", "Weekly"), (2, "Product news", "Once a month")]
    assert "Weekly" in boss.get(address).content.decode()


def test_the_purpose_of_a_topic_stays(boss: Client) -> None:
    topic = ConsentTopic.objects.create(key="news", label="News")
    boss.post(f"/topics/{topic.pk}/", WORDS | {"purpose": "tracking"})
    topic.refresh_from_db()
    assert topic.purpose == "marketing"


@pytest.mark.parametrize("wrong", [{"label": ""}, {"confirm_days": "0"}, {"confirm_days": "61"}, {"purpose": "x"}])
def test_what_cannot_be_is_said_and_nothing_is_made(boss: Client, wrong: dict[str, str]) -> None:
    assert boss.post("/topics/new/", WORDS | wrong).status_code == 422
    assert not ConsentTopic.objects.exists()


def test_only_an_unused_topic_is_deleted(boss: Client) -> None:
    free, agreed = (ConsentTopic.objects.create(key=key, label=key.title()) for key in ("free", "agreed"))
    give_consent(a_contact(), agreed, evidence=Evidence(how="test"), now=NOW)
    for topic, said in ((free, "Free is deleted."), (agreed, "Agreed is in use")):
        assert said in boss.post(f"/topics/{topic.pk}/delete/", follow=True).content.decode()
    assert list(ConsentTopic.objects.values_list("key", flat=True)) == ["agreed"]


def test_a_marketer_does_not_word_topics(client: Client) -> None:
    client.force_login(a_user("marketer"))
    assert client.get("/topics/").status_code == 403
