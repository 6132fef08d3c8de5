"""Items as JSON: the same facts as the CSV columns, nested."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.content import Text
from items.exchange.cells import is_content, is_known, read_rows
from items.exchange.rows import ItemRow, RowFault, Table, WrittenContent, check_row_count
from items.item_parameters import Parameters
from items.kinds.registry import kind_of

# How a member of an item is called as a column: {"stem": {"en": …}} is stem_en.
_LISTS = {"options": "option", "rules": "rule"}
_PLAIN: dict[str, Any] = dict.fromkeys(("code", "area", "kind", "status", "key"), str)
_PLAIN |= {"expected_seconds": int | float}
_TEXTS = ("stem", "rationale")


def read_json(text: str) -> Table:
    """Items of {"items": [...]}; faults name columns as in CSV and rows from 1.

    Raises InvalidInput `unreadable_file`.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("unreadable_file", _("The file is not JSON: %s.") % error) from error
    items = document.get("items") if isinstance(document, dict) else None
    if isinstance(document, list):
        message = _('The file holds a list: put it into {"items": [...]}.')
        raise InvalidInput("unreadable_file", message)
    if not isinstance(items, list):
        raise InvalidInput("unreadable_file", _('The file must hold {"items": [...]}.'))
    check_row_count(len(items))
    _require_storable(items)
    numbered = [(number, _flatten(item)) for number, item in enumerate(items, start=1)]
    faults = [
        RowFault(number, column, _("Unknown or misplaced member."))
        for number, cells in numbered
        for column in cells
        if not is_known(column)
    ]
    with_content = any(is_content(column) for _number, cells in numbered for column in cells)
    rows, more = read_rows(numbered, with_content)
    return Table(rows, faults + more, names={})


def _require_storable(items: list[Any]) -> None:
    """JSON may escape half a surrogate pair, which is no character and which no database stores.

    Raises InvalidInput `unreadable_file` that names the item.
    """
    for number, item in enumerate(items, start=1):
        try:
            json.dumps(item, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            why = f"item {number}: unpaired surrogate {error.object[error.start]!r}"
            raise InvalidInput("unreadable_file", _("The file is not JSON: %s.") % why) from error


def _flatten(item: Any) -> dict[str, str]:
    """An item's members as the cells of a row; what has no place becomes an unknown column."""
    cells: dict[str, str] = {}
    for column, value in _members(item):
        cells[column] = value if isinstance(value, str) else json.dumps(value)
    return cells


def _members(item: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(item, dict):
        yield "(item)", item
        return
    for name, value in item.items():
        if name in _LISTS and isinstance(value, list):
            for number, part in enumerate(value, start=1):
                yield from _part(f"{_LISTS[name]}_{number}", part)
        elif name in _TEXTS:
            yield from _localized(name, value)
        elif name == "stimulus" and isinstance(value, dict):
            yield from _stimulus(value)
        elif name == "parameters" and isinstance(value, dict):
            yield from _numbers(value)
        elif name == "enemies" and isinstance(value, list) and _are_codes(value):
            yield name, " ".join(value)
        elif name in _PLAIN and isinstance(value, _PLAIN[name]):
            yield name, value
        elif value is not None:
            yield f"({name})", value


def _are_codes(values: list[Any]) -> bool:
    return all(isinstance(value, str) and len(value.split()) == 1 for value in values)


def _part(prefix: str, part: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(part, dict):
        yield f"({prefix})", part
        return
    for name, value in part.items():
        if name == "text":
            yield from _localized(prefix, value)
        elif name == "term":
            yield from _localized(f"{prefix}_term", value)
        elif isinstance(value, str if name == "note" else int | float):
            yield f"{prefix}_{name}", value
        elif value is not None:
            yield f"({prefix}_{name})", value


def _stimulus(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if name == "body":
            yield from _localized("stimulus", part)
        else:
            yield "stimulus" if name == "code" else f"(stimulus.{name})", part


def _localized(prefix: str, text: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(text, dict):
        yield f"({prefix})", text
        return
    for language, words in text.items():
        yield f"{prefix}_{language}" if isinstance(words, str) else f"({prefix}.{language})", words


def _numbers(parameters: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in parameters.items():
        if isinstance(value, list):
            for step, number in enumerate(value, start=1):
                yield f"{name}{step}", number
        elif value is not None:
            yield name, value


def write_json(rows: Sequence[ItemRow]) -> str:
    document = {"items": [_item(row) for row in rows]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _item(row: ItemRow) -> dict[str, Any]:
    item: dict[str, Any] = {"code": row.code, "status": row.status}
    if row.content is not None:
        item |= _content(row.content)
    if row.enemies is not None:
        item["enemies"] = list(row.enemies)
    if row.parameters is not None:
        item["parameters"] = _parameters(row.parameters)
    return item


def _content(content: WrittenContent) -> dict[str, Any]:
    members: dict[str, Any] = {"area": content.area, "kind": content.kind, "stem": content.stem}
    if content.expected_seconds is not None:
        members["expected_seconds"] = content.expected_seconds
    if content.stimulus is not None:
        members["stimulus"] = {"code": content.stimulus.code, "body": content.stimulus.body}
    if content.options:
        parts = kind_of(content.kind).option_parts
        members["options"] = [
            {part: getattr(option, part) for part in parts} for option in content.options
        ]
    if content.rules:
        members["rules"] = [
            {"lower": rule.lower, "upper": rule.upper, "score": rule.score}
            for rule in content.rules
        ]
    rationale: Text = content.rationale
    return members | ({"rationale": rationale} if rationale else {})


def _parameters(parameters: Parameters) -> dict[str, Any]:
    members: dict[str, Any] = {
        "model": parameters.model,
        "a": parameters.discrimination,
        "b": list(parameters.difficulty),
        "c": parameters.lower_asymptote,
        "d": parameters.upper_asymptote,
        "se_a": parameters.discrimination_se,
        "se_b": parameters.difficulty_se and list(parameters.difficulty_se),
        "se_c": parameters.lower_asymptote_se,
        "se_d": parameters.upper_asymptote_se,
    }
    return {name: value for name, value in members.items() if value is not None}
