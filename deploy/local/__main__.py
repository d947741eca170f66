"""`python -m deploy.local run|stop|reset|status|…`: what the Makefile calls."""

import argparse
import os
import sys

from deploy.local import commands
from deploy.local.errors import LauncherError


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser(
        "run", help="start everything and stay (COUNTRIES, PORT, IDENTITY, DEMO from the environment)"
    )
    run.add_argument("--only", choices=["infra"], help="Postgres, NATS and the edges alone, for tests")
    for name, said in (
        ("stop", "end everything, also what a killed launcher left"),
        ("reset", "stop and remove the state, the data and the system user we made"),
        ("status", "health, backlog, links (FORMAT=json)"),
        ("demo", "the live crossing again"),
        ("trace", "the latest crossing as its spans"),
    ):
        verbs.add_parser(name, help=said)
    for name, said in (
        ("logs", "follow a component's log"),
        ("client", "an agency's API client, as a shell takes it in"),
        ("parked", "the lanes that a service has parked, and why"),
        ("unpark", "let a service try its parked lanes again, or LANE alone"),
        ("forget", "give up what came FROM a partner and can never be opened"),
    ):
        named = verbs.add_parser(name, help=said)
        named.add_argument("component", nargs="?", default=os.environ.get("C", ""))
        named.add_argument("lane", nargs="?", default=os.environ.get("LANE") or os.environ.get("FROM", ""))
    chosen = parser.parse_args()
    try:
        commands.execute(chosen)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough, as in `make trace | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except LauncherError as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
