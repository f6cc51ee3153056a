"""Why a hit is held for a machine's, in plain words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.marketing.reading.relays import names

REASONS: dict[str, str | Promise] = {
    "trap": _("Followed the hidden link that no person sees"),
    "head": _("Asked for the address only, not for the page (HEAD)"),
    "prefetch": _("A program looked ahead for its reader"),
    "all_links": _("Followed three links, or all, within seconds"),
    "too_early": _("Came within seconds of the mail's arrival"),
    "same_source": _("Came from where a machine gave itself away"),
    "no_agent": _("Did not say what program it is"),
    "not_known_when": _("It is not known when the mail arrived"),
    "preview": _("A preview for a chat or social network"),
    "assistant": _("An AI assistant"),
    "monitor": _("A program that watches websites"),
    "automation": _("A browser driven by a program"),
    "library": _("A program, not a browser"),
    "mail": _("A mail filter or proxy"),
    "scanner": _("A security scanner"),
    "crawler": _("A search engine or another crawler"),
}


def reason_words(reason: str) -> str:
    """A verdict's reason as a sentence's beginning; the key itself where nobody has words for it."""
    name = names().get(reason)
    if name is None:
        return str(REASONS.get(reason, reason))
    if reason.startswith("filter:"):
        return _now("The mail filter of %(name)s") % {"name": name}
    return _now("%(name)s, which loads pictures for its readers") % {"name": name}
