"""Mailing: messages/s from click to the last hand-over, beside a bare sender (the limit) and smtplib + EmailMessage.

A fresh installation on SQLite, a real worker process, 10 KB of HTML and text with merge fields and tracked links, into
Postfix's smtp-sink where it is installed (else a small sink of our own). `--people 10000`, `--quick` for a tenth of it,
`--dkim` to sign with RSA-2048.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SINK = "/usr/sbin/smtp-sink"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--dkim", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    people = args.people // 10 if args.quick else args.people
    with tempfile.TemporaryDirectory() as folder, a_sink(Path(folder)) as port:
        limit = bare(port, people)
        naive = plain_loop(port, max(200, people // 10))
        whole, sending, filling = ours(Path(folder) / "home", port, people, dkim=args.dkim, workers=args.workers)
    kind = "RSA-2048" if args.dkim else "unsigned"
    print(f"mail    limit      {limit:8.0f} messages/s   bare pipelined sender, one message for all, {people} messages")
    print(
        f"mail    plain      {naive:8.0f} messages/s   smtplib + EmailMessage, one connection"
        f" ({naive / limit:.2f} of the limit)"
    )
    print(f"mail    baton      {whole:8.0f} messages/s   from click to last hand-over, {people} people, {kind}, ledger "
          f"and timeline included, {args.workers} worker ({whole / limit:.2f} of the limit)")  # fmt: skip
    print(
        f"mail    sending    {sending:8.0f} messages/s   once the ledger is filled ({sending / limit:.2f} of the limit)"
    )
    print(f"mail    ledger     {filling:8.0f} rows/s       audience to ledger")


@contextlib.contextmanager
def a_sink(folder: Path) -> Iterator[int]:
    """A sink that takes everything, on a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if os.path.exists(SINK):
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        sink = subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "1000"])
        print("sink: Postfix's smtp-sink")
    else:
        yard = [sys.executable, "-m", "baton.marketing.email.tests.yard", "sink", str(folder / "taken")]
        sink = subprocess.Popen(yard, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        port = int(sink.stdout.readline())  # type: ignore[union-attr]
        print("sink: our own (Postfix's smtp-sink is not installed)")
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port
    finally:
        sink.terminate()
        sink.wait()


def bare(port: int, number: int) -> float:
    """The same client sending one ready message again and again: what the sink and the socket allow."""
    from baton.platform.mail.smtp import Envelope, SmtpConnection

    text = b"Subject: x\r\n\r\n" + (b"x" * 74 + b"\r\n") * 200
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
    html = "<p>Hello {name}</p>" + "<p>" + "word " * 1900 + "</p>"
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for n in range(number):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "a@b.example", f"p{n}@d.example", f"Hi {n}"
            mail.set_content("word " * 400)
            mail.add_alternative(html.format(name=n), subtype="html")
            server.send_message(mail)
    return number / (time.perf_counter() - began)


def ours(home: Path, port: int, people: int, *, dkim: bool, workers: int) -> tuple[float, float, float]:
    """A broadcast by real workers: messages/s in all, once sending, and rows/s of filling the ledger."""
    from baton.marketing.email.tests.yard import Yard, wait_for
    from baton.platform.mail.dkim import make_key

    yard = Yard(home, batch=500)
    yard.environ["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    if dkim:
        make_key(home / "keys", "acme.example", "s1")
    assert yard.start("fill", str(people)).wait() == 0
    running = [yard.start("work") for _ in range(workers)]
    try:
        ended = wait_for(lambda: yard.ask("SELECT state FROM marketing_broadcast") == [("sent",)], 600)
        assert ended, (home / "stderr").read_text()[-2000:]
    finally:
        for worker in running:
            worker.kill()
            worker.wait()
    assert yard.ask("SELECT state, count(*) FROM people_delivery GROUP BY state") == [("handed", people)]
    seconds = "(julianday({}) - 2440587.5) * 86400"
    ((filled, ended_at),) = yard.ask(
        f"SELECT {seconds.format('filled_at')}, {seconds.format('ended_at')} FROM marketing_broadcast"
    )
    took = ended_at - filled
    filling = _filling(yard, people)
    return people / (took + people / filling), people / took, filling


def _filling(yard: object, people: int) -> float:
    """Rows/s of the same INSERT ... SELECT for a second message to the same audience."""
    code = (
        "import django, time; django.setup(); from baton.people.deliveries import actions as a;"
        "from baton.people.contacts.models import Contact;"
        "ids = list(Contact.objects.values_list('pk', flat=True)); began = time.perf_counter();"
        "n = a.fill(a.Message('bench', 1), ids); print(n / (time.perf_counter() - began))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=yard.environ, cwd=ROOT, capture_output=True, text=True, check=True
    )  # type: ignore[attr-defined]
    return float(done.stdout)


if __name__ == "__main__":
    main()
