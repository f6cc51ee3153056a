"""What the law asks stands in everyone's mail, or no mail goes out."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email import actions
from baton.marketing.email.mailing import Mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.writing import BadWriting
from baton.marketing.preflight.reads import what_blocks
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from baton.platform.organisation import organisation
from tests.cast import a_user

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)
LINK = '<a href="{{ unsubscribe_url }}">Stop</a>'
PLACE = "{{ organisation.postal_address }}"


def written(words: str, **fields: Any) -> Broadcast:
    text = f"<mjml><mj-body><mj-section><mj-column><mj-text>{words}</mj-text></mj-column></mj-section></mj-body></mjml>"
    return an_email(1, has_own_source=True, mjml=text, **fields)


def problems(broadcast: Broadcast) -> list[str]:
    return [block.what for block in what_blocks(broadcast, timezone.now())]


@pytest.mark.parametrize(
    "words",
    [
        f"Hi {LINK} {PLACE}",
        f"{{% if contact.city %}}Hi{{% endif %}} {LINK} 1 Long  Way",
        f"{{% assign a = 1 %}}{{% if a %}}<a href='https://x.example/'>x</a>{{% endif %}} {LINK} {PLACE}",
        f"{LINK} {{{{ organisation.postal_address | newline_to_br }}}}",
    ],
)
def test_a_footer_for_everyone_is_enough(sent_to, words: str) -> None:
    assert problems(written(words)) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (PLACE, "no unsubscribe link"),
        (LINK, "does not show the postal address"),
        (f"{{% if contact.city %}}{LINK}{{% endif %}} {PLACE}", "no unsubscribe link"),
        (f"{LINK} {{% if contact.city %}}{PLACE}{{% endif %}}", "does not show the postal address"),
        (f"{{% assign a = 1 %}}{{% if contact.city %}}{LINK}{{% endif %}} {PLACE}", "no unsubscribe link"),
        (f"{{% assign unsubscribe_url = 'https://x.example/' %}}{LINK} {PLACE}", "no unsubscribe link"),
    ],
)
def test_a_footer_that_some_do_not_get_is_none(sent_to, words: str, said: str) -> None:
    broadcast = written(words)
    assert any(said in problem for problem in problems(broadcast))
    with pytest.raises(BadWriting, match=said):
        Mailing(broadcast)


@pytest.mark.parametrize("text", ["Hi", "Hi {{ unsubscribe_url }}", "Hi\n{{ organisation.postal_address }}"])
def test_own_plain_text_gets_what_it_lacks(sent_to, text: str) -> None:
    broadcast = an_email(1, text=text)
    assert problems(broadcast) == []
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    jobs.run_due(limit=50)
    plain = sent_to()[0].get_body(("plain",)).get_content()
    assert plain.count("1 Long Way") == plain.count("/u/") == 1


def test_an_address_that_went_away_after_the_start_pauses_the_email(sent_to) -> None:
    broadcast = an_email(1)
    actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())
    house = organisation()
    house.postal_address = " "
    house.save()
    jobs.run_due(limit=50)
    broadcast.refresh_from_db()
    assert broadcast.state == "paused"
    assert "postal address" in broadcast.paused_because
    assert Delivery.objects.get().state == "queued"
    assert sent_to() == []


def test_a_mail_that_nobody_named_sends_is_refused(sent_to) -> None:
    broadcast = an_email(1, sender_name=" ")
    house = organisation()
    house.name = ""
    house.save()
    assert any("the law asks who sends the mail" in problem for problem in problems(broadcast))
