"""Bringing stored names to NFC, for migrations; what collides stays, and is told."""

import sys
from collections.abc import Callable
from typing import Any

from django.db.models import Model

from common.names import in_one_spelling

Tell = Callable[[str], Any]


def bring_to_nfc(
    model: type[Model],
    name: str,
    unique_with: tuple[str, ...] | None = (),
    tell: Tell | None = None,
) -> list[int]:
    """Store the names of this column in NFC; the keys of the rows that are left as they are.

    `unique_with`: the columns within whose values a name stands once, None where it may repeat. A
    row whose NFC is taken by another is left alone. `tell` gets a line for each row concerned.
    """
    tell = tell or _print
    columns = [name, *(unique_with or ())]
    rows = list(model._default_manager.order_by("pk").values("pk", *columns))
    others = [column for column in columns if column != name]
    taken = {tuple(row[column] for column in columns): row["pk"] for row in rows}
    left = []
    for row in rows:
        wanted = in_one_spelling(row[name])
        if wanted == row[name]:
            continue
        about = f"{model._meta.label} {row['pk']}: {name} {row[name]!a}"
        holder = taken.setdefault((wanted, *(row[c] for c in others)), row["pk"])
        if unique_with is not None and holder != row["pk"]:
            left.append(row["pk"])
            tell(
                f"{about} stays as it is: its NFC is the {name} of {holder}. Rename or retire one "
                "of the two."
            )
            continue
        model._default_manager.filter(pk=row["pk"]).update(**{name: wanted})
        tell(f"{about} is in NFC now.")
    return left


def _print(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def validate_where_kept(schema_editor: Any, table: str, column: str, constraint: str) -> None:
    """Let PostgreSQL vouch for old rows too, where none breaks the constraint."""
    name = schema_editor.quote_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM {name(table)} "  # noqa: S608 - names of our own
            f"WHERE ({name(column)})::text IS NOT NFC NORMALIZED)"
        )
        if not cursor.fetchone()[0]:
            cursor.execute(f"ALTER TABLE {name(table)} VALIDATE CONSTRAINT {name(constraint)}")
