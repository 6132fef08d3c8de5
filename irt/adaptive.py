"""The adaptive step, written once for a batch of examinees.

Delivery calls it with a batch of one, simulation with thousands. A step is: estimate, vetoes,
stopping rules, criterion, draw. Nothing in a row depends on who else is in the batch, and every
draw is a function of the examinee's seed and the position or item, so that a session replays
exactly.
"Item" is an index into the pool's arrays, everywhere.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.vetoes import content_vetoes
from irt.estimation.interim import estimate_ability
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Pool, Veto
from irt.pretest import pretest_items
from irt.random_numbers import uniform_draw
from irt.selection.choice import Choice, choose_item
from irt.state import NO_ITEM, Examinees, State, fresh_state, record_answers
from irt.stopping.decision import stop_reason

Vetoes = NDArray[np.uint8]

_FREE = np.uint8(Veto.NONE)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why these items: criterion (N, J) as ranked, NaN for examinees who get no scored item;
    veto (N, J) `Veto` codes, CONTENT also for what is not of the shadow test; draw (N,) the uniform
    number of the position.
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
    before = state.estimate or _estimate_interim(pool, policy, state)
    after = record_answers(pool, state, items, scores, taken, before)
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
    ability = _estimate_interim(pool, policy, state)
    given = None if vetoes is None else np.broadcast_to(vetoes, state.administered.shape)
    open_items = ~state.administered if given is None else ~state.administered & (given == _FREE)
    content = content_vetoes(
        pool, policy, state, available=None if given is None else given == _FREE
    )
    passed = open_items if content is None else open_items & (content == _FREE)
    free = open_items & pool.operational
    available = free if content is None else passed & pool.operational
    left = None if given is None else ~state.administered & _not_lost(given)
    stop = stop_reason(pool, policy, state, ability, available, left)
    going = stop == StopReason.CONTINUE
    passed = passed & going[:, None]
    item = pretest_items(pool, policy, state, ability.theta, open_items, passed)
    is_pretest = item != NO_ITEM
    rows = np.flatnonzero(going & ~is_pretest)
    choice = None
    if rows.size:
        own = (state, ability, free, available)
        if len(rows) < state.n_examinees:
            own = (state.take(rows), ability.take(rows), free[rows], available[rows])
        outside = None if given is None else given[rows]
        choice = choose_item(pool, policy, *own, outside=outside, explain=explain)
        item[rows] = choice.item
        stop[rows[choice.item == NO_ITEM]] = StopReason.NO_ITEM_LEFT
    return Step(
        state=replace(state, estimate=ability),
        theta=ability.theta,
        standard_error=ability.standard_error,
        item=item,
        stop=stop,
        is_pretest=is_pretest,
        explanation=_explain(pool, state, (given, content), choice, rows) if explain else None,
    )


def final_ability(pool: Pool, policy: Policy, state: State) -> Ability:
    """The reported estimate (N,); mean and sd of the prior where no answer counts."""
    return estimate_ability(pool, policy, state, policy.estimation.final)


def _estimate_interim(pool: Pool, policy: Policy, state: State) -> Ability:
    return estimate_ability(pool, policy, state, policy.estimation.interim)


def _not_lost(given: Vetoes) -> BoolArray:
    """(N, J) what is not taken away for good; eligibility is ignored before content yields."""
    return np.asarray((given == _FREE) | (given == Veto.INELIGIBLE))


def _explain(
    pool: Pool,
    state: State,
    vetoes: tuple[Vetoes | None, Vetoes | None],
    choice: Choice | None,
    rows: IntArray,
) -> Explanation:
    """Of what was chosen for the examinees at `rows`; an item's first veto counts."""
    veto = np.where(pool.operational, _FREE, np.uint8(Veto.NOT_OPERATIONAL))
    veto = np.where(state.administered, np.uint8(Veto.ADMINISTERED), veto)
    for codes in vetoes:
        if codes is not None:
            veto = np.where(veto == _FREE, codes, veto)
    criterion = np.full(veto.shape, np.nan)
    if choice is not None:
        criterion[rows] = np.nan if choice.criterion is None else choice.criterion
        # What is free and yet not allowed was withheld, or is not of the shadow test.
        other = np.full(choice.allowed.shape, Veto.CONTENT, dtype=np.uint8)
        if choice.withheld is not None:
            other[choice.withheld] = Veto.EXPOSURE
        codes = np.where(veto[rows] == _FREE, other, veto[rows])
        veto[rows] = np.where(choice.allowed, _FREE, codes)
    return Explanation(criterion, veto, uniform_draw(state.examinees.seed, state.position))
