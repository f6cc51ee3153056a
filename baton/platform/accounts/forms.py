"""What a person may change about themselves."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from baton.platform.accounts.models import User
from baton.platform.dates import known_zones

# Formats of numbers, money and dates; the words follow as far as they are translated.
LOCALES = ["en", "en_GB", "de", "fr", "es", "it", "nl", "pl", "pt", "pt_BR", "sv", "da", "cs", "ja", "zh"]
UNTRANSLATED = {"translate": "no"}  # names of places and languages stay as they are


@lru_cache
def zone_choices() -> list[tuple[str, str]]:
    """Every named zone of the tz database, UTC first."""
    names = sorted(name for name in known_zones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *[(name, name.replace("_", " ")) for name in names]]


@lru_cache
def locale_choices() -> list[tuple[str, str]]:
    """Each language in its own words."""
    shipped = {code for code, _name in settings.LANGUAGES}
    names = [(code, Locale.parse(code).get_display_name(code) or code) for code in LOCALES]
    return [(code, name[:1].upper() + name[1:]) for code, name in sorted(names, key=lambda one: one[0] not in shipped)]


class ProfileForm(forms.ModelForm):
    """Name, zone, formats, and whether new leads pass one by."""

    zone = forms.ChoiceField(
        choices=zone_choices,
        label=_("Time zone"),
        help_text=_("Times are shown in it."),
        widget=forms.Select(attrs=UNTRANSLATED),
    )
    locale = forms.ChoiceField(
        choices=locale_choices,
        label=_("Language and formats"),
        help_text=_("Numbers, money and dates are written this way."),
        widget=forms.Select(attrs=UNTRANSLATED),
    )

    class Meta:
        model = User
        fields = ["name", "zone", "locale", "is_away"]
        labels = {"is_away": _("I am away: give new leads to others")}
