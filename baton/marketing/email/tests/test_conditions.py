"""Parts that only the members of a segment get."""

from __future__ import annotations

import pytest
from django.utils import timezone

from baton.marketing.email import actions, mailing
from baton.marketing.email.tests.conftest import an_email
from baton.marketing.email.writing import with_conditions, write
from baton.marketing.segments.models import Segment, SegmentMember
from baton.people.contacts.models import Contact
from baton.platform import jobs
from tests.cast import a_user

SOURCE = """<mjml><mj-body>
<mj-section shown-to="segment-{pk}"><mj-column><mj-text>For members</mj-text></mj-column></mj-section>
<mj-section shown-to="not-segment-{pk}"><mj-column><mj-text>For the others</mj-text></mj-column></mj-section>
<mj-section><mj-column><mj-text>{{{{ organisation.name }}}} {{{{ organisation.postal_address }}}}
<a href="{{{{ unsubscribe_url }}}}">Unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>"""


def test_a_section_becomes_a_test_round_itself() -> None:
    made = with_conditions('<mj-section padding="0" shown-to="segment-7" css-class="x"><a/></mj-section><b/>')
    assert made == (
        "<mj-raw>{% if contact.segments contains 7 %}</mj-raw>"
        '<mj-section padding="0" css-class="x"><a/></mj-section><mj-raw>{% endif %}</mj-raw><b/>'
    )
    nested = '<mj-wrapper shown-to="segment-1"><mj-section shown-to="segment-2"></mj-section></mj-wrapper>'
    assert with_conditions(nested).count("{% if contact.segments contains") == 2
    assert with_conditions(nested).count("{% endif %}") == 2
    assert with_conditions('<mj-section shown-to="everyone"/>') == '<mj-section shown-to="everyone"/>'


def test_only_the_segments_that_are_asked_for_are_looked_up() -> None:
    made = write(
        subject="{% if contact.segments contains 3 %}A{% endif %}", source=SOURCE.format(pk=7), text="", known={}
    )
    assert made.segments == {3, 7}
    assert write(subject="Hi", source="<mjml><mj-body></mj-body></mjml>", text="", known={}).segments == frozenset()


@pytest.mark.django_db(transaction=True)
def test_each_reader_gets_the_part_of_their_segment(sent_to) -> None:
    inner = Segment.objects.create(
        name="Customers", rule={"all": [{"attribute": "first_name", "op": "is", "value": "Ada0"}]}
    )
    draft = an_email(2, has_own_source=True, mjml=SOURCE.format(pk=inner.pk))
    member = Contact.objects.get(first_name="Ada0")
    SegmentMember.objects.create(segment=inner, contact=member, entered_at=timezone.now())
    shown = mailing.Example(draft, contact=member)
    assert "For members" in shown.html
    assert "For the others" not in shown.html
    assert "For the others" in mailing.Example(draft, contact=Contact.objects.get(first_name="Ada1")).html
    actions.send_email(draft, at=None, actor=a_user("manager"), now=timezone.now())
    jobs.run_due(limit=50)
    by_reader = {mail["To"]: mail.get_body(("html",)).get_content() for mail in sent_to()}
    assert {reader: "For members" in page for reader, page in by_reader.items()} == {
        "Ada0 Love <p0@them.example>": True,
        "Ada1 Love <p1@them.example>": False,
    }
    assert all(
        "For members" in mail.get_body(("plain",)).get_content() or mail["To"].startswith("Ada1") for mail in sent_to()
    )
