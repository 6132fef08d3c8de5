"""Types and checks of command options, and refusals, that several commands share."""

import argparse
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

from common.files.csv_files import DataError
from irt.calibration.population import PopulationError
from irt.responses import ResponseError

# Exit status when a file's content, not the program, is at fault.
BAD_DATA = 2

# What shells report of a program that Ctrl-C ended: 128 + SIGINT.
INTERRUPTED = 130


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


def whole(minimum: int, maximum: int | None = None) -> Callable[[str], int]:
    """A whole number of at least `minimum` and at most `maximum`."""

    def parse(text: str) -> int:
        if not text.strip().isdecimal() or int(text) < minimum:
            raise argparse.ArgumentTypeError(f"must be a whole number from {minimum}, not {text}")
        if maximum is not None and int(text) > maximum:
            raise argparse.ArgumentTypeError(f"must be at most {maximum}, not {text}")
        return int(text)

    return parse


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turn what a file, a disk or Ctrl-C may do into one sentence and an exit status."""
    try:
        yield
    except (DataError, ResponseError, PopulationError) as error:
        raise CommandError(str(error), returncode=BAD_DATA) from error
    except OSError as error:
        raise CommandError(
            f"the output could not be written: {error.strerror or error}; the files are as before",
            returncode=BAD_DATA,
        ) from error
    except KeyboardInterrupt:
        raise CommandError("interrupted; no file is half written", returncode=INTERRUPTED) from None


def check_folders(*outputs: Path | None, inputs: Iterable[Path | None] = ()) -> None:
    """Refuse output files that cannot be written, before any work is done.

    An output may be neither an input nor another output.
    """
    taken = {path.resolve() for path in inputs if path}
    for path in filter(None, outputs):
        reason = _fault(path)
        if path.resolve() in taken:
            reason = f"{path} is named twice, or is a file to read; choose another name"
        if reason:
            raise CommandError(reason, returncode=BAD_DATA)
        taken.add(path.resolve())


def check_output_folder(folder: Path) -> None:
    """Refuse a folder that can neither be made nor be written to, before any work is done."""
    parent = folder.resolve().parent
    if folder.is_dir():
        writable, reason = folder, None
    elif folder.exists():
        writable, reason = parent, f"{folder} is a file; name a folder"
    elif not parent.is_dir():
        writable, reason = parent, f"the folder {parent} does not exist; create it"
    else:
        writable, reason = parent, None
    if reason is None and not (os.access(writable, os.W_OK) and os.access(parent, os.W_OK)):
        reason = f"the folders {parent} and {folder} must be writable"
    if reason:
        raise CommandError(reason, returncode=BAD_DATA)


def _fault(path: Path) -> str | None:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist; create it or choose another"
    if path.is_dir():
        return f"{path} is a folder; name a file in it"
    if path.exists() and not path.is_file():
        return f"{path} is not a regular file, which is written whole or not at all"
    if not os.access(path.parent, os.W_OK):
        return f"the folder {path.parent} may not be written to"
    return None
