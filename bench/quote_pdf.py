"""Quote to sealed PDF: CPU seconds each, against the bare tools on the same paper in the same run.

bin/bench quote_pdf [--n 100] [--lines 25]. Made: the quote's PDF, two signatures' evidence page, one seal, its check.
The limit: one typst compile of the same paper and one pyHanko signature, nothing else.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["BATON_HOME"] = tempfile.mkdtemp(prefix="baton-bench-")
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baton.web.settings")

import django

django.setup()

# ruff: noqa: E402 (Django must be set up before models are imported)
import typst
from django.core.management import call_command
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from baton.people.companies.models import Company
from baton.people.contacts.models import Contact
from baton.platform.organisation import organisation
from baton.sales.deals.models import Deal
from baton.sales.pipelines.models import Pipeline, Stage
from baton.sales.products.models import Product
from baton.sales.quotes import paper
from baton.sales.quotes.actions import LineDraft, Offer, SignerDraft, change_quote, draft_quote, send_quote
from baton.sales.signatures.actions import Signature, Visit, sign
from baton.sales.signatures.consent import consent
from baton.sales.signatures.evidence import evidence_pdf
from baton.sales.signatures.keys import seal_signer, trusted_roots
from baton.sales.signatures.models import SignatureRequest
from baton.sales.signatures.seal import check_seal, sealed_file

NOW = datetime.now(UTC)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--n", type=int, default=100)
    asked.add_argument("--lines", type=int, default=25)
    given = asked.parse_args()
    for alias in ("default", "events"):
        call_command("migrate", database=alias, verbosity=0)
    request = a_signed_request(given.lines)
    sizes: list[int] = []
    ours = per_round(given.n, lambda n: sizes.append(len(quote_to_seal(request, n))))
    limit = per_round(given.n, bare(request))
    print(
        f"quote to sealed PDF: {ours:.3f} CPU s each over {given.n} quotes of {given.lines} lines, "
        f"{sum(sizes) / len(sizes) / 1024:.0f} KB; bare typst compile + pyHanko signature {limit:.3f} CPU s; "
        f"ratio {ours / limit:.2f}; aim 0.100"
    )


def quote_to_seal(request: SignatureRequest, n: int) -> bytes:
    """The whole way from rows to sealed bytes, each time on another paper."""
    quote = request.quote
    quote.title = f"Rover fleet {n}"
    document = paper.render(paper.TEMPLATE.read_bytes(), quote=another(paper.said_on_paper(quote, on=NOW.date()), n))
    signer = seal_signer("Bench", now=NOW)
    sealed = sealed_file(document, evidence_pdf(request), signer=signer, reason="bench")
    if not check_seal(sealed, roots=trusted_roots()).is_good:
        raise SystemExit("the seal does not check")
    return sealed


def another(said: dict[str, Any], n: int) -> dict[str, Any]:
    """The same paper with another text on every line, so that the compiler cannot answer from memory."""
    lines = [{**line, "description": [f"{text} {n}" for text in line["description"]]} for line in said["lines"]]
    return {**said, "lines": lines, "title": f"Rover fleet {n}"}


def bare(request: SignatureRequest) -> Callable[[int], None]:
    """One compile and one signature, with the tools as they come."""
    said = paper.said_on_paper(request.quote, on=NOW.date())
    source, compiler, signer = paper.TEMPLATE.read_bytes(), typst.Compiler(), seal_signer("Bench", now=NOW)
    facts = signers.PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256")

    def once(n: int) -> None:
        text = json.dumps(another(said, n + 1_000_000))
        pdf = compiler.compile(input=source, sys_inputs={"quote": text})
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), facts, signer=signer)  # type: ignore[arg-type]

    return once


def per_round(n: int, work: Callable[[int], object]) -> float:
    """CPU seconds of one round, the first three left out."""
    for i in range(3):
        work(-i - 1)
    before = cpu_seconds()
    for i in range(n):
        work(i)
    return (cpu_seconds() - before) / n


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def a_signed_request(lines: int) -> SignatureRequest:
    """A quote of so many lines, sent to two people who signed it."""
    organisation()
    pipeline = Pipeline.objects.create(name="Bench")
    stage = Stage.objects.create(pipeline=pipeline, name="Proposal", position=0, probability=50)
    company = Company.objects.create(name="Käufer & Söhne Aktiengesellschaft", street="Hauptstr. 1", city="Köln")
    contact = Contact.objects.create(first_name="Zoë", last_name="Ångström", company=company)
    deal = Deal.objects.create(
        name="Rover fleet", pipeline=pipeline, stage=stage, company=company, currency="EUR", opened_at=NOW,
        entered_stage_at=NOW,
    )  # fmt: skip
    deal.parts.create(contact=contact, is_primary=True)
    product = Product.objects.create(
        name="Rover", code="R", currency="EUR", price_micros=1_250_500_000, cost_micros=800_000_000, tax_bp=1900
    )
    quote = draft_quote(deal, actor=None, now=NOW)
    drafts = [
        LineDraft(f"Rover {n}\nWith a long arm, a spare battery and training for two people", 1_250_500_000, 2_500,
                  product, 800_000_000, 250, 1900)
        for n in range(lines)
    ]  # fmt: skip
    offer = Offer("Rover fleet", NOW.date() + timedelta(days=30), contact, 500, terms="Pay in 14 days.\n" * 8)
    quote = change_quote(quote, offer, drafts, actor=None, now=NOW)
    people = [SignerDraft("Zoë Ångström", "zoe@customer.example"), SignerDraft("Ada", "ada@customer.example")]
    send_quote(quote, people, actor=None, now=NOW)
    request = SignatureRequest.objects.get(quote=quote)
    for signer in request.signers.all():
        strokes = [[[i / 200, (i * 7 % 40) / 100] for i in range(200)]]
        sign(
            signer, Signature(signer.name, strokes), consent=consent("Bench"), visit=Visit("203.0.113.9", "b"), now=NOW
        )
    return SignatureRequest.objects.select_related("quote__deal__owner", "document").get(pk=request.pk)


if __name__ == "__main__":
    main()
