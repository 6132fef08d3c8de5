"""What people say of a file of responses: one value that every command on responses shares."""

from dataclasses import dataclass
from pathlib import Path

from common.files.dialect import DETECTED, Dialect

# What `--id-column` says where no column holds ids, and `--key` where the first row is the key.
NO_ID = "none"
KEY_ROW = "row"


@dataclass(frozen=True)
class Reading:
    """How to read responses, beside what the file shows.

    id_column, item_column, response_column are names of columns (the last two of a long file);
    columns and ignore name, by `q1`, `q1:q40` or `q*`, those that are items and those that are not.
    missing are cells that stand for no answer, beside empty and NA. lowest is the score that the
    file gives for the lowest category. recode and key are as `read_recoding` and `read_key` take
    them.
    """

    dialect: Dialect = DETECTED
    id_column: str | None = None
    item_column: str | None = None
    response_column: str | None = None
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    lowest: int = 0
    recode: Path | None = None
    key: str | None = None


PLAIN = Reading()
