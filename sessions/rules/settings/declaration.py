"""What a setting of a test is declared by: all that is said about it, in one place.

The column and its label stand in `TestVersion`, its way to the engine in `sessions.rules.policies`;
the form, the faults, the summary of a version and docs/settings.md are made of the declarations.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise

from irt.policy.policy import Policy
from irt.pool import Pool
from items.models import Bank
from sessions.models import TestVersion

Text = str | Promise


class SettingFault(NamedTuple):
    """A sentence that tells how to mend it, and the setting that it is about."""

    field: str
    sentence: str


class Rule(NamedTuple):
    """A named constraint of the database, and what it means to those who set a test up."""

    constraint: str
    sentence: Text


@dataclass(frozen=True)
class When:
    """A setting matters only where another one has one of these values; () = where it has any.

    Elsewhere the page folds it away, and sends its empty value where that `forgets` it.
    """

    name: str
    values: tuple[str, ...] = ()
    forgets: bool = False

    def __str__(self) -> str:
        """As static/js/fold.js reads it."""
        return f"{self.name}={','.join(self.values) or '*'}"

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Whether it does in data that a page sent."""
        given = data.get(self.name)
        return given in self.values if self.values else bool(given)


@dataclass(frozen=True)
class Case:
    """A version beside a bank: its policy, and the items that the bank's release has in use."""

    version: TestVersion
    policy: Policy
    pool: Pool


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting; `name` is its column of TestVersion, whose verbose name is its label.

    help           what the page says below its field
    label          what the page calls it, where that is not the column's verbose name
    when           where it matters; None = always
    rows           what there is to choose from in a bank, by code
    part           template of what edits it, where it is no single field
    rules          constraints of the database, told at this setting
    faults         {code: sentence} of what the engine finds, told at this setting
    find_faults    sentences about a version in itself; its JSON may have any form, which is for
                   constraints to tell
    find_contradictions  sentences about a version beside the bank's current release
    summarize      its words in the line that sums a version up
    is_said_late   in that line, after all that says what a test holds
    documentation  what docs/settings.md adds to the help, in Markdown
    """

    name: str
    help: Text = ""
    label: Text = ""
    when: When | None = None
    rows: Callable[[Bank], QuerySet[Any]] | None = None
    part: str = ""
    rules: tuple[Rule, ...] = ()
    faults: Mapping[str, Text] = field(default_factory=dict)
    find_faults: Callable[[TestVersion], Iterator[str]] | None = None
    find_contradictions: Callable[[Case], Iterator[str]] | None = None
    summarize: Callable[[TestVersion], Iterator[str]] | None = None
    is_said_late: bool = False
    documentation: str = ""


@dataclass(frozen=True)
class Group:
    """Settings that are read together."""

    key: str
    title: Text
    explanation: Text
    settings: tuple[Setting, ...]

    @property
    def fields(self) -> tuple[Setting, ...]:
        """Those that are one field each."""
        return tuple(setting for setting in self.settings if not setting.part)

    @property
    def parts(self) -> list[str]:
        """Templates of the others, each once."""
        return list(dict.fromkeys(setting.part for setting in self.settings if setting.part))
