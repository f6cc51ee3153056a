"""From a draft to a sealed file: what each step does, and what it refuses."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.core import mail
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader

from baton.platform import jobs
from baton.platform.files import open_file
from baton.platform.jobs.models import Job
from baton.platform.journal.models import JournalEntry
from baton.platform.notifications.models import Notification
from baton.sales.deals.closing import lose_deal
from baton.sales.orders.models import Order
from baton.sales.quotes.actions import SignerDraft, draft_quote, new_version, send_quote
from baton.sales.signatures import jobs as work
from baton.sales.signatures.actions import CannotSign, Signature, Visit, decline, open_link, remind_signer, sign
from baton.sales.signatures.chain import broken_at, head_of
from baton.sales.signatures.consent import consent
from baton.sales.signatures.keys import rotate_seal_key, trusted_roots
from baton.sales.signatures.models import SignatureEvent, SignatureRequest
from baton.sales.signatures.seal import check_seal
from tests.cast import NOW, a_deal, a_product, a_user

pytestmark = pytest.mark.django_db

VISIT = Visit("203.0.113.9", "Test browser")
STROKES = [[[0.0, 0.0], [0.5, 0.2], [1.0, 0.1]]]


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.BATON_HOME = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def a_sent_quote(*people, deal=None):
    deal = deal or a_deal(owner=a_user(), amount_minor=None)
    if not deal.lines.exists():
        deal.lines.create(product=a_product(), amount_minor=10_000, cost_minor=6_000)
    quote = draft_quote(deal, actor=deal.owner, now=NOW)
    signers = [SignerDraft(name, f"{name.lower()}@customer.example") for name in people or ("Ada",)]
    return send_quote(quote, signers, actor=deal.owner, now=NOW)


def do_sign(signer, *, now=NOW, strokes=()):
    return sign(signer, Signature(signer.name, list(strokes)), consent=consent("Us"), visit=VISIT, now=now)


def the_request(quote) -> SignatureRequest:
    return SignatureRequest.objects.get(quote=quote)


def bytes_of(stored) -> bytes:
    with open_file(stored) as file:
        return file.read()


def test_sending_mails_each_signer_a_link_of_their_own():
    request = the_request(a_sent_quote("Ada", "Bob"))
    jobs.run_due()
    links = [signer.token for signer in request.signers.all()]
    assert len(set(links)) == 2
    sent = {message.to[0]: message.body for message in mail.outbox if "customer.example" in message.to[0]}
    for signer in request.signers.all():
        assert f"/sign/{signer.token}/" in sent[signer.email]
    assert request.events.filter(kind="sent").count() == 2


def test_the_last_signature_wins_the_deal_books_the_order_and_seals():
    quote = a_sent_quote("Ada", "Bob")
    first, second = the_request(quote).signers.all()
    do_sign(first)
    quote.deal.refresh_from_db()
    assert quote.deal.state == "open"
    assert not Order.objects.exists()
    do_sign(second, strokes=STROKES)
    quote.refresh_from_db()
    quote.deal.refresh_from_db()
    order = Order.objects.get()
    assert (quote.state, quote.deal.state) == ("accepted", "won")
    assert quote.deal.amount_minor == order.net_minor == quote.net_minor == 10_000
    assert order.margin_minor == 4_000
    jobs.run_due()
    request = the_request(quote)
    assert request.state == "sealed"
    assert JournalEntry.objects.filter(verb="quote.accepted").count() == 1
    assert Notification.objects.filter(user=quote.deal.owner, kind="signature.sealed").count() == 1
    told = [message for message in mail.outbox if message.subject.startswith("Signed")]
    assert sorted(message.to[0] for message in told) == ["ada@customer.example", "bob@customer.example"]


def test_the_sealed_file_begins_with_the_document_as_sent_and_checks():
    quote = a_sent_quote("Ada")
    do_sign(the_request(quote).signers.get(), strokes=STROKES)
    head = head_of(the_request(quote))
    jobs.run_due()
    request = the_request(quote)
    sealed, document = bytes_of(request.sealed), bytes_of(quote.document)
    assert sealed.startswith(document)
    check = check_seal(sealed, roots=trusted_roots())
    assert (check.is_good, check.is_intact, check.is_valid, check.is_trusted, check.covers_all) == (True,) * 5
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(sealed)).pages)
    told = "".join(text.split())
    assert hashlib.sha256(document).hexdigest() in told
    assert head in told
    assert request.events.get(kind="consented").facts["sha256"] in told
    assert "203.0.113.9" in told


def test_every_change_after_the_seal_is_caught():
    quote = a_sent_quote("Ada")
    do_sign(the_request(quote).signers.get())
    jobs.run_due()
    sealed = bytes_of(the_request(quote).sealed)
    flipped = bytearray(sealed)
    flipped[len(bytes_of(quote.document)) // 2] ^= 1
    assert not check_seal(bytes(flipped), roots=trusted_roots()).is_good

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)
    edited = io.BytesIO()
    writer.write(edited)
    check = check_seal(edited.getvalue(), roots=trusted_roots())
    assert (check.is_intact, check.is_valid) == (True, True), "the seal's own bytes are whole"
    assert not check.is_good
    assert not check_seal(bytes_of(quote.document), roots=trusted_roots()).is_good
    assert not check_seal(b"no PDF at all", roots=trusted_roots()).is_good


def test_a_seal_of_a_stranger_is_not_ours(settings, tmp_path):
    quote = a_sent_quote("Ada")
    do_sign(the_request(quote).signers.get())
    jobs.run_due()
    sealed = bytes_of(the_request(quote).sealed)
    settings.BATON_HOME = tmp_path / "elsewhere"
    rotate_seal_key("Somebody", now=NOW)
    assert not check_seal(sealed, roots=trusted_roots()).is_good


def test_papers_sealed_before_a_rotation_still_check():
    first = a_sent_quote("Ada")
    do_sign(the_request(first).signers.get())
    jobs.run_due()
    rotate_seal_key("Us", now=NOW + timedelta(days=9000))
    assert check_seal(bytes_of(the_request(first).sealed), roots=trusted_roots()).is_good


def test_keys_are_readable_by_their_owner_only(settings):
    rotate_seal_key("Us", now=NOW)
    keys = list((settings.BATON_HOME / "keys" / "seal").glob("*/key.pem"))
    assert len(keys) == 2
    assert all(os.stat(key).st_mode & 0o077 == 0 for key in keys)


def test_signing_twice_is_one_signature():
    quote = a_sent_quote("Ada")
    signer = the_request(quote).signers.get()
    for _ in range(2):
        do_sign(signer)
    assert the_request(quote).events.filter(kind="signed").count() == 1
    assert Order.objects.count() == 1
    assert Job.objects.filter(kind="signature.seal").count() == 1


def test_sealing_twice_keeps_the_first_file():
    quote = a_sent_quote("Ada")
    do_sign(the_request(quote).signers.get())
    jobs.run_due()
    before = the_request(quote)
    work.seal_request(Job(), request_id=before.pk)
    assert the_request(quote).sealed_id == before.sealed_id
    assert before.events.filter(kind="sealed").count() == 1


def test_a_worker_killed_before_keeping_the_seal_starts_anew(monkeypatch):
    quote = a_sent_quote("Ada")
    do_sign(the_request(quote).signers.get())

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(work, "append_event", killed)
        with pytest.raises(KeyboardInterrupt):
            work.seal_request(Job(), request_id=the_request(quote).pk)
    assert the_request(quote).sealed is None
    work.seal_request(Job(), request_id=the_request(quote).pk)
    assert the_request(quote).state == "sealed"


def test_declining_closes_it_for_everyone_and_tells_the_owner():
    quote = a_sent_quote("Ada", "Bob")
    first, second = the_request(quote).signers.all()
    decline(first, reason="Too dear", visit=VISIT, now=NOW)
    quote.refresh_from_db()
    assert (quote.state, quote.decline_reason) == ("declined", "Too dear")
    assert Notification.objects.filter(user=quote.deal.owner, kind="quote.declined").exists()
    with pytest.raises(CannotSign):
        do_sign(second)
    assert not Order.objects.exists()
    assert quote.deal.state == "open"


def test_a_replaced_or_ended_quote_cannot_be_signed():
    replaced, ended = a_sent_quote("Ada"), a_sent_quote("Bob")
    new_version(replaced, actor=None, now=NOW)
    with pytest.raises(CannotSign):
        do_sign(the_request(replaced).signers.get())
    with pytest.raises(CannotSign):
        do_sign(the_request(ended).signers.get(), now=NOW + timedelta(days=40))
    assert not SignatureEvent.objects.filter(kind="signed").exists()


def test_a_signature_wins_a_deal_that_was_given_up():
    quote = a_sent_quote("Ada")
    lose_deal(quote.deal, reason="price", actor=None, now=NOW)
    do_sign(the_request(quote).signers.get())
    quote.deal.refresh_from_db()
    assert quote.deal.state == "won"


def test_opening_the_link_is_noted_once_a_visit_and_tells_the_owner_once():
    quote = a_sent_quote("Ada")
    signer = the_request(quote).signers.get()
    for minutes in (0, 1, 30):
        open_link(signer, visit=VISIT, now=NOW + timedelta(minutes=minutes))
    quote.refresh_from_db()
    assert quote.state == "viewed"
    assert the_request(quote).events.filter(kind="opened").count() == 2
    assert Notification.objects.filter(kind="quote.viewed").count() == 1


def test_a_reminder_goes_out_once_an_hour_and_never_after_signing():
    quote = a_sent_quote("Ada")
    jobs.run_due()
    signer = the_request(quote).signers.get()
    for _ in range(2):
        remind_signer(signer, actor=None, now=NOW)
    jobs.run_due()
    assert len([message for message in mail.outbox if message.to == [signer.email]]) == 2
    do_sign(signer)
    with pytest.raises(CannotSign):
        remind_signer(signer, actor=None, now=NOW)


@pytest.mark.parametrize(
    "fault",
    [
        lambda events: events.filter(sequence=2).update(ip="198.51.100.1"),
        lambda events: events.filter(sequence=2).delete(),
        lambda events: events.filter(sequence=3).update(facts={"name": "Somebody else"}),
    ],
)
def test_touched_evidence_is_found_and_never_sealed(fault):
    quote = a_sent_quote("Ada")
    request = the_request(quote)
    do_sign(request.signers.get())
    assert broken_at(request) is None
    fault(SignatureEvent.objects.filter(request=request))
    assert broken_at(request) in (2, 3)
    with pytest.raises(work.SealFailed):
        work.seal_request(Job(), request_id=request.pk)
    assert the_request(quote).sealed is None
