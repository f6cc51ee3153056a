"""Kill test: a mailing whose worker is killed at random moments; lost and doubled must be 0.

`--people 20000 --kills 20`. A fresh installation on SQLite, a real worker, a sink that writes down what it took.
Unknown is at most one for each kill: the message on its way when the worker died.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from baton.marketing.email.tests.yard import Yard, wait_for


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder) / "home", batch=500)
        sink = yard.start_sink()
        assert yard.start("fill", str(args.people)).wait() == 0
        for _kill in range(args.kills):
            worker = yard.start("work")
            step = args.people // (args.kills + 1)
            goal = len(yard.taken()) + chance.randrange(1, max(2, step))
            wait_for(lambda goal=goal: len(yard.taken()) >= goal)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        worker = yard.start("work")
        ended = wait_for(lambda: yard.ask("SELECT state FROM marketing_broadcast") == [("sent",)], 600)
        for process in (worker, sink):
            process.kill()
            process.wait()
        rows = yard.ask("SELECT c.email, d.state FROM people_delivery d JOIN people_contact c ON c.id = d.contact_id")
        taken, states = Counter(yard.taken()), dict(rows)
    handed = {address for address, state in states.items() if state == "handed"}
    lost = len([address for address, state in states.items() if state != "unknown" and address not in taken])
    doubled = sum(times - 1 for times in taken.values())
    unknown = Counter(states.values())["unknown"]
    print(f"killtest  people {args.people}  kills {args.kills}  seed {args.seed}  handed {len(handed)}  lost {lost}"
          f"  doubled {doubled}  unknown {unknown} (at most {args.kills})")  # fmt: skip
    return 0 if ended and not lost and not doubled and unknown <= args.kills else 1


if __name__ == "__main__":
    sys.exit(main())
