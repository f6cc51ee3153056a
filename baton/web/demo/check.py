"""The lead's way, walked over HTTP against real processes: server, worker and an SMTP listener, in a temporary folder.

Prints one line per step and stops at the first that fails. `bin/demo --check` runs it.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller

from baton.web.demo.browser import form_of, submit
from baton.web.demo.people import DOMAIN, PASSWORD

PATIENCE_SECONDS = 40
LOOK_SECONDS = 0.2
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
VISITOR = "v0123456789abcdef01234567"
LEAD = {
    "first_name": "Nora",
    "last_name": "Newcomer",
    "email": "nora@newcomer.example",
    "company": "Newcomer Works",
    "job_title": "Maintenance Manager",
}


class StepFailed(Exception):
    """A step did not come out as it should; the message says what was seen instead."""


class Mailbox:
    """An SMTP listener that keeps what it is sent."""

    def __init__(self, port: int) -> None:
        self.mails: list[Message] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content))
        return "250 kept"

    def stop(self) -> None:
        self._controller.stop()

    def to(self, address: str) -> list[Message]:
        return [mail for mail in self.mails if address in str(mail["To"])]


def walk() -> int:
    """Walk the whole way; 0 when every step was ok, 1 at the first that was not."""
    with tempfile.TemporaryDirectory(prefix="baton-check-") as folder:
        walker = Walker(Path(folder))
        try:
            for step in walker.steps():
                started = time.monotonic()
                told = step()
                name = (step.__doc__ or "").rstrip(".")
                print(f"ok    {name:44} {told}  ({time.monotonic() - started:.1f} s)", flush=True)
        except (StepFailed, httpx.HTTPError, subprocess.CalledProcessError) as error:
            print(f"FAIL  {(step.__doc__ or '').rstrip('.'):44} {error}", flush=True)
            return 1
        finally:
            walker.stop()
    print("The lead walked the whole way.")
    return 0


class Walker:
    """One walk: its processes, its browser sessions, and what it has seen so far."""

    def __init__(self, home: Path) -> None:
        web, smtp = _free_port(), _free_port()
        self.base = f"http://127.0.0.1:{web}"
        self.environ = {
            **os.environ,
            "BATON_HOME": str(home),
            "BATON_URL": self.base,
            "SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "DATABASE_URL": "",
        }
        self.mailbox = Mailbox(smtp)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.port = web
        self.stranger = httpx.Client(base_url=self.base, headers={"User-Agent": AGENT}, follow_redirects=True)
        self.people: dict[str, httpx.Client] = {}

    def steps(self) -> list[Callable[[], str]]:
        return [
            self.install,
            self.start,
            self.visit,
            self.fill_form,
            self.become_ready,
            self.tell_rep,
            self.accept,
            self.call,
            self.qualify,
            self.quote,
            self.sign,
            self.win,
            self.give_credit,
            self.mail,
            self.unsubscribe,
        ]

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.mailbox.stop()

    def install(self) -> str:
        """database made and company seeded."""
        self._run("-m", "baton.web.cli", "migrate")
        self._run("-m", "baton.web.demo.seed")
        return self.environ["BATON_HOME"]

    def start(self) -> str:
        """server and worker started."""
        commands = [
            ["-m", "baton.web.cli", "web", "--port", str(self.port)],
            ["-m", "baton.web.cli", "work", "--processes", "1"],
        ]
        for command in commands:
            self.processes.append(subprocess.Popen([sys.executable, *command], env=self.environ))  # noqa: S603
        _until(self._answers, "the server does not answer")
        return self.base

    def visit(self) -> str:
        """anonymous visit collected."""
        campaign = "?utm_source=google&utm_medium=cpc&utm_campaign=always-on-search"
        for path in ("/" + campaign, "/product", "/pricing"):
            event = {"name": "pageview", "url": f"https://{DOMAIN}{path}", "visitor": VISITOR, "consent": True}
            answer = self.stranger.post("/e", json=event, headers={"Origin": f"https://{DOMAIN}"})
            _expect(answer.status_code == 202, f"the beacon answered {answer.status_code}: {answer.text[:200]}")
        return "3 page views, 202 each"

    def fill_form(self) -> str:
        """form filled, contact and lead made."""
        page = self.stranger.get("/f/demo-request/")
        key = _found(r'name="page_key" value="([^"]+)"', page.text, "the form has no key")
        time.sleep(1.2)  # a person takes longer than a machine; the form minds
        url = f"https://{DOMAIN}/contact?utm_source=google&utm_medium=cpc&utm_campaign=always-on-search"
        sent = {**LEAD, "page_key": key, "visitor": VISITOR, "page": url, "consent": "1", "interest": "Twelve presses"}
        answer = self.stranger.post("/f/demo-request/", data=sent)
        _expect("Thank you" in answer.text, f"the form answered {answer.status_code}")
        return LEAD["email"]

    def become_ready(self) -> str:
        """lead ready and assigned."""
        self.rep = "sam"

        def waiting() -> str | None:
            for name in ("sam", "selma"):
                found = re.search(r'/new-leads/(\d+)/"[^>]*>[^<]*Newcomer', self._as(name).get("/new-leads/").text)
                if found:
                    self.rep = name
                    return found[1]
            return None

        self.handoff = _until(waiting, "no new lead in the queue")
        page = self._as(self.rep).get(f"/new-leads/{self.handoff}/").text
        _expect("pricing" in page.lower(), "the evidence does not show the visit to pricing")
        return f"handoff {self.handoff} with {self.rep}"

    def tell_rep(self) -> str:
        """rep told by mail."""
        address = f"{self.rep}@{DOMAIN}"
        mails = _until(lambda: self.mailbox.to(address), "no mail reached the rep")
        return f"{mails[0]['Subject']}"

    def accept(self) -> str:
        """lead accepted."""
        page = self._post(self.rep, f"/new-leads/{self.handoff}/accept/")
        self.contact = _found(r"/contacts/(\d+)/", str(page.url), "accepting did not lead to the contact")
        _expect("Attempting" in page.text, "the lead status did not move on")
        return f"contact {self.contact}, status attempting"

    def call(self) -> str:
        """call logged, first-attempt clock stopped."""
        page = self._as(self.rep).get(f"/contacts/{self.contact}/").text
        action = _found(r'action="([^"]*activit[^"]*)"', page, "the contact has no composer")
        form = {"kind": "call", "outcome": "reached", "body": "Wants a pilot.", "contact": self.contact}
        form |= dict(re.findall(r'name="(token|once|form_token)" value="([^"]*)"', page)[:1])
        self._post(self.rep, action, **form)
        return "reached"

    def qualify(self) -> str:
        """lead qualified, deal made."""
        page = self._as(self.rep).get(f"/contacts/{self.contact}/").text
        lead = _found(r"/leads/(\d+)/move/", page, "the contact has no open lead")
        self._post(self.rep, f"/leads/{lead}/move/", status="qualified")
        find = r"/deals/(\d+)/"
        self.deal = _until(
            lambda: (re.search(find, self._as(self.rep).get(f"/contacts/{self.contact}/").text) or [None, None])[1],
            "no deal was made of the lead",
        )
        return f"deal {self.deal}"

    def quote(self) -> str:
        """quote written and sent."""
        page = self._post(self.rep, "/quotes/draft/", deal=self.deal, token=secrets.token_hex(12))
        self.quote_id = _found(r"/quotes/(\d+)/", str(page.url), "no quote was made")
        product = _found(r'<option value="(\d+)"[^>]*>[^<]*Line Watch', page.text, "the editor offers no product")
        page = self._submit(self.rep, page, "/change/", line_product=product, line_quantity="12")
        page = self._submit(self.rep, page, "/send/", signer_name="Nora Newcomer", signer_email=LEAD["email"])
        _expect("Sent" in page.text, "the quote is not sent")
        pdf = self._as(self.rep).get(f"/quotes/{self.quote_id}/quote.pdf")
        _expect(pdf.content.startswith(b"%PDF"), "the quote is no PDF")
        return f"quote {self.quote_id}, PDF of {len(pdf.content):,} bytes"

    def sign(self) -> str:
        """quote signed by the lead, sealed."""
        link = _until(lambda: self._link_to("/sign/"), "no link to sign reached the lead")
        page = self.stranger.get(link)
        form = form_of(page.text, "/sign/")
        _expect(form is not None, "the signing page has no form")
        submit(self.stranger, form, str(page.url), agree="1", name="Nora Newcomer")

        def sealed() -> bytes | None:
            answer = self.stranger.get(f"{link.rstrip('/')}/signed.pdf")
            return answer.content if answer.status_code == 200 and answer.content.startswith(b"%PDF") else None

        return f"sealed PDF of {len(_until(sealed, 'the document was not sealed')):,} bytes"

    def win(self) -> str:
        """deal won, order booked."""
        page = self._as(self.rep).get(f"/deals/{self.deal}/").text
        _expect("Won" in page, "the deal is not won")
        orders = self._as(self.rep).get("/orders/").text
        _expect("Newcomer" in orders, "there is no order")
        return "12 x 420.00 booked"

    def give_credit(self) -> str:
        """credit back at the campaign."""

        def credited() -> str | None:
            page = self._as("mara").get("/reports/closed-loop/?by=campaign&method=first&period=quarter").text
            row = re.search(r"Always-on search.*?</tr>", page, re.S)
            return "always-on-search" if row and "5,0" in re.sub(r"<[^>]+>", " ", row[0]) else None

        return _until(credited, "the campaign has no credit")

    def mail(self) -> str:
        """marketing email written and sent."""
        page = self._as("milan").get("/emails/new/?design=announcement")
        if form_of(page.text, "") is None:
            page = self._post("milan", "/emails/new/", design="announcement")
        segment = _found(r'name="segments" value="(\d+)"[^>]*>\s*<span>[^<]*Newsletter', page.text.replace("\n", " "),
                         "the audience has no newsletter readers")  # fmt: skip
        topic = _found(r'<option value="(\d+)"[^>]*>Newsletter', page.text, "there is no topic")
        typed = {"name": "Walk", "subject": "News for {{ contact.first_name | default: 'you' }}"}
        sender = {"sender_name": "Tessera", "sender_email": f"news@{DOMAIN}"}
        page = self._submit("milan", page, "", **typed, **sender, segments=segment, topic=topic)
        _until(lambda: form_of(self._as("milan").get(str(page.url)).text, "/send/"), "nobody is in the segment")
        self._submit("milan", self._as("milan").get(str(page.url)), "/send/")
        mails = _until(lambda: self._mails_about("News for"), "the email did not reach the lead")
        self.news = mails[0]
        return str(self.news["Subject"])

    def unsubscribe(self) -> str:
        """one-click unsubscribe, by POST alone."""
        link = _found(r"<(http[^>]+)>", str(self.news["List-Unsubscribe"]), "the mail has no one-click link")
        _expect("One-Click" in str(self.news["List-Unsubscribe-Post"]), "the mail does not offer one click")
        self.stranger.get(link)
        topic = f"/contacts/{self.contact}/"
        _expect("Withdrawn" not in self._as(self.rep).get(topic).text, "a GET has unsubscribed")
        answer = self.stranger.post(link, data={"List-Unsubscribe": "One-Click"})
        _expect(answer.status_code == 200, f"unsubscribing answered {answer.status_code}")
        _expect("Withdrawn" in self._as(self.rep).get(topic).text, "the consent still stands")
        return "consent withdrawn"

    def _mails_about(self, words: str) -> list[Message]:
        return [mail for mail in self.mailbox.to(LEAD["email"]) if words in str(mail["Subject"])]

    def _link_to(self, path: str) -> str | None:
        """The first link of the lead's mails that leads to `path`."""
        for mail in self.mailbox.to(LEAD["email"]):
            for part in mail.walk():
                body = part.get_payload(decode=True)
                found = re.search(
                    rf"http://127\.0\.0\.1:{self.port}{path}[\w-]+/", (body or b"").decode("utf-8", "replace")
                )
                if found:
                    return found[0]
        return None

    def _submit(self, who: str, page: httpx.Response, action: str, /, **values: str) -> httpx.Response:
        """Fill a form of the page that `who` has open and send it."""
        form = form_of(page.text, action)
        if form is None:
            raise StepFailed(f"{page.url} has no form for {action or 'itself'}")
        answer = submit(self._as(who), form, str(page.url), **values)
        _expect(answer.status_code == 200, f"{form.action or page.url} answered {answer.status_code}")
        return answer

    def _run(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], env=self.environ, check=True)  # noqa: S603

    def _answers(self) -> bool:
        try:
            return self.stranger.get("/accounts/login/").status_code == 200
        except httpx.TransportError:
            return False

    def _as(self, name: str) -> httpx.Client:
        """A signed-in browser session of one of the company's people."""
        if name not in self.people:
            client = httpx.Client(base_url=self.base, headers={"User-Agent": AGENT}, follow_redirects=True, timeout=30)
            client.get("/accounts/login/")
            form = {
                "login": f"{name}@{DOMAIN}",
                "password": PASSWORD,
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
            }
            answer = client.post("/accounts/login/", data=form, headers={"Referer": self.base})
            _expect("/accounts/login" not in str(answer.url), f"{name} could not sign in")
            self.people[name] = client
        return self.people[name]

    def _post(self, name: str, path: str, **fields: str) -> httpx.Response:
        client = self._as(name)
        form = {**fields, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        answer = client.post(path, data=form, headers={"Referer": self.base})
        _expect(answer.status_code == 200, f"{path} answered {answer.status_code}")
        return answer


def _until(look: Callable[[], Any], complaint: str) -> Any:
    """What `look` finds, asked again until it finds something or patience ends."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(LOOK_SECONDS)
    raise StepFailed(f"{complaint} within {PATIENCE_SECONDS} s")


def _expect(holds: bool, complaint: str) -> None:
    if not holds:
        raise StepFailed(complaint)


def _found(pattern: str, text: str, complaint: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise StepFailed(complaint)
    return found[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
