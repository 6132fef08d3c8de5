"""What a section of the report is made of: a sentence, a verdict, advice, pictures and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.words import as_text

# More rows than these are for the CSV file alone.
ROWS_SHOWN = 60

Format = Callable[[object], str]


class Level(StrEnum):
    """How a verdict is marked."""

    GOOD = "good"
    LOOK = "look"
    ACT = "act"
    NONE = "none"  # nothing to judge, or nothing could be computed


@dataclass(frozen=True)
class Verdict:
    """A judgement in plain words, and what to do about it."""

    level: Level
    text: str
    advice: str

    @property
    def brief(self) -> str:
        """For a list of verdicts: with the reason where there is none."""
        return f"{self.text} {self.advice}" if self.level == Level.NONE else self.text


class Column(NamedTuple):
    """`name` heads it in the CSV file, whatever the language, and `heading` on the page.

    Without a heading it is in the file alone.
    """

    name: str
    heading: str | None
    format: Format = as_text

    @property
    def is_text(self) -> bool:
        return self.format is as_text


@dataclass(frozen=True)
class Cell:
    text: str
    is_text: bool


@dataclass(frozen=True)
class Table:
    """Rows of plain values, all of them in the file NAME.csv.

    `shown` are the places of the rows on the page, by default the first `ROWS_SHOWN`; marked the
    places of rows that stand out.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    shown: Sequence[int] | None = None
    marked: frozenset[int] = frozenset()

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"

    @property
    def header(self) -> list[str]:
        """Of the file."""
        return [column.name for column in self.columns]

    @property
    def places(self) -> Sequence[int]:
        """Rows on the page."""
        return range(min(len(self.rows), ROWS_SHOWN)) if self.shown is None else self.shown

    @property
    def n_shown(self) -> int:
        return len(self.places)

    @property
    def is_cut(self) -> bool:
        """Whether the file has rows that the page has not."""
        return self.n_shown < len(self.rows)

    @property
    def headings(self) -> list[Cell]:
        """Of the columns on the page."""
        return [
            Cell(column.heading or "", column.is_text)
            for column, used in zip(self.columns, self._used, strict=True)
            if used
        ]

    @property
    def page_rows(self) -> list[tuple[list[Cell], bool]]:
        """The cells of each row on the page, and whether it is marked."""
        return [
            (
                [
                    Cell(column.format(value), column.is_text)
                    for column, used, value in zip(
                        self.columns, self._used, self.rows[place], strict=True
                    )
                    if used
                ],
                place in self.marked,
            )
            for place in self.places
        ]

    @cached_property
    def _used(self) -> list[bool]:
        """Columns that have a heading and, where they are text, something in them."""
        return [
            column.heading is not None
            and (not column.is_text or any(self.rows[place][at] for place in self.places))
            for at, column in enumerate(self.columns)
        ]


@dataclass(frozen=True)
class Figure:
    """A drawing (the inside of an SVG) with what a reader who cannot see it needs.

    `name` is unique on the page. numbers are what the drawing shows, where no table of the section
    shows it; legend names the classes of its lines and areas.
    """

    name: str
    title: str
    description: str
    drawing: SafeString
    width: int
    height: int
    legend: Sequence[tuple[str, str]] = ()
    numbers: Table | None = None
    is_small: bool = False


@dataclass(frozen=True)
class Section:
    """`name` is its anchor; `shows` says in one sentence what it is about.

    figures stand alone, small_figures side by side; notes explain what was left out and why.
    file_tables are written beside the page but not shown on it.
    """

    name: str
    title: str
    shows: str
    verdict: Verdict
    figures: Sequence[Figure] = ()
    small_figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    file_tables: Sequence[Table] = ()
    notes: Sequence[str] = ()

    @property
    def files(self) -> list[Table]:
        """The tables that are written as files."""
        return [*self.tables, *self.file_tables]


def not_computed(name: str, title: str, shows: str, reason: object) -> Section:
    """A section that says why it is empty."""
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=Verdict(
            Level.NONE,
            _("This could not be computed."),
            _("The reason: %(reason)s") % {"reason": reason},
        ),
    )
