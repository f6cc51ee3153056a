"""The Jinja2 environment of all our pages."""

from __future__ import annotations

import json
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from baton.web.once import once_input
from baton.web.shell.components import Components
from baton.web.shell.formats import FILTERS
from baton.web.shell.navigation import address


def environment(**options: Any) -> Environment:
    """Autoescaping, strict about unknown names.

    Globals: `_`, `ngettext`, `url(name, **kwargs)`, `maybe_url(name)` ("" where not built), `static`,
    `may(permission)`, `once_input()` (web/once.py) and `ui` (every macro of templates/shell/ui). Filters:
    baton/web/shell/formats.py and `to_json`.
    """
    env = Environment(  # noqa: S701
        **{**options, "undefined": StrictUndefined},
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )  # fmt: skip
    env.globals.update(
        url=lambda name, **kwargs: reverse(name, kwargs=kwargs or None),
        maybe_url=address,
        static=static,
        once_input=once_input,
        may=_may,
        ui=Components(env),
        language=lambda: translation.get_language() or "en",
        direction=lambda: "rtl" if translation.get_language_bidi() else "ltr",
    )
    env.filters.update(FILTERS)
    env.filters["to_json"] = to_json
    return env


def to_json(value: Any) -> str:
    """JSON for a data attribute; autoescaping makes the quotes safe. Lazy strings and dates become text."""
    return json.dumps(value, default=str, separators=(",", ":"))


@pass_context
def _may(context: Context, permission: str) -> bool:
    user = context.get("user")
    return bool(user and user.is_authenticated and user.may(permission))
