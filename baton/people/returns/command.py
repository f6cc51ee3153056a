"""Take a mail that came back, from standard input: for a mail server's pipe.

Postfix: a line `bounces: "|/path/to/baton returns"` in aliases. Ends with 75 when the database is away, so that the
mail server keeps the mail and tries again. With --show the mail is only read and told of, and nothing is stored.
"""

from __future__ import annotations

import argparse
import sys

from django.db import DatabaseError
from django.utils import timezone

from baton.people.returns.actions import receive_mail
from baton.people.returns.mime import MAX_BYTES
from baton.people.returns.rules import read_letter

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--show", action="store_true", help="say how the mail is read and store nothing")


def run(args: argparse.Namespace) -> int:
    raw = sys.stdin.buffer.read(MAX_BYTES)
    if args.show:
        for one in read_letter(raw).returned:
            print(f"{one.kind} {one.verdict or '-'} {one.reason or '-'} {one.recipient or '-'} {one.quote}".strip())
        return 0
    try:
        receive_mail(raw, source="pipe", now=timezone.now())
    except DatabaseError as error:
        print(f"baton: the database is away, keep the mail: {error}", file=sys.stderr)
        return TRY_AGAIN
    return 0
