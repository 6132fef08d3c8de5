"""The adaptive step, written once for a batch of examinees.

Delivery calls it with a batch of one, simulation with thousands. A step is: estimate, stopping
rules, vetoes, criterion, draw. Nothing in a row depends on who else is in the batch, and every draw
is a function of the examinee's seed and the position or item, so that a session replays exactly.
"Item" is an index into the pool's arrays, everywhere.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoring.irt.ability import Ability
from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.constraints.priority import content_priority
from scoring.irt.constraints.satisfaction import minimums_met
from scoring.irt.constraints.vetoes import content_vetoes
from scoring.irt.estimation.interim import estimate_ability
from scoring.irt.exposure.control import exposure_vetoes
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool, Veto
from scoring.irt.selection.criteria import criterion_values, prioritised
from scoring.irt.selection.draws import draw_item, uniform_draw
from scoring.irt.selection.first_item import fixed_item, selection_theta
from scoring.irt.state import NO_ITEM, Examinees, State, answered, fresh_state
from scoring.irt.stopping.decision import stop_reason
from scoring.irt.stopping.rules import StopReason

Vetoes = NDArray[np.uint8]

_UNCONDITIONAL = (StopReason.CONTINUE, StopReason.MAXIMUM_LENGTH, StopReason.TIME)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why these items: criterion (N, J) as ranked, NaN for examinees who were not given one of
    the best; veto (N, J) `Veto` codes; draw (N,) the uniform number of the position.
    """

    criterion: FloatArray
    veto: Vetoes
    draw: FloatArray


@dataclass(frozen=True, eq=False)
class Step:
    """What the engine answers, one entry an examinee.

    theta, standard_error (N,) of the interim estimator, item (N,) the next item or -1, stop (N,)
    `StopReason`, is_pretest (N,) whether the next item is a pretest item.
    """

    state: State
    theta: FloatArray
    standard_error: FloatArray
    item: IntArray
    stop: IntArray
    is_pretest: BoolArray
    explanation: Explanation | None = None


def start(
    pool: Pool,
    policy: Policy,
    examinees: Examinees,
    *,
    vetoes: Vetoes | None = None,
    explain: bool = False,
) -> Step:
    """First item of N examinees. `vetoes` and `explain` as in `advance`."""
    return next_step(pool, policy, fresh_state(pool, examinees), vetoes=vetoes, explain=explain)


def advance(
    pool: Pool,
    policy: Policy,
    state: State,
    item: ArrayLike,
    score: ArrayLike,
    *,
    seconds: ArrayLike | None = None,
    vetoes: Vetoes | None = None,
    explain: bool = False,
) -> Step:
    """Take in one answer an examinee: item (N,), score (N,) category from 0 or -1, left out.

    seconds (N,) that the answer took. `vetoes` (J,) or (N, J) are codes given from outside, 0
    where an item is free; the answered item may be among them and counts all the same. Raises
    ValueError for an item or category that the pool lacks and for an item that the examinee
    answered before.
    """
    items = np.atleast_1d(np.asarray(item, dtype=np.int64))
    scores = np.atleast_1d(np.asarray(score, dtype=np.int64))
    taken = np.zeros(1) if seconds is None else np.atleast_1d(np.asarray(seconds, dtype=float))
    before = state.estimate or _interim(pool, policy, state)
    after = answered(pool, state, items, scores, taken, before)
    return next_step(pool, policy, after, vetoes=vetoes, explain=explain)


def next_step(
    pool: Pool,
    policy: Policy,
    state: State,
    *,
    vetoes: Vetoes | None = None,
    explain: bool = False,
) -> Step:
    """Estimate, judge the stopping rules and select; a pure function of its arguments."""
    ability = _interim(pool, policy, state)
    veto = _standing_vetoes(pool, policy, state, vetoes)
    stop = _stop(pool, policy, state, ability, veto == Veto.NONE)
    going = np.flatnonzero(stop == StopReason.CONTINUE)
    item = np.full(len(stop), NO_ITEM)
    criterion = np.full(veto.shape, np.nan) if explain else None
    if going.size:
        item[going], ranked, held = _select(
            pool, policy, _rows(state, going), _ability_rows(ability, going), veto[going] == 0
        )
        if criterion is not None:
            criterion[going] = ranked
            veto[going] = np.where(held & (veto[going] == 0), Veto.EXPOSURE, veto[going])
    stop[going[item[going] == NO_ITEM]] = StopReason.NO_ITEM_LEFT
    return Step(
        state=replace(state, estimate=ability),
        theta=ability.theta,
        standard_error=ability.standard_error,
        item=item,
        stop=stop,
        is_pretest=np.zeros(len(item), dtype=bool),
        explanation=None
        if criterion is None
        else Explanation(criterion, veto, uniform_draw(state.examinees.seed, state.position)),
    )


def final_ability(pool: Pool, policy: Policy, state: State) -> Ability:
    """The reported estimate (N,); mean and sd of the prior where no answer counts."""
    return estimate_ability(pool, policy, state, policy.estimation.final)


def _interim(pool: Pool, policy: Policy, state: State) -> Ability:
    return estimate_ability(pool, policy, state, policy.estimation.interim)


def _standing_vetoes(pool: Pool, policy: Policy, state: State, given: Vetoes | None) -> Vetoes:
    """(N, J) what forbids each item whatever theta is; the first reason counts."""
    veto = np.where(pool.operational, Veto.NONE, Veto.NOT_OPERATIONAL).astype(np.uint8)
    veto = np.where(state.administered, np.uint8(Veto.ADMINISTERED), veto)
    for codes in (given, content_vetoes(pool, policy, state)):
        if codes is not None:
            veto = np.where(veto == Veto.NONE, codes, veto)
    return veto


def _stop(
    pool: Pool, policy: Policy, state: State, ability: Ability, available: BoolArray
) -> IntArray:
    """(N,) `StopReason`; only length and time end a test that does not hold its minimums."""
    reason = stop_reason(pool, policy, state, ability, available)
    early = ~np.isin(reason, _UNCONDITIONAL)
    if early.any():
        early &= ~minimums_met(pool, policy, state)
        at_end = state.length >= policy.stopping.max_items
        reason[early] = np.where(at_end, StopReason.MAXIMUM_LENGTH, StopReason.CONTINUE)[early]
    return reason


def _select(
    pool: Pool, policy: Policy, state: State, ability: Ability, available: BoolArray
) -> tuple[IntArray, FloatArray, BoolArray]:
    """Items (N,) or -1, the criterion (N, J) as ranked and (N, J) what exposure control held."""
    at = selection_theta(policy, state, ability)
    criterion = criterion_values(pool, policy, state, at)
    priority = content_priority(pool, policy, state)
    if priority is not None:
        criterion = prioritised(policy, criterion, priority)
    held = exposure_vetoes(pool, policy, state, at.theta)
    if held is None:
        held = np.zeros_like(available)
    passed = available & ~held
    # Where exposure control leaves nothing, the best of those that it held is given.
    passed = np.where(passed.any(axis=1, keepdims=True), passed, available)
    item = draw_item(pool, policy, state, criterion, passed)
    fixed = fixed_item(pool, policy, state, available)
    return np.where(fixed == NO_ITEM, item, fixed), criterion, held


def _rows(state: State, index: IntArray) -> State:
    return state if len(index) == state.n_examinees else state.take(index)


def _ability_rows(ability: Ability, index: IntArray) -> Ability:
    return Ability(ability.theta[index], ability.standard_error[index])
