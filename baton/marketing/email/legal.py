"""What the law asks of every marketing mail: who sends it, where they are, and how to make it stop.

CAN-SPAM s. 5(a)(3)-(5) (15 U.S.C. 7704), CASL s. 6(2), ePrivacy directive art. 13(4). It has to stand in the mail of
everyone: a footer inside a condition is one that some do not get, so it does not count.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from baton.marketing.email.writing import UNSUBSCRIBE, Part, Writing, mark_of, plain_words
from baton.platform.organisation import Organisation


def faults(made: Writing, house: Organisation, sender_name: str) -> list[str]:
    """What a compiled email lacks, in sentences; empty when nothing. Such a mail is never handed over."""
    found = []
    if not house.postal_address.strip():
        found.append(_("The organisation has no postal address in the settings; the law asks for one in every mail."))
    if not (sender_name.strip() or house.name.strip()):
        found.append(_("Neither the sender nor the organisation has a name; the law asks who sends the mail."))
    if not all(mark_of(UNSUBSCRIBE) in part.of_everyone for part in (made.html, made.text)):
        found.append(_("The mail has no unsubscribe link. Put {{ unsubscribe_url }} into a link for everyone."))
    if not all(_shows_address(part, house.postal_address) for part in (made.html, made.text)):
        found.append(
            _("The mail does not show the postal address. Put {{ organisation.postal_address }} into it for everyone.")
        )
    return found


def _shows_address(part: Part, postal_address: str) -> bool:
    first = " ".join(postal_address.strip().partition("\n")[0].split())
    return not first or first in plain_words(part.of_everyone)
