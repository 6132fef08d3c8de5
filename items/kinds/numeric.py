"""A number is typed; rules say which numbers pay what."""

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.kinds.forms import FormData
from items.kinds.kind import Answer, Kind
from items.kinds.parts import HIGHEST_SCORE, Fault, Parts, RuleContent, ScoringRule
from items.models import ResponseKind

MAX_NUMBER_LENGTH = 40
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?")
_FRACTION = re.compile(r"([+-]?)(?:([0-9]+) +)?([0-9]+) ?/ ?([0-9]+)")


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
        given = answer.get("number")
        if isinstance(given, bool) or not isinstance(given, (str, int, float)):
            raise self.malformed()
        text = _write_plainly(given)
        number = _parse_number(text)
        if number is None:
            raise InvalidInput(
                "malformed_answer", _("Write the answer as a number, such as 3.5, -2 or 3/4.")
            )
        scores = [score for lower, upper, score in rule.ranges if lower <= number <= upper]
        return {"number": text}, max(scores, default=0)

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


def _write_plainly(given: str | int | float) -> str:
    """`12,000` is twelve thousand in English and Korean; any other comma is a decimal one."""
    if isinstance(given, int) and abs(given) >= 10**MAX_NUMBER_LENGTH:
        return ""  # Python refuses to write out the longest ones
    if not isinstance(given, str):
        return str(given)
    text = given.strip().replace("\u2212", "-")
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return text.replace(",", ".")


def _parse_number(text: str) -> float | None:
    """The number, where 3/4 and 1 1/2 are fractions; None when `text` is not one."""
    if len(text) > MAX_NUMBER_LENGTH:
        return None
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    parts = _FRACTION.fullmatch(text)
    if parts is None or int(parts[4]) == 0:
        return None
    size = int(parts[2] or 0) + Fraction(int(parts[3]), int(parts[4]))
    return float(-size if parts[1] == "-" else size)
