"""A number is typed; rules say which numbers pay what."""

import math
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.kinds.forms import FormData
from items.kinds.kind import Answer, Kind
from items.kinds.numbers import LONGEST_TEXT, Reading, read_number
from items.kinds.parts import HIGHEST_SCORE, Fault, Parts, RuleContent, ScoringRule
from items.models import ResponseKind

_LONGEST_QUOTE = 40


class Numeric(Kind):
    name = ResponseKind.NUMERIC
    has_rules = True
    example = {"number": "3.5"}

    def faults(self, parts: Parts, languages: Sequence[str]) -> Iterator[Fault]:
        yield from super().faults(parts, languages)
        if not parts.rules:
            yield Fault("rules", "rule_1_lower", _("A numeric item needs at least one rule."))
        for number, rule in enumerate(parts.rules, start=1):
            yield from _rule_faults(f"rule_{number}", rule)

    def highest_score(self, parts: Parts) -> int:
        return max((rule.score for rule in parts.rules), default=0)

    def score(self, rule: ScoringRule, answer: Answer, shown: Sequence[int]) -> tuple[Answer, int]:
        """Raises InvalidInput `ambiguous_number` too: where the ordinary reading of a text pays
        less than another one, nobody but the examinee knows which is meant."""
        given = answer.get("number")
        if isinstance(given, bool) or not isinstance(given, (str, int, float)):
            raise self.malformed()
        found = read_number(_write_out(given))
        if not found:
            raise _not_a_number(given)
        ordinary, *others = found if isinstance(given, str) else found[:1]
        score = _paid(rule, ordinary.value)
        better = next((other for other in others if _paid(rule, other.value) > score), None)
        if better is not None:
            raise _ambiguous(given, ordinary, better)
        return {"number": ordinary.normal}, score

    def answer_from_form(self, data: FormData) -> Answer | None:
        given = data.get("number", "")
        return {"number": given} if given.strip() else None


def _rule_faults(prefix: str, rule: RuleContent) -> Iterator[Fault]:
    if not (math.isfinite(rule.lower) and math.isfinite(rule.upper)):
        yield Fault("rules", f"{prefix}_lower", _("The bounds of a rule are finite numbers."))
    elif rule.lower > rule.upper:
        reason = _("A rule's lower bound lies above its upper bound.")
        yield Fault("rules", f"{prefix}_lower", reason)
    if not 1 <= rule.score <= HIGHEST_SCORE:
        reason = _("A rule's score lies between 1 and %s.") % HIGHEST_SCORE
        yield Fault("rules", f"{prefix}_score", reason)


def _write_out(given: str | int | float) -> str:
    if isinstance(given, int) and abs(given) >= 10**LONGEST_TEXT:
        return ""  # Python refuses to write out the longest ones
    return str(given)


def _paid(rule: ScoringRule, number: float) -> int:
    return max(
        (score for lower, upper, score in rule.ranges if lower <= number <= upper), default=0
    )


def _not_a_number(given: str | int | float) -> InvalidInput:
    sentence = _(
        "“%s” cannot be read as a number. Write the number alone, such as 3.5, -2 or 3/4: no unit, "
        "no word, no calculation."
    )
    return InvalidInput("malformed_answer", sentence % _quote(given))


def _ambiguous(given: str | int | float, *readings: Reading) -> InvalidInput:
    sentence = _(
        "“%(given)s” can be read as %(first)s or as %(second)s. Write the one that you mean just "
        "as it stands here."
    )
    first, second = sorted(readings, key=lambda reading: reading.value)
    about = {"given": _quote(given), "first": first.spelled, "second": second.spelled}
    return InvalidInput("ambiguous_number", sentence % about)


def _quote(given: str | int | float) -> str:
    text = _write_out(given).strip()
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
