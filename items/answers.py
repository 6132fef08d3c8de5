"""Checking and scoring answers, without a query: a rule is built once and kept in memory."""

from collections.abc import Sequence
from typing import Any

from items.kinds.forms import FormData
from items.kinds.kind import Answer
from items.kinds.parts import ScoringRule
from items.kinds.registry import KINDS, kind_of
from items.kinds.shuffle import shuffle
from items.models import ItemVersion

__all__ = ["ScoringRule", "answer_from_form", "check_and_score", "scoring_rule", "shown_order"]


def scoring_rule(version: ItemVersion) -> ScoringRule:
    """Prefetch `options` and `numeric_rules` to save queries."""
    options = list(version.options.all())
    return ScoringRule(
        kind=version.response_kind,
        max_score=version.max_score,
        option_scores={option.position: option.score for option in options},
        ranges=tuple((r.lower, r.upper, r.score) for r in version.numeric_rules.all()),
        terms=tuple(option.position for option in options if option.term),
    )


def shown_order(rule: ScoringRule, version_id: int, seed: int) -> tuple[int, ...] | None:
    """The positions of the options in the order in which the session with this seed sees them;
    None for the order that is stored."""
    if not kind_of(rule.kind).is_shuffled:
        return None
    return shuffle(rule.option_scores, seed, version_id)


def check_and_score(
    rule: ScoringRule, answer: Any, shown: Sequence[int] | None = None
) -> tuple[Answer, int]:
    """(the answer in its normal form, its score from 0).

    `shown`: as `shown_order` gives it; the stored order where it is None. Raises InvalidInput
    `malformed_answer` or `unknown_option`, and LookupError for an unknown kind.
    """
    kind = kind_of(rule.kind)
    if not isinstance(answer, dict) or len(answer) != 1:
        raise kind.malformed()
    return kind.score(rule, answer, tuple(rule.option_scores) if shown is None else shown)


def answer_from_form(data: FormData) -> Answer | None:
    """The answer in a form of the test page, which scoring then checks; None without any."""
    answers = (kind.answer_from_form(data) for kind in KINDS.values())
    return next((answer for answer in answers if answer is not None), None)
