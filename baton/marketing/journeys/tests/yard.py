"""Journeys as real processes, whose workers can be killed.

Run as `python -m baton.marketing.journeys.tests.yard sink FILE | begin NUMBER | work`.
"""

from __future__ import annotations

from collections import Counter

from baton.marketing.email.tests import yard


class JourneyYard(yard.Yard):
    """A yard in which a journey runs."""

    MODULE = "baton.marketing.journeys.tests.yard"

    def work_until_through(self, people: int, seconds: float = 180) -> None:
        """A worker until everybody has finished."""
        worker = self.start("work")
        finished = "SELECT count(*) FROM marketing_journeyrun WHERE state = 'finished'"
        assert yard.wait_for(lambda: self.ask(finished) == [(people,)], seconds), self.complaints
        self.kill(worker)

    def amiss(self) -> list[str]:
        """Addresses that had more or fewer mails than the ledger says; of mails that are unknown there both may be."""
        handed = Counter(address for address, state in self.ask(yard.LEDGER) if state == "handed")
        unknown = Counter(address for address, state in self.ask(yard.LEDGER) if state == "unknown")
        taken = Counter(self.taken())
        return [
            address
            for address in {*handed, *unknown, *taken}
            if not handed[address] <= taken[address] <= handed[address] + unknown[address]
        ]


def _begin(number: str) -> None:
    """Everyone in a segment gets an email, is put on a list, goes one of two ways, and gets another email."""
    from django.utils import timezone

    from baton.marketing.email.tests.conftest import an_email
    from baton.marketing.journeys.tests.conftest import a_journey, running
    from baton.marketing.segments.models import ContactList

    now = timezone.now()
    everyone = an_email(int(number)).segments.get()
    everyone.members.update(entered_at=now)
    put_on = {"id": "l1", "kind": "list", "list": ContactList.objects.create(name="Welcomed").pk, "is_off": False}
    steps = [
        {"id": "e1", "kind": "email", "email": 1}, put_on,
        {"id": "s1", "kind": "split", "percent": 50, "a": [], "b": []},
        {"id": "e2", "kind": "email", "email": 2},
    ]  # fmt: skip
    running(a_journey(*steps, emails=2, segment=everyone, takes_members=True), timezone.now())


def _work() -> None:
    from baton.marketing.journeys import jobs, moving

    jobs.REST_SECONDS, moving.BATCH = 0.1, 100  # type: ignore[misc]
    yard.work()


if __name__ == "__main__":
    yard.obey(begin=_begin, work=_work)
