"""Adaptive sessions of simulated examinees, through the engine that delivers them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from irt.adaptive import Step, Vetoes, advance, final_ability, start
from irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from irt.models.curves import category_probabilities
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Pool
from irt.pretest import SHORTLIST
from irt.random_numbers import uniform_draw, uniform_draws
from irt.responses import SparseResponses, sparse_responses
from irt.state import examinees
from irt.stopping.classification import classified_level

# Apart from the numbers of positions, of the first theta (-1) and of the pretest positions (-2).
_SHORTLIST_DRAW = -3
# Sessions of a batch times items of the pool: what keeps the arrays of a step within the caches.
_CELLS_PER_BATCH = 1 << 18

# From the model's category probabilities (n, K) of n answers, their item and examinee (n,): the
# probabilities (n, K) with which the examinees answer.
Behavior = Callable[[FloatArray, IntArray, IntArray], FloatArray]

# From the examinees (n,) of a batch: the codes (n, J) that hold from outside in their sessions.
SessionVetoes = Callable[[IntArray], Vetoes]


@dataclass(frozen=True, eq=False)
class Sessions:
    """N finished sessions of up to L answers to the items of a pool.

    seed                               (N,) of the engine's draws, unsigned 64-bit
    true_theta, theta, standard_error  (N,) ability, and its reported estimate
    level                              (N,) to report, by the policy's cut scores
    stop                               (N,) `StopReason`
    elapsed                            (N,) seconds
    items, scores                      (N, L) in the order of the session, -1 beyond its end
    theta_at, standard_error_at        (N, L) interim estimate at which each item was chosen, NaN
                                       beyond the end
    """

    pool: Pool
    seed: SeedArray
    true_theta: FloatArray
    theta: FloatArray
    standard_error: FloatArray
    level: IntArray
    stop: IntArray
    elapsed: FloatArray
    items: IntArray
    scores: IntArray
    theta_at: FloatArray
    standard_error_at: FloatArray

    @property
    def n_sessions(self) -> int:
        return len(self.true_theta)

    @cached_property
    def counts(self) -> BoolArray:
        """(N, L) answers that count: those to operational items."""
        return (self.items >= 0) & self.pool.operational[self.items]

    @property
    def length(self) -> IntArray:
        """(N,) answers that count."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def person(self) -> IntArray:
        """(R,) whose answers count, session by session in their order; so `item`, `score`, …"""
        return np.nonzero(self.counts)[0]

    @cached_property
    def item(self) -> IntArray:
        return self.items[self.counts]

    @cached_property
    def score(self) -> IntArray:
        return self.scores[self.counts]

    @cached_property
    def theta_before(self) -> FloatArray:
        """(R,) the estimate at which the item was chosen."""
        return self.theta_at[self.counts]

    @property
    def responses(self) -> SparseResponses:
        """The answers that count, without their order."""
        n_categories = self.pool.parameters.n_categories
        return sparse_responses(
            self.person,
            self.item,
            self.score,
            n_persons=self.n_sessions,
            n_items=len(n_categories),
            n_categories=n_categories,
        )


def simulate_sessions(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    behavior: Behavior | None = None,
    vetoes: SessionVetoes | None = None,
) -> Sessions:
    """Sessions of examinees with abilities true_theta (N,) who answer by the model.

    With `behavior` they answer by what it makes of the model's probabilities; `vetoes` gives
    codes from outside. An answer takes the pool's expected seconds; every pretest item of the pool
    may be given in a pretest slot. Each session is a function of the seed, its place and its
    ability. Raises ValueError where abilities are missing or not
    finite, or the pool has no item to begin with.
    """
    return join_sessions(
        list(simulate_batches(pool, policy, true_theta, seed, behavior=behavior, vetoes=vetoes))
    )


def simulate_batches(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    behavior: Behavior | None = None,
    vetoes: SessionVetoes | None = None,
    batch: int | None = None,
) -> Iterator[Sessions]:
    """The sessions of `simulate_sessions` a batch at a time, as they are wanted.

    What is learned from a batch, such as how often items were given, may enter the vetoes of the
    next.
    """
    abilities = np.asarray(true_theta, dtype=float)
    if not (abilities.ndim == 1 and abilities.size and np.isfinite(abilities).all()):
        raise ValueError("a simulation needs a list of one or more finite abilities")
    if not pool.operational.any():
        raise ValueError("the pool has no operational item, so that no session can be simulated")
    seeds = (
        np.random.SeedSequence(seed).generate_state(2 * len(abilities), np.uint64).astype(np.uint64)
    )
    size = batch or max(1, _CELLS_PER_BATCH // pool.n_items)
    for first in range(0, len(abilities), size):
        who = np.arange(first, min(first + size, len(abilities)))
        yield _run(pool, policy, abilities, seeds.reshape(-1, 2), who, behavior, vetoes)


def join_sessions(parts: Sequence[Sessions]) -> Sessions:
    """Sessions on one pool, those of each part in turn."""
    width = max(part.items.shape[1] for part in parts)

    def wide(name: str, beyond: float) -> np.ndarray:
        tables = (getattr(part, name) for part in parts)
        return np.concatenate(
            [
                np.pad(table, ((0, 0), (0, width - table.shape[1])), constant_values=beyond)
                for table in tables
            ]
        )

    def each(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    return Sessions(
        pool=parts[0].pool,
        seed=each("seed"),
        true_theta=each("true_theta"),
        theta=each("theta"),
        standard_error=each("standard_error"),
        level=each("level"),
        stop=each("stop"),
        elapsed=each("elapsed"),
        items=wide("items", -1),
        scores=wide("scores", -1),
        theta_at=wide("theta_at", np.nan),
        standard_error_at=wide("standard_error_at", np.nan),
    )


def _run(
    pool: Pool,
    policy: Policy,
    true_theta: FloatArray,
    seeds: SeedArray,
    who: IntArray,
    behavior: Behavior | None,
    vetoes: SessionVetoes | None,
) -> Sessions:
    """The sessions of the examinees `who` (n,), from their first item to their last."""
    longest = policy.stopping.max_items + policy.pretest.count
    result = _unfinished(pool, seeds[who, 0], true_theta[who], longest)
    held = None if vetoes is None else vetoes(who)
    active = np.arange(len(who))
    starting = examinees(policy, result.seed, pretest=_shortlists(pool, policy, result.seed))
    step = start(pool, policy, starting, vetoes=held)
    _close(result, pool, policy, active, step)
    position = 0
    while (going := np.flatnonzero(step.stop == StopReason.CONTINUE)).size:
        result.theta_at[active[going], position] = step.theta[going]
        result.standard_error_at[active[going], position] = step.standard_error[going]
        state, active, item = step.state, active[going], step.item[going]
        if len(going) < state.n_examinees:
            state = state.take(going)
        draw = uniform_draw(seeds[who[active], 1], state.position)
        score = _answers(pool, result.true_theta[active], item, draw, who[active], behavior)
        result.items[active, position], result.scores[active, position] = item, score
        still_held = held if held is None or held.ndim == 1 else held[active]
        step = advance(
            pool, policy, state, item, score, seconds=pool.seconds[item], vetoes=still_held
        )
        _close(result, pool, policy, active, step)
        position += 1
    return _trim(result, position)


def _shortlists(pool: Pool, policy: Policy, seed: SeedArray) -> IntArray | None:
    """(n, S) pretest items in an order of each examinee's own, None where the policy gives none.

    Nobody knows which items would have the fewest responses: any are as likely.
    """
    if not policy.pretest.count:
        return None
    listed = np.flatnonzero(~pool.operational)
    chance = uniform_draws(seed, np.full(len(seed), _SHORTLIST_DRAW), pool.item_ids[listed])
    order = np.argsort(chance, axis=1, kind="stable")[:, : SHORTLIST * policy.pretest.count]
    return np.asarray(listed[order])


def _answers(
    pool: Pool,
    true_theta: FloatArray,
    item: IntArray,
    draw: FloatArray,
    who: IntArray,
    behavior: Behavior | None,
) -> IntArray:
    """Scores (n,) of the examinees `who`, with a uniform draw (n,) each."""
    probability = category_probabilities(pool.parameters.take(item), true_theta[:, None])[:, :, 0]
    if behavior is not None:
        probability = behavior(probability, item, who)
    score = (draw[:, None] > probability.cumsum(axis=1)).sum(axis=1)
    # Rounding can leave the sum of the probabilities below the draw.
    return np.asarray(np.minimum(score, pool.parameters.n_categories[item] - 1))


def _unfinished(pool: Pool, seed: SeedArray, true_theta: FloatArray, width: int) -> Sessions:
    n = len(true_theta)
    theta, standard_error, elapsed = np.full((3, n), np.nan)
    items, scores = np.full((2, n, width), -1)
    theta_at, standard_error_at = np.full((2, n, width), np.nan)
    return Sessions(
        pool=pool,
        seed=seed,
        true_theta=true_theta,
        theta=theta,
        standard_error=standard_error,
        level=np.zeros(n, dtype=np.int64),
        stop=np.full(n, int(StopReason.CONTINUE)),
        elapsed=elapsed,
        items=items,
        scores=scores,
        theta_at=theta_at,
        standard_error_at=standard_error_at,
    )


def _close(result: Sessions, pool: Pool, policy: Policy, active: IntArray, step: Step) -> None:
    """Write down the end of those of the examinees `active` (n,) whose test is over."""
    ended = np.flatnonzero(step.stop != StopReason.CONTINUE)
    if not ended.size:
        return
    state, who = step.state.take(ended), active[ended]
    final = final_ability(pool, policy, state)
    result.theta[who], result.standard_error[who] = final.theta, final.standard_error
    if policy.cuts:
        result.level[who] = classified_level(pool, policy, state, final)
    result.stop[who], result.elapsed[who] = step.stop[ended], state.elapsed


def _trim(result: Sessions, width: int) -> Sessions:
    """Without the columns that no session reached."""
    tables = ("items", "scores", "theta_at", "standard_error_at")
    return replace(result, **{name: getattr(result, name)[:, :width] for name in tables})
