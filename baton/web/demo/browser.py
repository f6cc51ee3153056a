"""A small browser for the headless walk: one person's session, forms filled as they stand on the page."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx


class Form:
    """One form of a page: where it goes and what it would send as it stands."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: list[tuple[str, str]] = []


class _Forms(HTMLParser):
    """Collects the forms of a page with the values that their fields hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(values.get("action", ""))
            self.found.append(self._form)
        if self._form is None:
            return
        if tag == "input" and values.get("name"):
            is_box = values.get("type") in ("checkbox", "radio")
            if values.get("type") != "submit" and (not is_box or "checked" in values):
                self._form.fields.append((values["name"], values.get("value", "on" if is_box else "")))
        elif tag == "select":
            self._select = (values.get("name", ""), [])
        elif tag == "option" and self._select:
            self._select[1].append((values.get("value", ""), "selected" in values))
        elif tag == "textarea":
            self._area = [values.get("name", ""), ""]

    def handle_data(self, text: str) -> None:
        if self._area is not None:
            self._area[1] += text

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen] or [value for value, _no in options[:1]]
            self._form.fields += [(name, value) for value in chosen[:1]]
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._form.fields.append((self._area[0], self._area[1].strip()))
            self._area = None


def form_of(html: str, action: str) -> Form | None:
    """The first form whose action contains `action`; an empty `action` finds one that posts to its own page."""
    parser = _Forms()
    parser.feed(html)
    fits = (form for form in parser.found if (action in form.action if action else not form.action))
    return next(fits, None)


def filled(form: Form, /, **values: str) -> dict[str, list[str]]:
    """What the form sends with some values typed in; of several fields of a name the first is typed into."""
    sent: dict[str, list[str]] = {}
    for name, value in form.fields:
        sent.setdefault(name, []).append(value)
    for name, value in values.items():
        sent[name] = [value, *sent.get(name, [""])[1:]]
    return sent


def submit(client: httpx.Client, form: Form, base: str, /, **values: str) -> httpx.Response:
    """Send the form as the page would, with some values typed in."""
    return client.post(form.action or str(base), data=filled(form, **values), headers={"Referer": base})
