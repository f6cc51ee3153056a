"""`ui`: every macro of templates/shell/ui/ under one name, with the page's request and CSRF field in reach.

In a template: `{{ ui.badge(_("New"), "accent") }}`, `{% call ui.dialog("why", _("Why?")) %}...{% endcall %}`; nothing
needs importing. The macros are documented in their files and shown on /styleguide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context, Macro

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "shell" / "ui"
_PASSED = ("request", "csrf_input", "csrf_token", "user", "frame")


class Components:
    """Looks a macro up by name in whichever file holds it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._found: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._found:
            self._found[name] = self._caller(name)
        return self._found[name]

    @cached_property
    def _files(self) -> dict[str, str]:
        files = {}
        for path in sorted(FOLDER.glob("*.html")):
            file = f"shell/ui/{path.name}"
            module = self._environment.get_template(file).make_module()
            files.update({name: file for name, thing in vars(module).items() if isinstance(thing, Macro)})
        return files

    def _caller(self, name: str) -> Callable[..., Any]:
        if name not in self._files:
            raise AttributeError(f"no macro {name} in templates/shell/ui")
        file = self._files[name]

        @pass_context
        def component(context: Context, *args: Any, **kwargs: Any) -> Any:
            return getattr(self._module(context, file), name)(*args, **kwargs)

        return component

    def _module(self, context: Context, file: str) -> Any:
        # One module per file and request: making it costs more than a macro's call, and rows call them often.
        request = context.get("request")
        passed = {key: context.get(key) for key in _PASSED}
        if request is None:
            return self._environment.get_template(file).make_module(passed)
        modules = request.__dict__.setdefault("_baton_ui", {})
        if file not in modules:
            modules[file] = self._environment.get_template(file).make_module(passed)
        return modules[file]
