"""Rows of a file some at a time: coding more of them wakes Python's garbage collector too often."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from common.files.tables import Row, refuse_ragged
from scoring.responses.table import Codes

_ROWS_PER_BATCH = 250


def batches(
    path: Path, rows: Iterator[Row], width: int
) -> Iterator[tuple[Codes, tuple[list[str], ...]]]:
    """Line numbers (n,) and cells of the rows, each row as wide as the header.

    Raises `DataError` for a row that is not.
    """
    while batch := list(islice(rows, _ROWS_PER_BATCH)):
        for line, cells in batch:
            if len(cells) != width:
                refuse_ragged(path, line, cells, width)
        lines, body = zip(*batch, strict=True)
        yield np.array(lines, dtype=np.int32), body
