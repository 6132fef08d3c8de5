"""What kinds that have options share: rules of texts and scores, and numbers that are known."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.kinds.parts import (
    HIGHEST_SCORE,
    LONGEST_OPTION_NOTE,
    MOST_OPTIONS,
    Fault,
    OptionContent,
    ScoringRule,
    Text,
    text_faults,
)
from items.written import look_of

SCORED = ("text", "score", "note")


def option_faults(
    options: Sequence[OptionContent], languages: Sequence[str], parts: Sequence[str]
) -> Iterator[Fault]:
    """Number, texts, scores and notes; `parts` are what the kind's authors write."""
    if not 2 <= len(options) <= MOST_OPTIONS:
        reason = _("An item has 2 to %(most)s options, not %(given)s.") % {
            "most": MOST_OPTIONS,
            "given": len(options),
        }
        yield Fault("options", f"option_{min(len(options), MOST_OPTIONS) + 1}", reason)
    for number, option in enumerate(options, start=1):
        prefix = f"option_{number}"
        yield from text_faults("options", prefix, option.text, languages, in_options=True)
        if not 0 <= option.score <= HIGHEST_SCORE:
            reason = _("A score lies between 0 and %s.") % HIGHEST_SCORE
            yield Fault("options", f"{prefix}_score", reason)
        if option.score and "score" not in parts:
            reason = _("This kind of item scores the whole answer: no option has a score.")
            yield Fault("options", f"{prefix}_score", reason)
        if option.term and "term" not in parts:
            column = f"{prefix}_term_{next(iter(option.term))}"
            yield Fault("options", column, _("This kind of item has no terms to match."))
        if option.note and "note" not in parts:
            reason = _("This kind of item has no mistakes behind its options.")
            yield Fault("options", f"{prefix}_note", reason)
        if len(option.note) > LONGEST_OPTION_NOTE or "\0" in option.note:
            reason = _("A note has at most %s characters and no NUL.") % LONGEST_OPTION_NOTE
            yield Fault("options", f"{prefix}_note", reason)
    texts = [option.text for option in options]
    sentence = _("Options %(first)s and %(second)s read the same in “%(language)s”.")
    for number, language, reason in repeats(texts, languages, sentence):
        yield Fault("options", f"option_{number}_{language}", reason)


def repeats(
    texts: Sequence[Text], languages: Sequence[str], sentence: str
) -> Iterator[tuple[int, str, str]]:
    """(number, language, reason) of each text that looks as an earlier one does; none is empty."""
    for language in languages:
        first: dict[str, int] = {}
        for number, text in enumerate(texts, start=1):
            words = look_of(text.get(language, ""))
            if words and first.setdefault(words, number) != number:
                about = {"first": first[words], "second": number, "language": language}
                yield number, language, sentence % about


def score_faults(highest: int) -> Iterator[Fault]:
    """Something scores, and not too much."""
    if highest <= 0:
        yield Fault("options", "key", _("No option scores: mark the key."))
    elif highest > HIGHEST_SCORE:
        reason = _("The highest score is %(given)s; %(most)s is the most.") % {
            "given": highest,
            "most": HIGHEST_SCORE,
        }
        yield Fault("options", "key", reason)


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def are_whole(values: Any) -> bool:
    return isinstance(values, list) and all(map(is_whole, values))


def require_known(rule: ScoringRule, options: Sequence[int]) -> None:
    """Raises InvalidInput `unknown_option`."""
    unknown = [option for option in options if option not in rule.option_scores]
    if unknown:
        raise InvalidInput("unknown_option", _("This item has no option %s.") % unknown[0])
