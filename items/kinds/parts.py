"""What an item version is made of, as plain values, and the rules that every text keeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from common.texts import is_blank
from items.written import writing_faults

Text = dict[str, str]

HIGHEST_SCORE = 20
MOST_OPTIONS = 26
LONGEST_TEXT = 20_000
LONGEST_OPTION_NOTE = 200


@dataclass(frozen=True)
class OptionContent:
    """`term` is what the option is the match of, in kinds that match; empty for a distractor."""

    text: Text
    score: int = 0
    note: str = ""
    term: Text = field(default_factory=dict)


@dataclass(frozen=True)
class RuleContent:
    """Numeric answers in [lower, upper] earn `score`."""

    lower: float
    upper: float
    score: int = 1


class Parts(Protocol):
    """The parts of a content that its kind decides about."""

    @property
    def options(self) -> Sequence[OptionContent]: ...

    @property
    def rules(self) -> Sequence[RuleContent]: ...


class Fault(NamedTuple):
    """A broken rule: the field of `Content`, the import column where it shows, a sentence."""

    field: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScoringRule:
    """What an item version pays for which answer. Never leaves the server.

    option_scores: {position: score} of all options. ranges: (lower, upper, score) of the numeric
    rules. terms: the positions of the options that have a term, in order.
    """

    kind: str
    max_score: int
    option_scores: dict[int, int]
    ranges: tuple[tuple[float, float, int], ...]
    terms: tuple[int, ...] = ()


def text_faults(
    name: str,
    prefix: str,
    text: Text,
    languages: Sequence[str],
    optional: bool = False,
    in_options: bool = False,
) -> Iterator[Fault]:
    """A text has every language of the bank and no other; an optional one may lack some. All of it
    is shown, in an option or elsewhere."""
    if not languages and not optional:
        yield Fault(name, prefix, _("The bank has no language to write in."))
    for language in languages:
        if not optional and not text.get(language, "").strip():
            yield Fault(name, f"{prefix}_{language}", _("The text in “%s” is missing.") % language)
    for language, words in text.items():
        column = f"{prefix}_{language}"
        if language not in languages:
            reason = _("The bank has no language “%(given)s”; it has: %(known)s.") % {
                "given": language,
                "known": ", ".join(languages),
            }
            yield Fault(name, column, reason)
        if "\0" in words:
            yield Fault(name, column, _("The text holds a NUL character."))
        elif words.strip() and not (optional and is_blank(words)):
            yield from (Fault(name, column, why) for why in writing_faults(words, in_options))
        if len(words) > LONGEST_TEXT:
            yield Fault(name, column, _("The text is longer than %s characters.") % LONGEST_TEXT)
