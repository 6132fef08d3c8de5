"""Options on the file of responses, which every command that reads one has."""

import argparse
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from common.commands.options import whole
from common.files.dialect import SEPARATORS, Dialect, encoding_of, separator_of
from scoring.responses.cells import HIGHEST_SCORE
from scoring.responses.reading import Reading


def add_reading_options(parser: ArgumentParser) -> None:
    """How the responses are to be read; docs/response-files.md tells them by example."""
    group = parser.add_argument_group("how the responses are read")
    group.add_argument(
        "--key", help="right options: a string as BDAC, a file of item,key, or `row` (the first)"
    )
    group.add_argument(
        "--missing",
        type=_listed,
        default=(),
        metavar="CODES",
        help="what stands for no answer, as 9,99,NA,. (write --missing=-9 for a minus)",
    )
    group.add_argument(
        "--lowest",
        type=whole(minimum=0, maximum=HIGHEST_SCORE),
        default=0,
        help="the score of the lowest category in the file: 1 where it counts from 1",
    )
    group.add_argument(
        "--recode", type=Path, metavar="FILE", help="CSV item,from,to: what cells become"
    )
    group.add_argument("--id-column", metavar="NAME", help="holds the persons; none: no column")
    group.add_argument("--item-column", metavar="NAME", help="holds the items of a long file")
    group.add_argument("--response-column", metavar="NAME", help="holds those of a long file")
    group.add_argument(
        "--columns", type=_listed, default=(), help="that are items, as q1,q2 or q1:q40 or q*"
    )
    group.add_argument(
        "--ignore", type=_listed, default=(), metavar="COLUMNS", help="that are no items"
    )
    group.add_argument(
        "--separator",
        type=_separator,
        metavar="MARK",
        help=f"of cells: {', '.join(SEPARATORS)} or the mark itself; default: as the file shows",
    )
    group.add_argument(
        "--encoding",
        type=_encoding,
        help="of text, as cp949, latin-1 or utf-16; default: as the file shows",
    )
    group.add_argument(
        "--decimal", choices=[".", ","], help="mark in numbers; default: either is read"
    )
    group.add_argument("--sheet", metavar="NAME", help="of a workbook; default: the first")


def reading_of(options: dict[str, Any]) -> Reading:
    """What the options say."""
    return Reading(
        dialect=Dialect(
            separator=options["separator"],
            encoding=options["encoding"],
            decimal=options["decimal"],
            sheet=options["sheet"],
        ),
        id_column=options["id_column"],
        item_column=options["item_column"],
        response_column=options["response_column"],
        columns=options["columns"],
        ignore=options["ignore"],
        missing=options["missing"],
        lowest=options["lowest"],
        recode=options["recode"],
        key=options["key"],
    )


def input_files(options: dict[str, Any]) -> list[Path | None]:
    """Files among the options on reading, which no output may replace."""
    return [options["recode"], Path(options["key"]) if options["key"] else None]


def _listed(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        raise argparse.ArgumentTypeError(f"must be a list with commas between, not {text!r}")
    return parts


def _separator(text: str) -> str:
    try:
        return separator_of(text)
    except ValueError:
        known = ", ".join(SEPARATORS)
        raise argparse.ArgumentTypeError(f"must be one mark or {known}, not {text!r}") from None


def _encoding(text: str) -> str:
    try:
        return encoding_of(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"no encoding is called {text!r}; known are utf-8, utf-16, cp949, latin-1 and others"
        ) from None
