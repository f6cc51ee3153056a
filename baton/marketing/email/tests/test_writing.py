"""Writing: templates, Liquid with limits, links, and nothing of a contact that breaks out of its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.marketing.email import designs
from baton.marketing.email.rules import subject_shown, with_campaign
from baton.marketing.email.writing import PIXEL, BadWriting, compile_mjml, plain_words, write

MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>%s</mj-text></mj-column></mj-section></mj-body></mjml>"
KNOWN = {"organisation": {"name": "Acme", "postal_address": "1 Way"}, "topic": {"label": "News"}, "preheader": ""}


def written(text: str, **person: str) -> str:
    made = write(subject="s", source=MJML % text, text="", known=KNOWN)
    slots = {"unsubscribe": "U", "preferences": "P", PIXEL: ""} | {f"c{n}": f"C{n}" for n in range(len(made.links))}
    return made.html.words({"contact": {name: value or None for name, value in person.items()}}, slots)


@pytest.mark.parametrize("key", designs.DESIGNS)
def test_templates_compile_and_show_what_the_law_asks(key: str) -> None:
    page = compile_mjml(designs.source_of(key, designs.first_fields(key)))
    assert "{{ unsubscribe_url }}" in page
    assert "organisation.postal_address" in page
    assert "[[" not in page
    assert "[[" not in compile_mjml(designs.source_of(key, {}))


def test_fallbacks_and_conditions() -> None:
    text = 'Hi {{ contact.first_name | default: "there" }}{% if contact.city %} in {{ contact.city }}{% endif %}!'
    assert "Hi Ada in Köln!" in written(text, first_name="Ada", city="Köln")
    assert "Hi there!" in written(text, first_name="", city="")


@pytest.mark.parametrize("output", ["{{ contact.city }}", "{{ contact.city | default: 'a & b' }}"])
@given(city=st.text(max_size=20) | st.sampled_from(["", " ", "<b>&\"'"]))
def test_a_plain_field_reads_as_liquid_would_write_it(output: str, city: str) -> None:
    by_liquid = write(subject="{% if true %}" + output + "{% endif %}", source=MJML % "x", text="", known=KNOWN)
    plain = write(subject=output, source=MJML % ("{% if true %}" + output + "{% endif %}"), text="", known=KNOWN)
    page = write(subject="", source=MJML % output, text="", known=KNOWN)
    assert plain.subject.plain
    assert page.html.plain
    person, slots = {"contact": {"city": city or None}}, {"unsubscribe": "", "preferences": "", PIXEL: ""}
    assert plain.subject.words(person, slots) == by_liquid.subject.words(person, slots)
    assert page.html.words(person, slots) == plain.html.words(person, slots)


@given(st.text(max_size=60))
def test_a_contacts_words_never_become_markup(value: str) -> None:
    page = written("<b>{{ contact.first_name }}</b>", first_name=f"<script>{value}{{{{ x }}}}".replace("\ue000", ""))
    assert "<script>" not in page


def test_links_are_counted_once_and_also_inside_conditions() -> None:
    text = '<a href="https://a.example/?x=1&amp;y=2">a</a>'
    text += '{% if contact.first_name %}<a href="https://b.example/">b</a>{% endif %}'
    made = write(subject="s", source=MJML % text, text="see https://a.example/?x=1&y=2.", known=KNOWN)
    assert made.links == ["https://a.example/?x=1&y=2", "https://b.example/"]
    page = written(text, first_name="x")
    assert 'href="C0"' in page
    assert 'href="C1"' in page


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..40) %}{% for j in (1..40) %}{% for k in (1..40) %}x{% endfor %}{% endfor %}{% endfor %}",
        '{% assign x = "aaaaaaaaaaaaaaaaaaaa" %}{% for i in (1..1900) %}{% assign x = x | append: x %}{% endfor %}',
        "{% include 'settings' %}",
        "{{ contact.first_name ",
        "{% if %}",
    ],
)
def test_what_has_no_end_or_no_sense_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(BadWriting):
        written(text, first_name="x")
    assert time.monotonic() - started < 20


def test_only_the_contacts_words_can_be_reached() -> None:
    assert "[]" in written("[{{ contact.__class__ }}{{ contact.password }}{{ settings }}]", first_name="x")


def test_broken_source_is_told_in_words() -> None:
    with pytest.raises(BadWriting, match="MJML"):
        compile_mjml("<mjml><mj-body><oops")


def test_plain_text_keeps_links() -> None:
    assert plain_words('<p>Hi<br/>you</p><p><a href="https://x.example">Go</a></p>') == "Hi\nyou\nGo https://x.example"


def test_campaign_words_are_added_once() -> None:
    assert with_campaign("https://x.example/a", "s").endswith("a?utm_source=email&utm_medium=email&utm_campaign=s")
    assert with_campaign("https://x.example/?utm_source=x", "s") == "https://x.example/?utm_source=x"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("News", "News"),
        ('{{ contact.first_name | default: "Hello" }}: three things', "Hello: three things"),
        (
            "For {{contact.first_name}} at {{ contact.company.name|default:'your company' }}",
            "For [first name] at your company",
        ),
        ("{{ broken", "{{ broken"),
    ],
)
def test_a_list_shows_the_subject_without_markup(subject: str, shown: str) -> None:
    assert subject_shown(subject) == shown


@pytest.mark.parametrize("key", designs.DESIGNS)
def test_every_template_compiles_with_its_footer_and_fetches_nothing(key: str) -> None:
    source = designs.source_of(key, designs.first_fields(key))
    page = compile_mjml(source)
    assert "[[" not in page
    assert "{{ unsubscribe_url }}" in page
    assert "{{ organisation.postal_address" in page
    assert "<img" not in page
    assert "<link" not in page
    empty = compile_mjml(designs.source_of(key, {}))
    assert "[[" not in empty


def test_line_ends_of_browsers_are_read() -> None:
    assert "Hi" in compile_mjml((MJML % "Hi").replace("\n", "\r\n").replace("><", ">\r\n<"))
