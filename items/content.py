"""What an item version says, as plain values, and the rules that it must keep."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.models import LONGEST_SECONDS, Bank, ContentArea, ItemVersion, ResponseKind, Stimulus

Text = dict[str, str]

HIGHEST_SCORE = 20
MOST_OPTIONS = 26
LONGEST_TEXT = 20_000
LONGEST_OPTION_NOTE = 200


@dataclass(frozen=True)
class OptionContent:
    text: Text
    score: int = 0
    note: str = ""


@dataclass(frozen=True)
class RuleContent:
    """Numeric answers in [lower, upper] earn `score`."""

    lower: float
    upper: float
    score: int = 1


@dataclass(frozen=True)
class Content:
    """All that an item version says; options or rules as its kind asks."""

    area: ContentArea
    response_kind: str
    stem: Text
    options: tuple[OptionContent, ...] = ()
    rules: tuple[RuleContent, ...] = ()
    rationale: Text = field(default_factory=dict)
    stimulus: Stimulus | None = None
    expected_seconds: int | None = None

    @property
    def max_score(self) -> int:
        """The best rule or option; the sum for multiple response with partial credit."""
        if self.response_kind == ResponseKind.NUMERIC:
            return max((rule.score for rule in self.rules), default=0)
        scores = [option.score for option in self.options]
        if self.response_kind == ResponseKind.MULTIPLE_RESPONSE and max(scores, default=0) > 1:
            return sum(scores)
        return max(scores, default=0)

    @property
    def has_sole_key(self) -> bool:
        return self.response_kind == ResponseKind.SINGLE_CHOICE and self.max_score == 1


class Fault(NamedTuple):
    """A broken rule: the field of `Content`, the import column where it shows, a sentence."""

    field: str
    column: str
    reason: str


def content_of(version: ItemVersion) -> Content:
    """The content of a version, as a form or an export starts from it."""
    rules = sorted(version.numeric_rules.all(), key=lambda rule: rule.pk)
    return Content(
        area=version.area,
        response_kind=version.response_kind,
        stem=version.stem,
        options=tuple(OptionContent(o.text, o.score, o.note) for o in version.options.all()),
        rules=tuple(RuleContent(r.lower, r.upper, r.score) for r in rules),
        rationale=version.rationale,
        stimulus=version.stimulus,
        expected_seconds=version.expected_seconds,
    )


def check_content(bank: Bank, content: Content) -> None:
    """Raises InvalidInput `invalid_content` whose `detail.fields` names every fault by field."""
    fields: dict[str, str] = {}
    for fault in content_faults(bank, content):
        fields[fault.field] = f"{fields.get(fault.field, '')} {fault.reason}".strip()
    if fields:
        sentence = " ".join(f"{name}: {reason}" for name, reason in fields.items())
        raise InvalidInput("invalid_content", sentence, fields=fields)


def content_faults(bank: Bank, content: Content) -> list[Fault]:
    """Every rule that the content breaks in this bank."""
    if content.response_kind not in ResponseKind.values:
        unknown = _("Unknown kind “%s”.") % content.response_kind
        return [Fault("response_kind", "kind", unknown)]
    return [
        *_place_faults(bank, content),
        *_seconds_faults(content),
        *text_faults("stem", "stem", content.stem, bank.languages),
        *text_faults("rationale", "rationale", content.rationale, bank.languages, optional=True),
        *_option_faults(bank, content),
        *_key_faults(content),
        *_rule_faults(content),
    ]


def _place_faults(bank: Bank, content: Content) -> Iterator[Fault]:
    if content.area.bank_id != bank.pk:
        yield Fault("area", "area", _("The content area belongs to another bank."))
    if content.stimulus is not None and content.stimulus.bank_id != bank.pk:
        yield Fault("stimulus", "stimulus", _("The stimulus belongs to another bank."))


def _seconds_faults(content: Content) -> Iterator[Fault]:
    seconds = content.expected_seconds
    if seconds is not None and not 1 <= seconds <= LONGEST_SECONDS:
        reason = _("The expected time lies between 1 and %s seconds.") % LONGEST_SECONDS
        yield Fault("expected_seconds", "expected_seconds", reason)


def text_faults(
    name: str, prefix: str, text: Text, languages: list[str], optional: bool = False
) -> Iterator[Fault]:
    """A text has every language of the bank and no other; an optional one may lack some."""
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
        if len(words) > LONGEST_TEXT:
            yield Fault(name, column, _("The text is longer than %s characters.") % LONGEST_TEXT)


def _option_faults(bank: Bank, content: Content) -> Iterator[Fault]:
    if content.response_kind == ResponseKind.NUMERIC:
        if content.options:
            yield Fault("options", "option_1", _("A numeric item has rules, not options."))
        return
    if not 2 <= len(content.options) <= MOST_OPTIONS:
        reason = _("An item has 2 to %(most)s options, not %(given)s.") % {
            "most": MOST_OPTIONS,
            "given": len(content.options),
        }
        yield Fault("options", f"option_{min(len(content.options), MOST_OPTIONS) + 1}", reason)
    for number, option in enumerate(content.options, start=1):
        prefix = f"option_{number}"
        yield from text_faults("options", prefix, option.text, bank.languages)
        if not 0 <= option.score <= HIGHEST_SCORE:
            reason = _("A score lies between 0 and %s.") % HIGHEST_SCORE
            yield Fault("options", f"{prefix}_score", reason)
        if len(option.note) > LONGEST_OPTION_NOTE or "\0" in option.note:
            reason = _("A note has at most %s characters and no NUL.") % LONGEST_OPTION_NOTE
            yield Fault("options", f"{prefix}_note", reason)
    yield from _duplicate_faults(bank, content)


def _duplicate_faults(bank: Bank, content: Content) -> Iterator[Fault]:
    for language in bank.languages:
        first: dict[str, int] = {}
        for number, option in enumerate(content.options, start=1):
            words = option.text.get(language, "").strip()
            if words and first.setdefault(words, number) != number:
                reason = _("Options %(first)s and %(second)s read the same in “%(language)s”.") % {
                    "first": first[words],
                    "second": number,
                    "language": language,
                }
                yield Fault("options", f"option_{number}_{language}", reason)


def _key_faults(content: Content) -> Iterator[Fault]:
    if content.response_kind == ResponseKind.NUMERIC or not content.options:
        return
    scores = [option.score for option in content.options]
    if content.response_kind == ResponseKind.LIKERT:
        if sorted(scores) != list(range(len(scores))):
            last = len(scores) - 1
            reason = _("A Likert item scores each category once, from 0 to %s.") % last
            yield Fault("options", "key", reason)
        return
    if max(scores) <= 0:
        yield Fault("options", "key", _("No option scores: mark the key."))
    elif content.has_sole_key and scores.count(1) != 1:
        reason = _("A dichotomous item has exactly one key, not %s.") % scores.count(1)
        yield Fault("options", "key", reason)
    elif content.max_score > HIGHEST_SCORE:
        reason = _("The highest score is %(given)s; %(most)s is the most.") % {
            "given": content.max_score,
            "most": HIGHEST_SCORE,
        }
        yield Fault("options", "key", reason)


def _rule_faults(content: Content) -> Iterator[Fault]:
    if content.response_kind != ResponseKind.NUMERIC:
        if content.rules:
            yield Fault("rules", "rule_1_lower", _("Only a numeric item has rules."))
        return
    if not content.rules:
        yield Fault("rules", "rule_1_lower", _("A numeric item needs at least one rule."))
    for number, rule in enumerate(content.rules, start=1):
        prefix = f"rule_{number}"
        if not (math.isfinite(rule.lower) and math.isfinite(rule.upper)):
            yield Fault("rules", f"{prefix}_lower", _("The bounds of a rule are finite numbers."))
        elif rule.lower > rule.upper:
            reason = _("A rule's lower bound lies above its upper bound.")
            yield Fault("rules", f"{prefix}_lower", reason)
        if not 1 <= rule.score <= HIGHEST_SCORE:
            reason = _("A rule's score lies between 1 and %s.") % HIGHEST_SCORE
            yield Fault("rules", f"{prefix}_score", reason)
