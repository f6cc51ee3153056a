"""Kill test: a mailing whose worker is killed at random moments; lost and doubled must be 0.

`--people 20000 --kills 20`. A fresh installation on SQLite, or with `--postgres postgres://postgres@127.0.0.1/postgres`
in a database of its own there; a real worker, a sink that writes down what it took. Unknown is at most one for each
connection and kill: the message on its way when the worker died.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from baton.marketing.email.tests.yard import LEDGER, Toll, Yard
from baton.platform.mail.transport import CONNECTIONS
from tests.home import migrated_postgres


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--postgres", default="", help="URL of a database from which others may be made")
    args = parser.parse_args()
    database = migrated_postgres(args.postgres, f"yard_{os.getpid()}") if args.postgres else contextlib.nullcontext("")
    with tempfile.TemporaryDirectory() as folder, database as url:
        yard = Yard(Path(folder) / "home", batch=500, database=url)
        try:
            toll = _sent_under_kills(yard, args)
        finally:
            yard.end()
    most = args.kills * CONNECTIONS
    handed = toll.people - toll.unknown
    print(f"killtest  people {args.people}  kills {args.kills}  seed {args.seed}  handed {handed}"
          f"  lost {len(toll.lost)} (at most 0)  doubled {len(toll.doubled)} (at most 0)"
          f"  unknown {toll.unknown} (at most {most})")  # fmt: skip
    is_whole = toll.people == args.people and not toll.lost and not toll.doubled
    return 0 if is_whole and toll.unknown <= most else 1


def _sent_under_kills(yard: Yard, args: argparse.Namespace) -> Toll:
    chance, step = random.Random(args.seed), args.people // (args.kills + 1)
    yard.start_sink()
    yard.run("fill", args.people)
    for _kill in range(args.kills):
        yard.work_until(len(yard.taken()) + chance.randrange(1, max(2, step)))
    yard.work_until_sent(600)
    return yard.toll(LEDGER)


if __name__ == "__main__":
    sys.exit(main())
