"""Types and checks of command options that several commands share."""

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import CommandError

# Exit status when a file's content, not the program, is at fault.
BAD_DATA = 2


def positive(text: str) -> float:
    """A finite number above 0."""
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"must be a positive number, not {text}")
    return value


def finite(text: str) -> float:
    """A finite number."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a finite number, not {text}")
    return value


def whole(minimum: int) -> Callable[[str], int]:
    """A whole number of at least `minimum`."""

    def parse(text: str) -> int:
        value = int(text)
        if value < minimum:
            raise argparse.ArgumentTypeError(f"must be at least {minimum}, not {text}")
        return value

    return parse


def check_folders(*paths: Path | None) -> None:
    """Refuse output files that cannot be written, before any work is done."""
    for path in filter(None, paths):
        if not path.parent.is_dir():
            reason = f"the folder {path.parent} does not exist; create it or choose another"
        elif path.is_dir():
            reason = f"{path} is a folder; name a file in it"
        elif not os.access(path.parent, os.W_OK):
            reason = f"the folder {path.parent} may not be written to"
        else:
            continue
        raise CommandError(reason, returncode=BAD_DATA)
