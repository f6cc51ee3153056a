"""The mails of an email with variants: each delivery's row names the one that is made for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from baton.marketing.email import legal
from baton.marketing.email.mailing import Mailing, writing_of
from baton.marketing.email.models import Broadcast
from baton.marketing.email.writing import BadWriting
from baton.marketing.trials.models import Trial, trial_of
from baton.people.deliveries.models import Delivery
from baton.platform.db import among
from baton.platform.organisation import organisation


def mailings_of(broadcast: Broadcast) -> dict[str, Mailing]:
    """A mailing by letter for each variant but the email itself; empty without an A/B test. Raises BadWriting."""
    trial = trial_of(broadcast)
    if trial is None:
        return {}
    return {variant.letter: Mailing(variant.of(broadcast)) for variant in trial.variants.all()}


def chosen(mailings: Mapping[str, Mailing], deliveries: Iterable[int]) -> dict[int, Mailing]:
    """Which of the variants' mailings each delivery is of; those of the email itself are left out."""
    if not mailings:
        return {}
    rows = Delivery.objects.filter(pk__in=among(deliveries)).exclude(variant="").values_list("pk", "variant")
    return {pk: mailings[letter.upper()] for pk, letter in rows if letter.upper() in mailings}


def faults_of(trial: Trial, broadcast: Broadcast) -> list[str]:
    """What keeps the variants from going out, each with its letter; empty when nothing."""
    house, found = organisation(), []
    for variant in trial.variants.all():
        own = variant.of(broadcast)
        try:
            wrong = legal.faults(writing_of(own, house), house, own.sender_name)
        except BadWriting as error:
            wrong = [str(error)]
        found += [f"{variant.letter}: {one}" for one in wrong]
    return found
