"""Clicks, opens and the hidden link: where they lead, whom they are held for, and what a forged token gets."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.email.models import BroadcastLink
from baton.marketing.reading.models import MailHit
from baton.marketing.reading.tests.conftest import BROWSER, arrived, path, settled, trap
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from baton.platform import jobs
from baton.tracking.identity import read_link_token
from baton.tracking.store.projector import project_some

pytestmark = pytest.mark.django_db(databases=["default", "events"], transaction=True)


def test_a_click_leads_on_and_says_who_came(client: Client, sent_to) -> None:
    answer = client.get(path(arrived(sent_to), "c"), headers=BROWSER)
    assert answer.status_code == 302
    assert answer["Location"].startswith("https://www.acme.example/guide?x=1&y=2&utm_source=email")
    assert read_link_token(answer["Location"].partition("&b=")[2].replace("%3A", ":")) == Contact.objects.get().pk
    assert MailHit.objects.get().label == "human"
    assert Delivery.objects.get().clicked_at is None
    settled()
    assert Delivery.objects.get().clicked_at == MailHit.objects.get().at


def test_a_persons_click_scores_and_a_machines_does_not(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    client.get(link, headers={"User-Agent": "Googlebot/2.1"}, REMOTE_ADDR="203.0.113.9")
    settled()
    assert _engagement_after_work() == 0
    client.get(link, headers=BROWSER, REMOTE_ADDR="198.51.100.9")
    settled()
    assert _engagement_after_work() == 12


def _engagement_after_work() -> float:
    project_some()
    jobs.run_due(limit=50)
    return round(Contact.objects.get().engagement_score)


def test_machines_are_kept_apart(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    assert "b=" not in client.head(link, headers=BROWSER)["Location"]
    client.get(link, headers={"User-Agent": "Googlebot/2.1"})
    client.get(link, headers={**BROWSER, "Sec-Purpose": "prefetch"})
    Delivery.objects.update(handed_at=timezone.now())
    client.get(link, headers=BROWSER)
    settled()
    assert set(MailHit.objects.values_list("label", flat=True)) == {"machine"}
    assert MailHit.objects.count() == 4
    assert Delivery.objects.get().clicked_at is None


def test_the_hidden_link_makes_a_machine_of_whoever_followed_the_others(client: Client, sent_to) -> None:
    html = arrived(sent_to)
    client.get(path(html, "c"), headers=BROWSER)
    assert MailHit.objects.get().label == "human"
    answer = client.get(trap(html), headers=BROWSER)
    assert answer["Location"] == "https://acme.example"
    settled()
    assert set(MailHit.objects.values_list("label", "reason")) == {("machine", "same_source"), ("machine", "trap")}
    assert Delivery.objects.get().clicked_at is None


def test_no_person_meets_the_hidden_link(sent_to) -> None:
    html = arrived(sent_to)
    assert trap(html) != path(html, "c")
    hidden = html[html.index('aria-hidden="true" tabindex="-1"') :]
    assert "display:none" in hidden[: hidden.index(">")]
    assert hidden[hidden.index(">") :].startswith("></a>")
    assert trap(html) not in sent_to()[0].get_body(("plain",)).get_content()


def test_no_address_is_kept_and_two_mails_from_one_network_cannot_be_told_to_be(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    for address in ("203.0.113.9", "203.0.113.77", "198.51.100.9"):
        client.get(link, headers=BROWSER, REMOTE_ADDR=address)
    first, second, elsewhere = MailHit.objects.order_by("pk").values_list("source", flat=True)
    assert first == second != elsewhere
    assert not any("113" in str(value) for value in MailHit.objects.values_list("source", "agent", "network"))
    from baton.marketing.reading.actions import source_of

    assert source_of("203.0.113.9", 1) != source_of("203.0.113.9", 2)
    assert source_of("2001:db8:1:2::3", 1) == source_of("2001:db8:1:ffff::9", 1)
    assert source_of("not an address", 1) == ""


def test_a_foreign_site_does_not_learn_who_came(client: Client, sent_to) -> None:
    html = arrived(sent_to)
    BroadcastLink.objects.update(url="https://elsewhere.example/")
    assert client.get(path(html, "c"), headers=BROWSER)["Location"] == "https://elsewhere.example/"


def test_the_pixel_is_only_for_who_agreed(client: Client, sent_to) -> None:
    html = arrived(sent_to)
    assert "/o/" not in html
    assert trap(html)


def test_an_open_counts_only_while_consent_stands(client: Client, sent_to) -> None:
    pixel = path(arrived(sent_to, is_measured=True), "o")
    assert client.get(pixel, headers=BROWSER)["Content-Type"] == "image/gif"
    settled()
    assert Delivery.objects.get().opened_at
    Contact.objects.get().consents.filter(topic__key="tracking").update(state="withdrawn")
    client.get(pixel, headers=BROWSER)
    assert MailHit.objects.count() == 1


def test_a_relay_that_loads_every_picture_is_no_reader(client: Client, sent_to) -> None:
    pixel = path(arrived(sent_to, is_measured=True), "o")
    client.get(pixel, headers={"User-Agent": "Mozilla/5.0"})
    client.get(pixel, headers={"User-Agent": "Mozilla/5.0 Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"})
    settled()
    assert set(MailHit.objects.values_list("label", "reason")) == {
        ("machine", "relay:apple"),
        ("unknown", "relay:gmail"),
    }
    assert Delivery.objects.get().opened_at is None


@pytest.mark.parametrize("address", ["/c/x", "/c/AAAA", "/o/AAAA.gif", "/c/é", f"/c/{'A' * 500}"])
def test_forged_tokens_are_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_click_settles_what_was_unknown(client: Client, sent_to) -> None:
    link = path(arrived(sent_to), "c")
    Delivery.objects.update(state="unknown", handed_at=None, handing_since=timezone.now() - timezone.timedelta(hours=1))
    client.get(link, headers=BROWSER)
    assert Delivery.objects.get().state == "delivered"
    settled()
    assert Delivery.objects.get().clicked_at


def test_who_asks_without_end_is_let_through_and_not_written_down(client: Client, sent_to, monkeypatch) -> None:
    monkeypatch.setattr("baton.marketing.reading.actions.MOST_HITS", 2)
    link = path(arrived(sent_to), "c")
    assert {client.get(link, headers=BROWSER).status_code for _time in range(4)} == {302}
    assert MailHit.objects.count() == 2
