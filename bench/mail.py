"""Mailing: messages/s from click to the last hand-over, beside smtp-source (the limit) and smtplib + EmailMessage.

bin/bench mail [--people N] [--workers N] [--quick] [--postgres URL] [--rsa | --unsigned]. A fresh installation on
SQLite or PostgreSQL, real `baton work` processes, 10 KB of HTML and text with five merge fields and three tracked
links, into Postfix's smtp-sink where it is installed (else a small sink of our own): once unsigned, once signed with
RSA-2048. `--memory` instead tells what all processes hold at 10,000 and at a million people, in the first seconds of
sending.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
SINK, SOURCE = "/usr/sbin/smtp-sink", "/usr/sbin/smtp-source"
BATCH, MEMORY_SIZES, MEMORY_SECONDS = 10_000, (10_000, 1_000_000), 20
SESSIONS, START_SECONDS, LOOK_SECONDS = 8, 4, 0.25
AIMS = {"unsigned": 5000, "RSA-2048": 2500}
WORDS = "What a season brings is rarely what was planned, and that is why we write. " * 60
MJML = f"""<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{{{ contact.first_name | default: "you" }}}} {{{{ contact.last_name }}}},</mj-text>
<mj-text>{WORDS}</mj-text>
<mj-text>How is {{{{ contact.city | default: "your town" }}}}, {{{{ contact.job_title }}}} of {{{{ contact.company }}}}?
</mj-text>
<mj-button href="https://www.acme.example/one">Read on</mj-button>
<mj-button href="https://www.acme.example/two?x=1">Look</mj-button>
<mj-text><a href="https://www.acme.example/three">More</a> <a href="{{{{ unsubscribe_url }}}}">Unsubscribe</a>
{{{{ organisation.name }}}} {{{{ organisation.postal_address }}}}</mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def main() -> None:
    from lists import a_home, a_postgres

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--quick", action="store_true", help="a tenth of the people")
    asked.add_argument(
        "--postgres", default=os.environ.pop("DATABASE_URL", ""), help="a server that may make databases"
    )
    asked.add_argument("--memory", action="store_true", help="what it holds instead of how quick it is")
    kinds = asked.add_mutually_exclusive_group()
    kinds.add_argument("--unsigned", dest="kinds", action="store_const", const=["unsigned"], default=list(AIMS))
    kinds.add_argument("--rsa", dest="kinds", action="store_const", const=["RSA-2048"])
    given = asked.parse_args()
    people = given.people // 10 if given.quick else given.people
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(a_sink())
        os.environ["SMTP_URL"] = f"smtp://127.0.0.1:{sink}"
        stack.enter_context(a_postgres(given.postgres, "") if given.postgres else a_home(""))
        house = House(given.workers)
        if given.memory:
            for size in MEMORY_SIZES:
                house.fill(size)
                print_memory(house, size)
            return
        house.fill(people)
        size = house.size_of_mail()
        limit = from_source(sink, people, size)
        of = f"{people:,} mails of {size:,} bytes"
        print(f"mail    limit       {limit:7.0f} messages/s   smtp-source, {SESSIONS} sessions, {of}")
        bare_rate = bare(sink, people // 5, size)
        print(
            f"mail    bare        {bare_rate:7.0f} messages/s   our client alone, one connection, one message for all"
        )
        naive = plain_loop(sink, people // 50)
        print(f"mail    plain       {naive:7.0f} messages/s   smtplib + EmailMessage, one connection")
        for kind in given.kinds:
            print_sending(house, kind, limit)


def print_sending(house: House, kind: str, limit: float) -> None:
    """One email to everybody: the four figures of the issue's table."""
    done = house.send(kind)
    of = f"{house.vendor}, {house.people:,} people, {house.workers} workers, {kind}"
    print(f"mail    whole       {done.whole:7.0f} messages/s   from click to the last hand-over, {of}")
    share = f"{done.sending / limit:.2f} of the limit"
    print(
        f"mail    sending     {done.sending:7.0f} messages/s   once the ledger is filled ({share}), aim {AIMS[kind]:,}"
    )
    print(f"mail    per core    {done.per_core:7.0f} messages a CPU second of the workers, database server apart")
    print(f"mail    ledger      {done.ledger:7.0f} rows/s       audience to ledger, aim 50,000")
    print(f"mail    memory      {done.memory:7.0f} MB           all workers at their most, aim 300")


def print_memory(house: House, size: int) -> None:
    memory = house.memory_of_sending(MEMORY_SECONDS)
    of = f"{house.workers} workers at their most, {size:,} people"
    print(f"mail    memory      {memory:7.0f} MB           {of}, aim 300")


class Done(NamedTuple):
    """What one email's sending reached: messages/s, twice, messages a CPU second, rows/s, MB."""

    whole: float
    sending: float
    per_core: float
    ledger: float
    memory: float


class House:
    """A fresh installation with people who agreed, and `workers` processes that work when asked to."""

    def __init__(self, workers: int) -> None:
        os.environ["DJANGO_SETTINGS_MODULE"] = "baton.web.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection
        from django.utils import timezone

        from baton.marketing.scoring.actions import ensure_default_rules
        from baton.marketing.scoring.models import ScoreRule
        from baton.marketing.segments.models import Segment
        from baton.people.consent.models import ConsentTopic
        from baton.platform.accounts.models import User
        from baton.platform.organisation import organisation

        for alias in ("default", "events"):
            call_command("migrate", database=alias, verbosity=0)
        ensure_default_rules()
        ScoreRule.objects.update(is_active=False)  # people out of nowhere would all be scored first
        house = organisation()
        house.name, house.postal_address, house.website = "Acme & Sons", "1 Long Way\nTown", "https://acme.example"
        house.save()
        self.workers, self.people, self.vendor = workers, 0, connection.vendor
        self._now = timezone.now
        self._topic, _ = ConsentTopic.objects.get_or_create(key="newsletter", defaults={"label": "Newsletter"})
        self._segment = Segment.objects.create(name="All", rule={"all": [{"attribute": "email", "op": "known"}]})
        self._user = User.objects.create_user(email="m@acme.example", name="M", role="marketer")

    def fill(self, people: int) -> None:
        """So many contacts who agreed, all in one segment, a day ago: segments have looked at them by now."""
        from django.db import connection, transaction

        from baton.marketing.segments.models import SegmentMember
        from baton.people.consent.models import Consent
        from baton.people.contacts.models import Contact

        yesterday = self._now() - timedelta(days=1)
        for start in range(self.people, people, BATCH):
            with transaction.atomic():
                made = Contact.objects.bulk_create(
                    Contact(
                        first_name=f"Ada{n}", last_name="Love", email=f"p{n}@them{n % 50}.example", city="Essen",
                        job_title="Engineer", changed_at=yesterday,
                    )
                    for n in range(start, min(start + BATCH, people))
                )  # fmt: skip
                given = {"topic": self._topic, "state": "given", "since": self._now()}
                Consent.objects.bulk_create(Consent(contact=one, **given) for one in made)
                stays = (SegmentMember(segment=self._segment, contact=one, entered_at=self._now()) for one in made)
                SegmentMember.objects.bulk_create(stays)
        self.people = people
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def size_of_mail(self) -> int:
        """Bytes of one person's mail."""
        from baton.marketing.email.audience import people_of
        from baton.marketing.email.mailing import Mailing
        from baton.people.contacts.models import Contact

        first = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
        person = people_of([first])[first]
        return len(Mailing(self._email()).envelope(1, person, is_measured=False, now=self._now()).message)

    def send(self, kind: str) -> Done:
        """Click on Send and wait for the last hand-over."""
        if kind == "RSA-2048":
            self._make_key()
        from django.db.models import Count

        with working(self.workers) as workers:
            broadcast, clicked, scheduled = self._clicked()
            while self._state_of(broadcast) != "sent":
                workers.look()
            cpu = workers.cpu()
        broadcast.refresh_from_db()
        states = list(broadcast.message.rows().order_by().values_list("state").annotate(n=Count("pk")))
        if states != [("handed", self.people)]:
            raise SystemExit(f"not everybody was sent to: {states}")
        whole = (broadcast.ended_at - clicked).total_seconds()
        sending = (broadcast.ended_at - broadcast.filled_at).total_seconds()
        filling = (broadcast.filled_at - scheduled).total_seconds()
        return Done(
            self.people / whole, self.people / sending, self.people / cpu, self.people / filling, workers.memory
        )

    def memory_of_sending(self, seconds: float) -> float:
        """MB that all workers held at most from the click until so long after the ledger was filled."""
        from baton.marketing.email.models import Broadcast

        with working(self.workers) as workers:
            broadcast, _clicked, _scheduled = self._clicked()
            while self._state_of(broadcast) == "scheduled":
                workers.look()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                workers.look()
            Broadcast.objects.filter(pk=broadcast.pk).update(state="cancelled")
        return workers.memory

    def _state_of(self, broadcast: Any) -> str:
        broadcast.refresh_from_db(fields=["state"])
        return str(broadcast.state)

    def _email(self) -> Any:
        from baton.marketing.email.models import Broadcast

        made = Broadcast.objects.create(
            name="News", subject="Hi {{ contact.first_name }}", sender_name="Acme", sender_email="news@acme.example",
            topic=self._topic, mjml=MJML, has_own_source=True,
        )  # fmt: skip
        made.segments.add(self._segment)
        return made

    def _clicked(self) -> tuple[Any, datetime, datetime]:
        """An email that is asked to go out, the moment of the click and the one at which it was scheduled."""
        from baton.marketing.email.actions import send_email

        clicked = self._now()
        return send_email(self._email(), at=None, actor=self._user, now=clicked), clicked, self._now()

    def _make_key(self) -> None:
        from django.conf import settings

        from baton.platform.mail.dkim import make_key

        make_key(settings.BATON_HOME / "keys", "acme.example", "s1")


class Workers:
    """Processes of `baton work`, read through /proc. `memory`: MB of all at once, pages they share counted once, at
    most of what `look` saw.
    """

    def __init__(self, processes: list[subprocess.Popen]) -> None:
        self._processes = processes
        self._before = sum(map(cpu_seconds, processes))
        self.memory = 0.0

    def cpu(self) -> float:
        """CPU seconds of all since they began to wait for work."""
        return sum(map(cpu_seconds, self._processes)) - self._before

    def look(self) -> None:
        """Wait a little, then see what they hold."""
        time.sleep(LOOK_SECONDS)
        self.memory = max(self.memory, sum(map(own_memory, self._processes)))


def own_memory(process: subprocess.Popen) -> float:
    """MB of a process, shared pages by their share."""
    said = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process.pid}/smaps_rollup").read_text(), re.M)
    return int(said[1]) / 1024 if said else 0


def cpu_seconds(process: subprocess.Popen) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def working(number: int) -> Iterator[Workers]:
    """So many workers that have done all there was to do; ended afterwards."""
    from django.utils import timezone

    from baton.platform.jobs.models import Job
    from baton.web.commands.work import start_worker

    begun = Job.objects.exclude(state="waiting", run_at__gt=timezone.now()).exclude(state__in=["done", "failed"])
    with tempfile.TemporaryDirectory() as without:
        # pyarrow loads pandas where it is, and only who develops has it (requirements/dev.in: chdb)
        (Path(without) / "pandas.py").write_text("raise ImportError")
        environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{without}"}
        processes = [start_worker(env=environ, cwd=ROOT) for _ in range(number)]
        try:
            time.sleep(START_SECONDS)
            while begun.exists():
                time.sleep(LOOK_SECONDS)
            yield Workers(processes)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


@contextlib.contextmanager
def a_sink() -> Iterator[int]:
    """A sink that takes everything, on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        if os.path.exists(SINK):
            user = ["-u", "nobody"] if os.geteuid() == 0 else []
            sink = subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "1000"])
        else:
            yard = [sys.executable, "-m", "baton.marketing.email.tests.yard", "sink", f"{folder}/taken"]
            sink = subprocess.Popen(yard, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            port = int(sink.stdout.readline())  # type: ignore[union-attr]
            print("sink: our own (Postfix's smtp-sink is not installed)")
        try:
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield port
        finally:
            sink.terminate()
            sink.wait()


def from_source(port: int, number: int, size: int) -> float:
    """Messages/s of Postfix's own generator; of our bare client where it is not installed."""
    if not os.path.exists(SOURCE):
        return bare(port, number, size)
    began = time.perf_counter()
    asked = ["-d", "-s", str(SESSIONS), "-m", str(number), "-l", str(size), "-f", "a@b.example", "-t", "c@d.example"]
    subprocess.run([SOURCE, *asked, f"127.0.0.1:{port}"], check=True)
    return number / (time.perf_counter() - began)


def bare(port: int, number: int, size: int) -> float:
    """Our client sending one ready message again and again over one connection."""
    from baton.platform.mail.smtp import Envelope, SmtpConnection

    text = b"Subject: x\r\n\r\n" + (b"x" * 74 + b"\r\n") * (size // 76)
    connection = SmtpConnection("127.0.0.1", port)
    connection.connect()
    began = time.perf_counter()
    for _ in connection.send([Envelope(n, "a@b.example", "c@d.example", text) for n in range(number)]):
        pass
    took = time.perf_counter() - began
    connection.close()
    return number / took


def plain_loop(port: int, number: int) -> float:
    """What people write: an EmailMessage each, one smtplib connection."""
    html = f"<p>Hello {{name}}</p><p>{WORDS}</p>"
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for n in range(number):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "a@b.example", f"p{n}@d.example", f"Hi {n}"
            mail.set_content(WORDS)
            mail.add_alternative(html.format(name=n), subtype="html")
            server.send_message(mail)
    return number / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
