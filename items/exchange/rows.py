"""One item as a file says it, whatever the format; areas and stimuli by their codes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.content import OptionContent, RuleContent, Text, content_of
from items.item_parameters import Parameters
from items.models import ItemVersion

MAX_ROWS = 10_000
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")


class RowFault(NamedTuple):
    """Why a row cannot be imported. `row` is its place in the file, as a spreadsheet counts."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class StimulusText:
    """A passage; an empty body means whatever the bank's newest passage of that code says."""

    code: str
    body: Text


@dataclass(frozen=True)
class WrittenContent:
    """`Content` in words only. Languages without text are absent."""

    area: str
    kind: str
    stimulus: StimulusText | None
    stem: Text
    options: tuple[OptionContent, ...]
    rules: tuple[RuleContent, ...]
    rationale: Text
    expected_seconds: int | None


@dataclass(frozen=True)
class ItemRow:
    """`content` is None in a file of parameters only; `status` is "" and `enemies`, the sorted
    codes of its groups, is None where the file is silent."""

    number: int
    code: str
    status: str
    content: WrittenContent | None
    parameters: Parameters | None
    enemies: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Table:
    """A file as read: rows that parse, faults of those that do not.

    `names` translates our names of columns into the file's; `conversion` says for the audit trail
    what was done to the numbers.
    """

    rows: list[ItemRow]
    faults: list[RowFault]
    names: Mapping[str, str] = field(default_factory=dict)
    conversion: Mapping[str, object] = field(default_factory=dict)


def written_content(version: ItemVersion) -> WrittenContent:
    """A version as a file would say it. Load area, stimulus, options and rules before."""
    content = content_of(version)
    stimulus = content.stimulus
    return WrittenContent(
        area=content.area.code,
        kind=content.response_kind,
        stimulus=StimulusText(stimulus.code, said(stimulus.body)) if stimulus else None,
        stem=said(content.stem),
        options=tuple(
            OptionContent(said(o.text), o.score, o.note, said(o.term)) for o in content.options
        ),
        rules=content.rules,
        rationale=said(content.rationale),
        expected_seconds=content.expected_seconds,
    )


def said(text: Text) -> Text:
    """`text` without its empty languages."""
    return {language: words for language, words in text.items() if words}


def differences(old: WrittenContent, new: WrittenContent) -> list[str]:
    """Names of the fields in which `new` differs."""
    names = [f.name for f in fields(old) if getattr(old, f.name) != getattr(new, f.name)]
    if old.stimulus and new.stimulus and not new.stimulus.body:
        same_passage = old.stimulus.code == new.stimulus.code
        return [name for name in names if name != "stimulus" or not same_passage]
    return names


def check_row_count(count: int) -> None:
    """Raises InvalidInput `file_too_large`."""
    if count > MAX_ROWS:
        raise InvalidInput(
            "file_too_large",
            _("The file has %(count)s rows; %(most)s at a time is the most. Split it.")
            % {"count": count, "most": MAX_ROWS},
        )
