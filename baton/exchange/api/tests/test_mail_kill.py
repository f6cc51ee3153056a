"""kill -9 of the web server and of the worker: a mail that was answered 202 goes out, and goes out once."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from baton.marketing.email.tests.yard import Yard, free_port, wait_for

MAILS, POSTERS, KILLS = 240, 3, 3
LANES = 2  # a worker hands urgent mail over beside its other work: two connections
LEDGER = """SELECT m.to_email, d.state FROM marketing_transactionalmail m
            LEFT JOIN people_delivery d ON d.id = m.delivery_id"""
A_SECRET = """
import django; django.setup()
from baton.exchange.api.tokens import make_token
from baton.platform.accounts.models import User
user = User.objects.create_user(email="m@acme.example", name="M", role="marketer")
print(make_token(user, name="Shop", scope="mails.send", actor=user)[1])
"""

pytestmark = [pytest.mark.slow, pytest.mark.own_sqlite]


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "home")
    made.start_sink()
    yield made
    made.end()


class Shop:
    """A program that asks for mails, each under its own key, again and again until the answer is 202."""

    def __init__(self, port: int, secret: str) -> None:
        self.accepted: list[str] = []
        self._port, self._stopped = port, threading.Event()
        self._head = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._asked: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(MAILS):
            self._asked.put(number)
        self._threads = [threading.Thread(target=self._post_all) for _ in range(POSTERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _post_all(self) -> None:
        while not self._stopped.is_set():
            try:
                number = self._asked.get_nowait()
            except queue.Empty:
                return
            while self._status(number) != 202:
                if self._stopped.wait(0.1):
                    return
            self.accepted.append(f"p{number}@them.example")

    def _status(self, number: int) -> int:
        """What the server answers; 0 where it does not."""
        mail = {"to": f"p{number}@them.example", "subject": "Your order", "html": "<p>Thank you</p>"}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            key = {"Idempotency-Key": f"order-{number}"}
            connection.request("POST", "/api/v1/mails", json.dumps(mail), self._head | key)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def test_a_mail_that_was_accepted_is_neither_lost_nor_doubled(yard: Yard) -> None:
    chance, port = random.Random(5), free_port()
    web, worker = yard.start_web(port), yard.start("work")
    shop = Shop(port, yard.told("-c", A_SECRET))
    try:
        for kill in range(1, KILLS + 1):
            least = MAILS * kill // (KILLS + 1) + chance.randrange(-20, 20)
            assert wait_for(lambda least=least: len(shop.accepted) >= least), yard.complaints
            yard.kill(web)
            yard.kill(worker)
            web, worker = yard.start_web(port), yard.start("work")
        assert wait_for(lambda: len(shop.accepted) == MAILS), yard.complaints
    finally:
        shop.stop()
    is_open = f"SELECT 1 FROM ({LEDGER}) AS mails WHERE state IN ('queued', 'claimed', 'deferred', 'waiting')"
    assert wait_for(lambda: not yard.ask(is_open)), yard.complaints
    toll = yard.toll(LEDGER)
    assert (toll.people, toll.lost, toll.doubled) == (MAILS, [], [])
    assert toll.unknown <= KILLS * LANES
