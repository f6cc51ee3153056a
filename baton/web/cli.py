"""The command `baton`: one subcommand per thing an operator does."""

from __future__ import annotations

import argparse
import os
import sys

from baton import __version__

EPILOG = """\
An installation keeps everything in BATON_HOME (default ./var). Settings come from environment variables only;
`baton doctor` lists them with their values and checks that all parts work.

A first start:        baton up
A first administrator: baton user add you@example.com --role administrator
Move data in:         baton import contacts.csv --as contacts
Every night:          baton backup --out /backups/
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line. Each command module adds its own arguments and `run`."""
    from baton.exchange.exports import command as exports
    from baton.exchange.imports import command as imports
    from baton.measure import command as reports
    from baton.people.returns import command as returns
    from baton.tracking.store import command as events
    from baton.web.commands import backup, collect, demo, doctor, migrate, restore, server, up, user, work

    root = argparse.ArgumentParser(
        prog="baton",
        description="Sales and marketing on one system, with a handoff between them that never drops.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"Baton {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {
        "up": up,
        "web": server,
        "work": work,
        "collect": collect,
        "migrate": migrate,
        "user": user,
        "import": imports,
        "export": exports,
        "report": reports,
        "returns": returns,
        "events": events,
        "backup": backup,
        "restore": restore,
        "doctor": doctor,
        "demo": demo,
    }
    for name, module in modules.items():
        summary, _, rest = (module.HELP if hasattr(module, "HELP") else module.__doc__ or "").partition("\n")
        sub = commands.add_parser(
            name,
            help=summary.rstrip("."),
            description=f"{summary}\n{rest}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return root


def main(argv: list[str] | None = None) -> None:
    """Run one command; a refusal prints its sentence and ends with 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "baton.web.settings")
    from baton.platform.environment import BadEnvironment

    try:
        import django

        django.setup()
    except BadEnvironment as error:
        sys.exit(_refused(str(error)))
    from baton.platform.errors import OutsideFault, Refusal

    args = parser().parse_args(argv)
    try:
        sys.exit(args.run(args) or 0)
    except (Refusal, OutsideFault) as error:
        sys.exit(_refused(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)


def _refused(sentence: str) -> int:
    print(f"baton: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
