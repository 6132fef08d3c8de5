"""Items as CSV: our own columns, and those of edu_irt."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from common.files.spreadsheet import escape_formula, unescape_formula
from irt.models.parameters import NORMAL_OGIVE_SCALE, to_logistic_metric
from items.content import Text
from items.exchange.cells import is_content, is_known, is_text, read_rows
from items.exchange.rows import ItemRow, RowFault, Table, WrittenContent
from items.exchange.tables import (
    read_records,
    repeated_columns,
    unknown_column,
    without_stated_separator,
)
from items.item_parameters import Parameters
from items.kinds.registry import kind_of

_EDU_IRT_NAMES = {"a": "Discrimination", "b": "Difficulty", "c": "Guessing"}


def read_csv(text: str, separator: str | None = None) -> Table:
    """Rows in our own columns; `item` may stand for `code`, as calibrate_csv writes it.

    Raises InvalidInput `unreadable_file`, `invalid_rows` (a header that cannot be read).
    """
    table = read_records(text, separator, lambda name: is_known(name) or name == "item")
    header = ["code" if name == "item" else name for name in table.header]
    with_content = any(map(is_content, header))
    faults = [RowFault(1, name, unknown_column(name)) for name in header if not is_known(name)]
    faults += table.faults + repeated_columns(header)
    needed = ("code", "area", "kind") if with_content else ("code",)
    faults += [
        RowFault(1, name, _("This column is missing.")) for name in needed if name not in header
    ]
    if faults:
        return Table([], faults)
    rows, faults = read_rows(_cells(header, table.body), with_content)
    names = {} if "b1" in header else {"b1": "b", "se_b1": "se_b"}
    conversion = {"metric": "as the column says"} if "metric" in header else {}
    return Table(rows, faults + table.row_faults, names, conversion)


def is_edu_irt(text: str) -> bool:
    header = without_stated_separator(text).split("\n", 1)[0]
    return "Difficulty" in header and "Discrimination" in header


def read_edu_irt(text: str, separator: str | None = None) -> Table:
    """Parameters in edu_irt's columns, D = 1.7, converted to D = 1.

    Without a column `code` (or `item`) row i holds item Qi, as in edu_irt's response matrices.
    """
    ours = {"Discrimination": "a", "Difficulty": "b", "Guessing": "c", "item": "code"}
    ours |= {"model": "model"} | {f"Difficulty{step}": f"b{step}" for step in range(1, 100)}
    table = read_records(text, separator, ours.__contains__)
    names = [ours.get(name, name) for name in table.header]
    unknown = [
        RowFault(1, given, _("Unknown column of an edu_irt file."))
        for given, name in zip(table.header, names, strict=True)
        if name != "code" and given not in ours
    ]
    unknown += table.faults + repeated_columns(names)
    if unknown:
        return Table([], unknown)
    cells = list(_cells(names, table.body))
    if "code" not in names:
        cells = [(row, {"code": f"Q{i}", **rest}) for i, (row, rest) in enumerate(cells, start=1)]
    rows, faults = read_rows(cells, with_content=False)
    file_names = {name: given for given, name in ours.items() if given != "item"}
    if "Difficulty" in table.header:
        file_names["b1"] = "Difficulty"
    return Table(
        rows=[replace(row, parameters=_convert(row.parameters)) for row in rows],
        faults=faults + table.row_faults,
        names=file_names,
        conversion={"metric": "D = 1.7 to D = 1", "discrimination_times": NORMAL_OGIVE_SCALE},
    )


def _convert(parameters: Parameters | None) -> Parameters | None:
    if parameters is None:
        return None
    a = float(to_logistic_metric(parameters.discrimination))
    return replace(parameters, discrimination=a)


def _cells(
    header: Sequence[str], body: Sequence[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in body:
        yield number, dict(zip(header, map(unescape_formula, cells), strict=True))


def write_csv(rows: Sequence[ItemRow], languages: Sequence[str]) -> str:
    """The rows in our own columns; cells that a spreadsheet would run are escaped."""
    written = [_row_cells(row) for row in rows]
    used = {column for cells in written for column in cells}
    columns = [name for name in _columns(languages) if name in used or name in _ALWAYS]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_escape(name, cells.get(name, "")) for name in columns] for cells in written)
    return buffer.getvalue()


_ALWAYS = (
    *("code", "area", "kind", "status", "model"),
    *("a", "b", "c", "d", "se_a", "se_b", "se_c", "se_d"),
)


def _columns(languages: Sequence[str]) -> Iterator[str]:
    yield from ("code", "area", "kind", "status", "enemies", "expected_seconds", "stimulus")
    yield from (f"stimulus_{language}" for language in languages)
    yield from (f"stem_{language}" for language in languages)
    for number in range(1, 100):
        yield from (f"option_{number}_term_{language}" for language in languages)
        yield from (f"option_{number}_{language}" for language in languages)
        yield from (f"option_{number}_{name}" for name in ("score", "note"))
    for number in range(1, 100):
        yield from (f"rule_{number}_{name}" for name in ("lower", "upper", "score"))
    yield from (f"rationale_{language}" for language in languages)
    yield from ("model", "a", "b", *(f"b{step}" for step in range(1, 100)), "c", "d")
    yield from ("se_a", "se_b", *(f"se_b{step}" for step in range(1, 100)), "se_c", "se_d")


def _escape(column: str, cell: str) -> str:
    """Numbers and fixed words stay as they are: a difficulty may be negative."""
    is_escaped = is_text(column) or column in ("code", "area", "enemies", "stimulus")
    return escape_formula(cell) if is_escaped else cell


def _row_cells(row: ItemRow) -> dict[str, str]:
    """The cells of a row that hold something."""
    cells = {"code": row.code, "status": row.status, "enemies": " ".join(row.enemies or ())}
    if row.content is not None:
        cells |= _content_cells(row.content)
    if row.parameters is not None:
        cells |= _parameter_cells(row.parameters)
    return {column: cell for column, cell in cells.items() if cell != ""}


def _content_cells(content: WrittenContent) -> dict[str, str]:
    cells = {"area": content.area, "kind": content.kind}
    if content.expected_seconds is not None:
        cells["expected_seconds"] = str(content.expected_seconds)
    cells |= _text_cells("stem", content.stem) | _text_cells("rationale", content.rationale)
    if content.stimulus is not None:
        cells["stimulus"] = content.stimulus.code
        cells |= _text_cells("stimulus", content.stimulus.body)
    parts = kind_of(content.kind).option_parts
    for number, option in enumerate(content.options, start=1):
        prefix = f"option_{number}"
        cells |= _text_cells(f"{prefix}_term", option.term) | _text_cells(prefix, option.text)
        cells |= {f"{prefix}_score": str(option.score)} if "score" in parts else {}
        cells[f"{prefix}_note"] = option.note
    for number, rule in enumerate(content.rules, start=1):
        prefix = f"rule_{number}"
        cells |= {f"{prefix}_lower": repr(rule.lower), f"{prefix}_upper": repr(rule.upper)}
        cells[f"{prefix}_score"] = str(rule.score)
    return cells


def _text_cells(prefix: str, text: Text) -> dict[str, str]:
    return {f"{prefix}_{language}": words for language, words in text.items()}


def _parameter_cells(parameters: Parameters) -> dict[str, str]:
    numbers: dict[str, float | None] = {
        "a": parameters.discrimination,
        "c": parameters.lower_asymptote,
        "d": parameters.upper_asymptote,
        "se_a": parameters.discrimination_se,
        "se_c": parameters.lower_asymptote_se,
        "se_d": parameters.upper_asymptote_se,
    }
    single = len(parameters.difficulty) == 1
    for prefix, values in (("b", parameters.difficulty), ("se_b", parameters.difficulty_se or ())):
        for step, value in enumerate(values, start=1):
            numbers[prefix if single else f"{prefix}{step}"] = value
    said = {name: repr(number) for name, number in numbers.items() if number is not None}
    return {"model": parameters.model} | said
