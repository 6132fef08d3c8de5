"""`python -m irtcat_site.embedded demo` and `… run [--throwaway] -- COMMAND`: what make calls."""

import math
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from types import FrameType

from irtcat_site.embedded import connection
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.process import wait_until
from irtcat_site.embedded.servers import STOP_SIGNALS, running
from irtcat_site.embedded.site import say, serve

POLL_SECONDS = 0.1


def demo() -> int:
    try:
        serve()
    except KeyboardInterrupt:
        say(f"irtcat has stopped. Its data stay in {connection.home()}")
    return 0


def run(command: list[str], throwaway: bool) -> int:
    """Run one command with servers around it; its exit status is ours."""
    folder = connection.home() / "test" if throwaway else connection.home()
    with running(folder, throwaway=throwaway) as servers:
        asked: set[int] = set()
        _handle_stop_signals(lambda signum, frame: asked.add(signum))
        process = subprocess.Popen(command, env=servers.environment)  # noqa: S603 - the caller's own command

        def is_over() -> bool:
            # Ctrl-C reaches the command by itself: it says its last words before the servers go.
            return process.poll() is not None or bool(asked - {signal.SIGINT})

        wait_until(is_over, math.inf, POLL_SECONDS)
        if process.poll() is None:
            process.terminate()
        return _exit_status(process.wait())


def _handle_stop_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for stop_signal in STOP_SIGNALS:
        is_nohup = stop_signal == signal.SIGHUP and signal.getsignal(stop_signal) is signal.SIG_IGN
        if not is_nohup:
            signal.signal(stop_signal, handler)


def _exit_status(code: int) -> int:
    """As a shell tells it: death by a signal is 128 and its number."""
    return 128 - code if code < 0 else code


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Stop once; a second Ctrl-C must not leave half of the processes behind."""
    _handle_stop_signals(_ignore)
    raise KeyboardInterrupt


def _ignore(signum: int, frame: FrameType | None) -> None:
    """Unlike SIG_IGN, this is not inherited by the programs we start."""


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m irtcat_site.embedded")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("demo", help="the whole site, until Ctrl-C")
    run_parser = verbs.add_parser("run", help="one command with the servers around it")
    run_parser.add_argument("--throwaway", action="store_true", help="fast, without data to keep")
    run_parser.add_argument("command", nargs="+", help="after --")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    _handle_stop_signals(_interrupt)
    try:
        if arguments.verb == "demo":
            return demo()
        return run(arguments.command, arguments.throwaway)
    except EmbeddedError as error:
        sentence = str(error)
    except OSError as error:
        sentence = f"{error.strerror}: {error.filename or 'a system call was refused'}."
    except KeyboardInterrupt:
        return 130
    print(f"irtcat: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
