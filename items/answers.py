"""Checking and scoring answers, without a query: a rule is built once and kept in memory."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.models import ItemVersion, ResponseKind

MAX_NUMBER_LENGTH = 40
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?")
_FRACTION = re.compile(r"([+-]?)(?:([0-9]+) +)?([0-9]+) ?/ ?([0-9]+)")


@dataclass(frozen=True, slots=True)
class ScoringRule:
    """What an item version pays for which answer. Never leaves the server."""

    kind: str
    max_score: int
    option_scores: dict[int, int]
    ranges: tuple[tuple[float, float, int], ...]


def scoring_rule(version: ItemVersion) -> ScoringRule:
    """Prefetch `options` and `numeric_rules` to save queries."""
    return ScoringRule(
        kind=version.response_kind,
        max_score=version.max_score,
        option_scores={option.position: option.score for option in version.options.all()},
        ranges=tuple((r.lower, r.upper, r.score) for r in version.numeric_rules.all()),
    )


def check_and_score(rule: ScoringRule, answer: Any) -> tuple[dict[str, Any], int]:
    """(the answer in its normal form, its score from 0).

    Raises InvalidInput `malformed_answer` or `unknown_option`.
    """
    if not isinstance(answer, dict) or len(answer) != 1:
        raise _malformed(rule)
    if rule.kind == ResponseKind.NUMERIC:
        return _score_number(rule, answer)
    if rule.kind == ResponseKind.MULTIPLE_RESPONSE:
        return _score_set(rule, answer)
    return _score_choice(rule, answer)


def _score_choice(rule: ScoringRule, answer: dict[str, Any]) -> tuple[dict[str, Any], int]:
    option = answer.get("option")
    if not isinstance(option, int) or isinstance(option, bool):
        raise _malformed(rule)
    _require_known(rule, [option])
    return {"option": option}, rule.option_scores[option]


def _score_set(rule: ScoringRule, answer: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """All or nothing where the highest score is 1; else the sum, and 0 with any wrong option."""
    chosen = answer.get("options")
    if not isinstance(chosen, list) or not all(map(_is_integer, chosen)):
        raise _malformed(rule)
    if len(set(chosen)) != len(chosen):
        raise _malformed(rule)
    _require_known(rule, chosen)
    normal = {"options": sorted(chosen)}
    scores = [rule.option_scores[option] for option in chosen]
    if not scores or min(scores) == 0:
        return normal, 0
    if rule.max_score == 1:
        keys = {option for option, score in rule.option_scores.items() if score}
        return normal, int(set(chosen) == keys)
    return normal, min(sum(scores), rule.max_score)


def _score_number(rule: ScoringRule, answer: dict[str, Any]) -> tuple[dict[str, Any], int]:
    given = answer.get("number")
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise _malformed(rule)
    text = _plain_number(given)
    number = _parse_number(text)
    if number is None:
        raise InvalidInput(
            "malformed_answer", _("Write the answer as a number, such as 3.5, -2 or 3/4.")
        )
    scores = [score for lower, upper, score in rule.ranges if lower <= number <= upper]
    return {"number": text}, max(scores, default=0)


def _plain_number(given: str | int | float) -> str:
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


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require_known(rule: ScoringRule, options: list[int]) -> None:
    unknown = [option for option in options if option not in rule.option_scores]
    if unknown:
        raise InvalidInput("unknown_option", _("This item has no option %s.") % unknown[0])


def _malformed(rule: ScoringRule) -> InvalidInput:
    shapes = {
        ResponseKind.NUMERIC: '{"number": "3.5"}',
        ResponseKind.MULTIPLE_RESPONSE: '{"options": [1, 3]}',
    }
    shape = shapes.get(ResponseKind(rule.kind), '{"option": 2}')
    return InvalidInput("malformed_answer", _("An answer to this item looks like %s.") % shape)
