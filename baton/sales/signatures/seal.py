"""The end of a paper: the document as sent, an evidence page behind it, one seal over both; and the check of a seal.

The document as sent stays byte for byte the beginning of the sealed file (the evidence is an incremental update), so
its hash can be checked from the sealed file alone. The seal is PAdES (ETSI EN 319 142-1, level B-B) and certifies the
file: no later change is permitted. `intact` and `valid` stay true after a later edit; only the bottom line, which looks
at what changed, tells.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

FIELD = "Seal"
AROUND_CERTIFICATES = 1_024  # bytes: digest, attributes and an EC signature take about 500
_OF_ONE_PAGE = ("/Parent", "/StructParents", "/Tabs")


@dataclass(frozen=True)
class SealCheck:
    """What a check found. `is_good` is the only thing to rely on; the rest says why."""

    is_good: bool
    is_intact: bool
    is_valid: bool
    is_trusted: bool
    covers_all: bool
    said: str


def sealed_file(document: bytes, evidence: bytes, *, signer: signers.SimpleSigner, reason: str) -> bytes:
    """`document` with the pages of `evidence` behind it, sealed once."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    _append_pages(writer, PdfFileReader(io.BytesIO(evidence)))
    facts = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        reason=reason,
    )
    sealed = signers.sign_pdf(writer, facts, signer=signer, bytes_reserved=_room_for(signer))
    return bytes(sealed.getbuffer())


def _room_for(signer: signers.SimpleSigner) -> int:
    """Hexadecimal digits to keep free for the signature: its certificates and what stands around them.

    Without it pyHanko signs twice, the first time only to see how long a signature is.
    """
    certificates = {signer.signing_cert, *signer.cert_registry}
    return 2 * (sum(len(one.dump()) for one in certificates if one) + AROUND_CERTIFICATES)


def check_seal(sealed: bytes, *, roots: Sequence[Certificate]) -> SealCheck:
    """Whether the file is sealed by one of `roots` and unchanged since, by coverage and analysis of changes."""
    try:
        reader = PdfFileReader(io.BytesIO(sealed))
        found = list(reader.embedded_signatures)
        if len(found) != 1:
            return _bad(f"{len(found)} signatures instead of one")
        context = ValidationContext(trust_roots=list(roots), allow_fetching=False)
        status = validate_pdf_signature(found[0], context)
    except (PdfError, SignatureValidationError, SigningError, ValueError, KeyError, TypeError, IndexError) as error:
        # A damaged file breaks wherever the damage is; whatever the parser stumbles over, the seal is no good.
        return _bad(str(error) or type(error).__name__)
    return SealCheck(
        is_good=bool(status.bottom_line),
        is_intact=bool(status.intact),
        is_valid=bool(status.valid),
        is_trusted=bool(status.trusted),
        covers_all=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        said=status.summary(),
    )


def _bad(said: str) -> SealCheck:
    return SealCheck(False, False, False, False, False, said)


def _append_pages(writer: IncrementalPdfFileWriter, reader: PdfFileReader) -> None:
    for kid in reader.root["/Pages"]["/Kids"]:
        page = kid.get_object()
        copied = {
            generic.NameObject(key): _copied(writer, page.raw_get(key)) for key in page if key not in _OF_ONE_PAGE
        }
        writer.insert_page(generic.DictionaryObject(copied))


def _copied(writer: IncrementalPdfFileWriter, value: generic.PdfObject) -> generic.PdfObject:
    plain = (generic.NameObject, generic.NumberObject, generic.FloatObject, generic.BooleanObject)
    return value if isinstance(value, plain) else writer.import_object(value)
