"""Exporting a bank's items, as `items.exchange.importing` reads them back.

Formats: docs/import-format.md.
"""

from items.enemies import groups_by_item
from items.exchange.csv_format import write_csv
from items.exchange.json_format import write_json
from items.exchange.plan import newest_versions, rows_by_item, standing_release, status_of
from items.exchange.rows import ItemRow, written_content
from items.item_parameters import parameters_of
from items.models import Bank

FORMATS = ("csv", "json")


def export_items(bank: Bank, file_format: str = "csv") -> str:
    """The newest text of every item by code, with its parameters in the authoring draft (or in the
    current release while there is no draft). A constant number of queries."""
    held, groups = rows_by_item(standing_release(bank)), groups_by_item(bank)
    rows: list[ItemRow] = []
    for code, version in sorted(newest_versions(bank).items()):
        row = held.get(version.item_id)
        holds = row is not None and row.item_version_id == version.pk
        rows.append(
            ItemRow(
                number=len(rows) + 1,
                code=code,
                status=status_of(version, row),
                content=written_content(version),
                parameters=parameters_of(row) if row and holds else None,
                enemies=groups.get(version.item_id, ()) if groups else None,
            )
        )
    if file_format == "json":
        return write_json(rows)
    return write_csv(rows, _languages(bank, rows))


def _languages(bank: Bank, rows: list[ItemRow]) -> list[str]:
    """The bank's, and any that an old text still has."""
    texts = []
    for row in rows:
        if row.content is not None:
            texts += [row.content.stem, row.content.rationale]
            texts += [text for option in row.content.options for text in (option.term, option.text)]
            texts += [row.content.stimulus.body] if row.content.stimulus else []
    others = {language for text in texts for language in text} - set(bank.languages)
    return [*bank.languages, *sorted(others)]
