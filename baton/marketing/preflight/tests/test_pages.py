"""Before it goes out: what the page says, that sending refuses, who may override, and the page of the domain."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from baton.marketing.deliverability.models import ProviderCount
from baton.marketing.email import actions, mailing
from baton.marketing.email.models import Broadcast
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.preflight import reads
from baton.marketing.preflight.actions import CannotOverride, override
from baton.marketing.preflight.models import Override
from baton.marketing.preflight.tests.conftest import by_key
from baton.marketing.preflight.tests.test_domain import ROWS
from baton.marketing.preflight.tests.test_message import written
from baton.marketing.segments.models import Segment
from baton.marketing.trials.models import Trial
from baton.platform import dns
from baton.platform.journal.models import JournalEntry
from baton.platform.organisation import organisation
from baton.platform.tests.zone import Zone, name_server
from tests.cast import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(a_user("marketing_manager"))
    return client


@pytest.fixture
def zone(outside: Any):
    """A name server that knows acme.org, all in order."""
    zone = Zone(dict(ROWS))
    with name_server(zone) as place:
        outside.DNS_SERVERS = [place]
        yield zone


def ready(number: int = 2, **fields: Any) -> Broadcast:
    return an_email(number, **{"sender_email": "news@acme.org", "preheader": "Look", **fields})


def page(client: Client, broadcast: Broadcast, part: str = "") -> str:
    return client.get(f"/emails/{broadcast.pk}/{part}").content.decode()


def sent(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return not broadcast.is_draft


def test_all_in_order_is_one_line_and_goes_out(manager: Client, sent_home: Any) -> None:
    broadcast = ready(fields={"headline": "New"})
    told = page(manager, broadcast)
    assert "Nothing stands in the way" in told
    assert "mail catcher: the checks of the sending domain do not apply" in told
    assert 'hx-get="/emails/' not in told
    assert "Send to 2 people" in told
    manager.post(f"/emails/{broadcast.pk}/send/", {"when": "now"})
    assert sent(broadcast)


def test_the_page_asks_the_dns_in_a_part_of_its_own(manager: Client, zone: Zone) -> None:
    broadcast = ready()
    told = page(manager, broadcast)
    assert zone.asked == []
    assert f'hx-get="/emails/{broadcast.pk}/preflight/"' in told
    part = manager.get(f"/emails/{broadcast.pk}/preflight/", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="before"')
    assert "acme.org allows the hosts" in part
    assert "hx-get" not in part
    asked = len(zone.asked)
    assert "acme.org allows the hosts" in page(manager, broadcast)
    assert len(zone.asked) == asked  # kept
    page(manager, broadcast, "preflight/?fresh=1")
    assert len(zone.asked) > asked


def test_what_blocks_is_shown_with_its_mend_and_sending_refuses(manager: Client, zone: Zone) -> None:
    del zone.rows[("_dmarc.acme.org", "TXT")]
    broadcast = ready()
    told = page(manager, broadcast, "preflight/")
    assert "acme.org has no DMARC record" in told
    assert "v=DMARC1; p=none; rua=mailto:postmaster@acme.org" in told
    assert "One thing stands in the way" in told
    assert "Send to 2 people" not in told
    manager.post(f"/emails/{broadcast.pk}/send/", {"when": "now"})
    assert not sent(broadcast)
    with pytest.raises(actions.CannotSend, match="no DMARC record"):
        actions.send_email(broadcast, at=None, actor=a_user("marketer"), now=timezone.now())


def test_what_was_mended_a_moment_ago_no_longer_blocks(manager: Client, zone: Zone) -> None:
    record = zone.rows.pop(("_dmarc.acme.org", "TXT"))
    broadcast = ready()
    assert "no DMARC record" in page(manager, broadcast, "preflight/")
    zone.rows[("_dmarc.acme.org", "TXT")] = record
    assert "no DMARC record" in page(manager, broadcast, "preflight/")  # kept
    manager.post(f"/emails/{broadcast.pk}/send/", {"when": "now"})
    assert sent(broadcast)


def test_silence_of_the_dns_stops_nothing(manager: Client, outside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = Zone({}, mute=("acme.org", "_dmarc.acme.org", "14.215.184.93.in-addr.arpa"))
    monkeypatch.setattr(dns, "resolver", lambda *, asks=True: dns.Keeping(mute if asks else None))
    broadcast = ready()
    assert "did not answer about SPF" in page(manager, broadcast, "preflight/")
    manager.post(f"/emails/{broadcast.pk}/send/", {"when": "now"})
    assert sent(broadcast)


def test_a_block_is_overridden_with_a_reason_that_is_kept(manager: Client, sent_home: Any) -> None:
    broadcast = written(f"<mj-text>{'x' * 120_000}</mj-text>", sender_email="news@acme.org")
    finding = {"finding": "size.clipped", "reason": "  A long one, on purpose  "}
    manager.post(f"/emails/{broadcast.pk}/preflight/override/", finding | {"reason": " "})
    assert not Override.objects.exists()
    for _again in range(2):
        manager.post(f"/emails/{broadcast.pk}/preflight/override/", finding)
    kept = Override.objects.get()
    assert kept.reason == "A long one, on purpose"
    entry = JournalEntry.objects.get(verb="email.overridden")
    assert entry.facts["finding"] == "size.clipped"
    assert entry.facts["reason"] == kept.reason
    assert "A long one, on purpose" in page(manager, broadcast)
    assert reads.what_blocks(broadcast, timezone.now()) == []


def test_what_the_law_asks_for_is_never_overridden(sent_home: Any) -> None:
    broadcast, boss = ready(), a_user("administrator")
    house = organisation()
    house.postal_address = ""
    house.save()
    (block,) = reads.what_blocks(broadcast, timezone.now())
    with pytest.raises(CannotOverride, match="law"):
        override(broadcast, block.key, reason="I want to", actor=boss, now=timezone.now())
    Override.objects.create(broadcast=broadcast, finding=block.key, reason="by hand", actor=boss, at=timezone.now())
    assert reads.what_blocks(broadcast, timezone.now()) == [block]
    with pytest.raises(actions.CannotSend):
        actions.send_email(broadcast, at=None, actor=boss, now=timezone.now())
    assert not sent(broadcast)


def test_who_may_override(client: Client, sent_home: Any) -> None:
    broadcast = written(f"<mj-text>{'x' * 120_000}</mj-text>")
    address, finding = f"/emails/{broadcast.pk}/preflight/override/", {"finding": "size.clipped", "reason": "x"}
    for role in ("marketer", "operations"):
        client.force_login(a_user(role))
        assert client.post(address, finding).status_code == 403
        assert "Send in spite of it" not in page(client, broadcast)
    client.force_login(a_user("marketing_manager"))
    assert "Send in spite of it" in page(client, broadcast)
    assert client.get(address).status_code == 405


def test_what_does_not_block_is_not_overridden(sent_home: Any) -> None:
    with pytest.raises(CannotOverride):
        override(ready(), "size.clipped", reason="x", actor=a_user("administrator"), now=timezone.now())
    assert not Override.objects.exists()


@pytest.mark.parametrize(("complained", "said"), [(0, ""), (1, "near the limit"), (9, "over the limit")])
def test_complaints_near_the_limit_are_told(sent_home: Any, complained: int, said: str) -> None:
    now = timezone.now()
    ProviderCount.objects.create(
        message_kind="broadcast", message_id=1, day=now.date(), provider="yahoo", sent=1000, complained=complained,
        counted_at=now,
    )  # fmt: skip
    found = by_key(reads.before(ready(), now, asks=False).findings)
    assert ("complaints" in found) is bool(said)
    if said:
        assert found["complaints"].level == "warn"
        assert said in found["complaints"].what
        assert f"({complained} of 1000)" in found["complaints"].what


def test_a_draft_changed_meanwhile_is_not_sent(sent_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broadcast, boss = ready(), a_user("marketer")

    def changes(checked: Broadcast, now: Any) -> list:
        values, segments = {"subject": "Other"}, list(checked.segments.all())
        actions.save_email(Broadcast.objects.get(pk=checked.pk), values, segments, actor=boss, now=timezone.now())
        return []

    monkeypatch.setattr(actions, "what_blocks", changes)
    with pytest.raises(actions.CannotSend, match="just changed"):
        actions.send_email(broadcast, at=None, actor=boss, now=timezone.now())
    assert not sent(broadcast)


def test_the_page_of_the_domain(client: Client, zone: Zone) -> None:
    del zone.rows[("acme.org", "TXT")]
    ready()
    client.force_login(a_user("operations"))
    told = client.get("/deliverability/domains/").content.decode()
    assert "acme.org has no SPF record" in told
    assert "v=spf1 ip4:93.184.215.14 ~all" in told
    assert client.get("/deliverability/domains/?domain=acme.org&fresh=1").status_code == 200
    assert client.get("/deliverability/domains/?domain=elsewhere.org").status_code == 404
    assert "/deliverability/domains/" in client.get("/deliverability/").content.decode()


def test_no_domain_yet(client: Client, settings: Any) -> None:
    client.force_login(a_user("operations"))
    assert "No sending domain yet" in client.get("/deliverability/domains/").content.decode()


def test_the_page_stays_within_its_queries(manager: Client, sent_home: Any, django_assert_max_num_queries: Any) -> None:
    broadcast = ready()
    page(manager, broadcast)
    with django_assert_max_num_queries(40):
        page(manager, broadcast)


def test_a_part_for_a_segment_that_is_away_warns_and_leads_to_where_it_is_mended(manager, sent_home) -> None:
    broadcast = ready()
    customers = Segment.objects.create(name="Customers", rule={"all": []})
    part = f'<mj-section shown-to="segment-{customers.pk}"><mj-column><mj-text>Hi</mj-text></mj-column></mj-section>'
    source = mailing.source_of(broadcast).replace("</mj-body>", f"{part}</mj-body>")
    Broadcast.objects.filter(pk=broadcast.pk).update(mjml=source, has_own_source=True)
    assert "A part of it is for" not in page(manager, broadcast)
    Segment.objects.filter(pk=customers.pk).update(deleted_at=timezone.now())
    told = page(manager, broadcast)
    assert "A part of it is for the segment “Customers”, which is in the bin." in told
    assert f'href="/emails/{broadcast.pk}/visual/">Open the part in the editor' in told
    customers.delete()
    assert "which does not exist any more" in page(manager, broadcast)
    assert not reads.what_blocks(Broadcast.objects.get(), timezone.now())


def test_a_variants_part_is_looked_at_too(manager, sent_home) -> None:
    broadcast = ready()
    trial = Trial.objects.create(broadcast=broadcast)
    trial.variants.create(letter="B", subject="{% if contact.segments contains 999 %}Hi{% endif %}")
    told = page(manager, broadcast)
    assert "A part of it is for segment 999, which does not exist any more." in told
    assert f'href="/emails/{broadcast.pk}/ab-test/edit/">Open variant B' in told
