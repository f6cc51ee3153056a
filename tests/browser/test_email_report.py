"""The day after a mailing, in a real browser: from the mail with its links numbered to a segment of who clicked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from baton.marketing.email.mailing import Mailing
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.reading.actions import settle
from baton.marketing.reading.models import MailHit
from baton.marketing.segments.models import Segment
from baton.people.contacts.models import Contact
from baton.people.deliveries.models import Delivery
from tests.browser.axe import grave_faults
from tests.browser.pages import sign_in, visit
from tests.cast import NOW, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "events"])]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_marketer_goes_from_a_link_on_the_mail_to_a_segment(page: Any, live_server: Any, theme: str) -> None:
    email = an_email(3, state="sent", started_at=NOW, filled_at=NOW, ended_at=NOW)
    (link,) = Mailing(email).link_rows()
    for contact in Contact.objects.all():
        Delivery.objects.create(
            message_kind="broadcast", message_id=email.pk, contact=contact, state="handed", handed_at=NOW
        )
    for delivery in Delivery.objects.all()[:2]:
        at = NOW + timedelta(hours=1)
        MailHit.objects.create(delivery=delivery, broadcast=email, kind="click", link=link, at=at, agent="Firefox")
    settle(list(Delivery.objects.values_list("pk", flat=True)), now=timezone.now())
    user = a_user("marketer")
    page.emulate_media(color_scheme=theme)
    sign_in(page, live_server, user)
    visit(page, f"{live_server.url}/emails/{email.pk}/")
    assert grave_faults(page) == []
    _click_a_point(page)
    page.wait_for_url("**/people/?*")
    visit(page, f"{live_server.url}/emails/{email.pk}/")
    page.frame_locator("iframe.preview").locator("text=1 · 100%").first.click()
    page.wait_for_selector("h1 >> text=Clicked")
    assert page.locator("tbody tr").count() == 2
    assert grave_faults(page) == []
    page.click("text=Make a segment")
    page.wait_for_selector(".sentence")
    assert Segment.objects.filter(rule={"all": [{"message": "clicked", "email": email.pk, "link": link.pk}]}).exists()


def _click_a_point(page: Any) -> None:
    """Move along the chart by the hour until the pointer says that there is somebody behind it, and click."""
    canvas = page.locator("figure[data-chart] canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for x in range(0, int(box["width"]), 4):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
        if canvas.evaluate("one => getComputedStyle(one.parentElement).cursor") == "pointer":
            page.mouse.down()
            page.mouse.up()
            return
    pytest.fail("no point of the chart leads to anybody")
