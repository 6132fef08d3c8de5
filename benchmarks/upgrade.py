"""Do sessions outlive an upgrade, and going back? Two checkouts take turns at one database.

    make prove-upgrade ARGS=/path/to/the/checkout/of/before

The checkout of before builds banks, tests and sessions of both (ended, expired and open ones, all
through its API) and notes every reply. This checkout migrates the database forward, repeats every
answer for the same bytes, takes half of the open sessions to their ends and replays all sessions;
then it migrates back to where the checkout of before stands, which does the same with the rest.

With --demo the tests are those of the demo, whose load takes minutes. With --control one stored
reply and one stored θ are changed in between: the proof must then find both. Both checkouts run in
this environment, and each must have `tests/`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from irtcat_site.embedded.connection import CHECKOUT
from irtcat_site.embedded.servers import Servers, running

TURN = Path(__file__).with_name("upgrade_turn.py")
SOUGHT = ("the reply has changed", "differences: the session does not replay")


def take_turn(checkout: Path, servers: Servers, notes: Path, *arguments: str) -> list[str]:
    """What a checkout finds changed at its turn, which it notes. Raises CalledProcessError."""
    print(f"{checkout}: {arguments[0]}", flush=True)
    environment = {
        **servers.environment,
        "LOG_LEVEL": "ERROR",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": str(checkout),
    }
    command = [sys.executable, str(TURN), str(notes), *arguments]
    subprocess.run(command, cwd=checkout, env=environment, check=True)
    found: list[str] = json.loads(notes.read_text())["faults"]
    return found


def prove(arguments: Namespace, home: Path) -> list[str]:
    before, notes = arguments.before.resolve(), home / "notes.json"
    with running(home, throwaway=True) as servers:
        kind = ("--demo",) if arguments.demo else ()
        take_turn(before, servers, notes, "build", "--sessions", str(arguments.sessions), *kind)
        if arguments.control:
            take_turn(CHECKOUT, servers, notes, "tamper")
        take_turn(CHECKOUT, servers, notes, "go-on", "--share", "0.5", "--and-back")
        return take_turn(before, servers, notes, "go-on")


def main() -> int:
    parser = ArgumentParser(prog="make prove-upgrade", description=__doc__)
    parser.add_argument("before", type=Path, help="a checkout of the state to upgrade from")
    parser.add_argument("--sessions", type=int, default=36)
    parser.add_argument("--demo", action="store_true", help="with the tests of the demo")
    parser.add_argument("--control", action="store_true", help="change a reply and a θ: find them")
    arguments = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    home = Path(tempfile.mkdtemp(prefix="irtcat-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    try:
        faults = prove(arguments, home)
    finally:
        shutil.rmtree(home)
    print("\n".join([*faults, f"{len(faults)} differences"]))
    if arguments.control:
        return int(not all(any(sought in fault for fault in faults) for sought in SOUGHT))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
