"""The one organisation this installation serves: its name, address, zone, currency and fiscal year."""

from django.conf import settings
from django.db import models


class Organisation(models.Model):
    """One row, made on first use. The postal address stands in every mail's footer, as the law asks."""

    name = models.CharField(max_length=150, default="My company")
    postal_address = models.TextField(default="", blank=True)
    zone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    fiscal_year_starts = models.PositiveSmallIntegerField(default=1)
    website = models.URLField(default="", blank=True)

    def __str__(self) -> str:
        return self.name


def organisation() -> Organisation:
    """The organisation's row; made from the environment's zone and currency when there is none yet."""
    found = Organisation.objects.first()
    return found or Organisation.objects.create(
        zone=settings.ORGANISATION_ZONE, currency=settings.ORGANISATION_CURRENCY
    )


def zone_of_days() -> str:
    """The zone in which the organisation's days begin; asking makes no row."""
    return Organisation.objects.values_list("zone", flat=True).first() or settings.ORGANISATION_ZONE
