"""Reasons in plain words: what a refusal means, and what to do next."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

REASONS: dict[str, Words] = {
    "user_unknown": _("There is no such mailbox."),
    "host_unknown": _("The domain does not exist or takes no mail."),
    "no_mail": _("The domain says that it takes no mail."),
    "moved": _("The person no longer has this address."),
    "full": _("The mailbox is full."),
    "disabled": _("The mailbox is disabled or asleep."),
    "expired": _("It could not be delivered for days."),
    "network": _("The server could not be reached."),
    "system": _("The server had a problem of its own."),
    "greylisted": _("The server asked us to come again later."),
    "too_big": _("The mail is too big for it."),
    "content": _("Something in the mail's content was refused."),
    "virus": _("An attachment or link was held for malware."),
    "syntax": _("The two servers did not understand each other."),
    "authentication": _("Our mail was not proved to be ours: SPF, DKIM or DMARC failed."),
    "reputation": _("Our server or domain has a bad reputation there."),
    "blocked": _("Our server is blocked there."),
    "policy": _("A rule of the receiver refuses us."),
    "relay": _("The server does not take mail for this domain from us."),
    "ptr": _("Our server's address has no proper name (reverse DNS)."),
    "spam": _("The mail was held for spam."),
    "rate": _("We sent too much too quickly."),
    "sender_address": _("Our sender's address was refused."),
    "unclear": _("The server gave no reason."),
    "abuse": _("The person marked it as spam."),
    "opt-out": _("The person asked the provider to be taken off."),
    "": "",
}

NEXT: dict[str, Words] = {
    "dead_address": _("Nothing to do: the address is not mailed again. Correct it when you know the new one."),
    "mailbox": _("Nothing to do: it is tried again with the next mail and given up after weeks."),
    "message_refused": _("Look at the mail: its size, attachments and links."),
    "sender_refused": _("Ours to mend: the person stays as they are. Mend the cause, then resume the email."),
}

# What a sender's fault asks for; shown with the alert.
MEND: dict[str, Words] = {
    "authentication": _("Check SPF, DKIM and DMARC of the sender's domain."),
    "ptr": _("Give the sending server's address a name that leads back to it."),
    "blocked": _("Look the server's address up at the list that is named, and ask to be taken off."),
    "reputation": _("Send less, to those who read most, until it recovers."),
    "rate": _("Send more slowly to this provider."),
    "spam": _("Have the mail's words and links checked before sending on."),
    "relay": _("Check where SMTP_URL sends and that it signs in."),
    "sender_address": _("Check that the sender's address and domain exist and take mail."),
}

KINDS_OF_REPLY: dict[str, Words] = {
    "reply": _("Replied: %(subject)s"),
    "auto_reply": _("Automatic reply: %(subject)s"),
    "challenge": _("Asks us to prove that we are people: %(subject)s"),
}
