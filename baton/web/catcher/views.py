"""The mail catcher's pages. Open without signing in, for the newcomer plays the lead; only while mail is caught."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from baton.platform.accounts.access import public
from baton.platform.mail.transport import is_catching
from baton.web.catcher import letters

# Links work (in a new window), scripts and forms do not, and the frame has no origin: a mail is anybody's text.
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src * data:; "
    "style-src 'unsafe-inline'; font-src *; frame-ancestors 'self'"
)


@public
def catcher(request: HttpRequest, letter: str = "") -> HttpResponse:
    """The newest mails and the one that is open; 404 where mail really leaves the house."""
    _only_when_catching()
    to = request.GET.get("to", "").strip()[:254]
    found = letters.newest(to)
    chosen = letters.letter(letter) if letter else (letters.letter(found[0].name) if found else None)
    if letter and chosen is None:
        raise Http404
    context = {"letters": found, "chosen": chosen, "to": to, "is_newest": not letter}
    part = "catcher/_letters.html" if request.headers.get("HX-Request") else "catcher/catcher.html"
    return render(request, part, context)


@xframe_options_sameorigin
@public
def caught_html(request: HttpRequest, letter: str) -> HttpResponse:
    """The mail's HTML for the frame."""
    _only_when_catching()
    found = letters.letter(letter)
    if found is None:
        raise Http404
    page = found.html.replace("<head>", '<head><base target="_blank">', 1) if found.html else ""
    return HttpResponse(page or found.text, headers={"Content-Security-Policy": FRAME_POLICY},
                        content_type=f"text/{'html' if page else 'plain'}; charset=utf-8")  # fmt: skip


def _only_when_catching() -> None:
    if not is_catching():
        raise Http404
