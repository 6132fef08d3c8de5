"""Whether a test ends now, and by which rule.

Up to the minimum length, and until the blueprint's minimums are met, no rule but the time counts
as met. The estimates before and after the last answer are compared for a change of theta (Babcock
& Weiss 2012) or of its standard error (after Choi, Grady & Dodd 2010); the information left is the
largest item information at theta ("minimum information" of Dodd, Koch & De Ayala 1993).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.satisfaction import minimums_met
from irt.models.information import item_information
from irt.policy.policy import Policy
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    InformationLeft,
    Rule,
    StandardError,
    StandardErrorGain,
    StopReason,
    ThetaChange,
    TimeSpent,
)
from irt.pool import Pool
from irt.state import State
from irt.stopping.classification import verdict
from irt.stopping.likelihood import counted_answers

_CONTINUE = int(StopReason.CONTINUE)

# Examinees times items whose information is taken at once: what a processor's cache holds.
_CELLS_PER_BLOCK = 1 << 15


def stop_reason(
    pool: Pool,
    policy: Policy,
    state: State,
    ability: Ability,
    available: BoolArray,
    left: BoolArray | None = None,
) -> IntArray:
    """(N,) `StopReason` of the answers in state, ability (N,) their interim estimate.

    available (N, J): items that may still be selected; left (N, J), as in `minimums_met`, are
    looked at instead where content passes none of them and its minimums are about to yield. The
    reason is the first rule that holds, in the order written; a rule is named before the maximum
    length.
    """
    limits = policy.stopping
    at_length = np.where(
        state.length >= limits.max_items, int(StopReason.MAXIMUM_LENGTH), _CONTINUE
    )
    if limits.rule is None:
        return at_length
    reason = _judge(limits.rule, _Case(pool, policy, state, ability, available, left))
    return np.where(reason == _CONTINUE, at_length, reason)


@dataclass(frozen=True, eq=False)
class _Case:
    """What the rules judge."""

    pool: Pool
    policy: Policy
    state: State
    ability: Ability
    available: BoolArray
    left: BoolArray | None

    @cached_property
    def free(self) -> BoolArray:
        """(N,) True where no minimum keeps the test going; not asked for at most steps."""
        long_enough = self.state.length >= self.policy.stopping.min_items
        if not long_enough.any():
            return long_enough
        return long_enough & minimums_met(self.pool, self.policy, self.state, self.left)


def _judge(rule: Rule, case: _Case) -> IntArray:
    """(N,) the reason that the rule gives, CONTINUE where it does not hold."""
    match rule:
        case AnyOf(rules):
            return _first_reason(_judge(part, case) for part in rules)
        case AllOf(rules):
            return _common_reason([_judge(part, case) for part in rules])
        case TimeSpent(seconds):
            return np.where(case.state.elapsed >= seconds, int(StopReason.TIME), _CONTINUE)
        case StandardError(at_most):
            reason, met = StopReason.STANDARD_ERROR, case.ability.standard_error <= at_most
        case StandardErrorGain(below):
            reason = StopReason.STANDARD_ERROR_GAIN
            met = _has_changed_less(
                case, case.state.standard_error, case.ability.standard_error, below
            )
        case ThetaChange(below):
            reason = StopReason.THETA_CHANGE
            # An estimate that the fence holds has not settled, it cannot move.
            inside = np.abs(case.ability.theta) < case.policy.estimation.fence
            met = inside & _has_changed_less(case, case.state.theta, case.ability.theta, below)
        case InformationLeft(below):
            reason, met = StopReason.INFORMATION_LEFT, _information_left(case) < below
        case Classified():
            reason, met = StopReason.CLASSIFIED, _is_classified(rule, case)
    if not met.any():
        return np.full(len(met), _CONTINUE)
    return np.where(met & case.free, int(reason), _CONTINUE)


def _first_reason(reasons: Iterable[IntArray]) -> IntArray:
    """(N,) the first reason that is one, examinee by examinee."""
    first, *others = reasons
    for reason in others:
        first = np.where(first == _CONTINUE, reason, first)
    return first


def _common_reason(reasons: list[IntArray]) -> IntArray:
    """(N,) the reason that all have, COMBINATION where they differ, CONTINUE where one is none."""
    table = np.stack(reasons)
    combined = np.where((table == table[0]).all(axis=0), table[0], int(StopReason.COMBINATION))
    return np.where((table != _CONTINUE).all(axis=0), combined, _CONTINUE)


def _has_changed_less(case: _Case, before: FloatArray, now: FloatArray, below: float) -> BoolArray:
    """(N,) True where the last answer counted, was not the first, and changed less than `below`.

    before is NaN where the last answer does not count (`State`).
    """
    with np.errstate(invalid="ignore"):  # an infinite error may follow an infinite one
        settled = np.asarray(np.abs(now - before) < below)
    if not settled.any():
        return settled
    return np.asarray(settled & (counted_answers(case.pool, case.state).sum(axis=1) > 1))


def _information_left(case: _Case) -> FloatArray:
    """(N,) the largest information at theta of the items available; inf where nobody asks."""
    largest = np.full(len(case.free), np.inf)
    asked, available = np.flatnonzero(case.free), case.available
    if case.left is not None:
        available = np.where(available.any(axis=1, keepdims=True), available, case.left)
    size = max(1, _CELLS_PER_BLOCK // case.pool.n_items)
    for start in range(0, len(asked), size):
        some = asked[start : start + size]
        information = item_information(case.pool.parameters, case.ability.theta[some])
        usable = (available[some] & case.pool.operational).T
        largest[some] = information.max(axis=0, where=usable, initial=0.0)
    return largest


def _is_classified(rule: Classified, case: _Case) -> BoolArray:
    """(N,) True where the level is certain enough; not judged where no test may end."""
    if not case.free.any():
        return case.free
    return verdict(case.pool, case.policy.cuts, rule, case.state, case.ability).certain
