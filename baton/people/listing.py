"""What the lists of people share."""

from __future__ import annotations

import re

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User
from baton.platform.errors import Refusal
from baton.platform.lists.listing import BulkField, Text
from baton.platform.record import fitted


def source_words(source: str) -> str:
    """ "organic_search" is "Organic search"; codes of two letters stay as they are."""
    return source if source.isupper() else source.replace("_", " ").capitalize()


def text_field(model: type[models.Model], name: str, label: Text) -> BulkField:
    """A field of text; empty takes the text out."""

    def read(text: str, user: User) -> str:
        return fitted(model, name, text.replace("\x00", ""))

    return BulkField(name, label, read)


def country_field() -> BulkField:
    """A country by its ISO 3166 code of two letters."""

    def read(text: str, user: User) -> str:
        if text and not re.fullmatch("[A-Za-z]{2}", text):
            raise Refusal(_now("Nothing was changed: write a country as its code of two letters, such as DE."))
        return text.upper()

    return BulkField("country", _("Country"), read)
