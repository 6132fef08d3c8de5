"""Adaptive sessions of simulated examinees, through the engine that delivers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scoring.irt.adaptive import Policy, Pool, Step, advance, start
from scoring.irt.arrays import FloatArray, IntArray, SeedArray
from scoring.irt.curves import category_probabilities
from scoring.irt.responses import SparseResponses, sparse_responses
from scoring.irt.selection import uniform_draw
from scoring.irt.stopping import StopReason

_SESSIONS_PER_BATCH = 2000

# From the model's category probabilities (n, K) of n answers, their item and examinee (n,): the
# probabilities (n, K) with which the examinees answer.
Behaviour = Callable[[FloatArray, IntArray, IntArray], FloatArray]

# Examinee, item, score and the estimate before the answer, each (n,).
Answers = tuple[IntArray, IntArray, IntArray, FloatArray]


@dataclass(frozen=True, eq=False)
class Sessions:
    """N finished sessions with R answers in all, each session's answers in their order.

    true_theta, theta, standard_error  (N,) ability, and the engine's last estimate of it
    person, item, score, theta_before  (R,) answers, ordered by person; the estimate at which the
                                       item was chosen
    n_categories                       (J,) of the pool's items
    """

    true_theta: FloatArray
    theta: FloatArray
    standard_error: FloatArray
    person: IntArray
    item: IntArray
    score: IntArray
    theta_before: FloatArray
    n_categories: IntArray

    @property
    def n_sessions(self) -> int:
        return len(self.true_theta)

    @property
    def responses(self) -> SparseResponses:
        """The answers without their order."""
        return sparse_responses(
            self.person,
            self.item,
            self.score,
            n_persons=self.n_sessions,
            n_items=len(self.n_categories),
            n_categories=self.n_categories,
        )


def simulate_sessions(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    behaviour: Behaviour | None = None,
) -> Sessions:
    """Sessions of examinees with abilities true_theta (N,) who answer by the model.

    With `behaviour` they answer by what it makes of the model's probabilities. Each session is a
    function of the seed, its place and its ability. Raises ValueError where abilities are
    missing or not finite, or the pool has no item to begin with.
    """
    abilities = np.asarray(true_theta, dtype=float)
    if not (abilities.ndim == 1 and abilities.size and np.isfinite(abilities).all()):
        raise ValueError("a simulation needs a list of one or more finite abilities")
    if not pool.eligible.any():
        raise ValueError("the pool has no eligible item, so that no session can be simulated")
    seeds = (
        np.random.SeedSequence(seed).generate_state(2 * len(abilities), np.uint64).astype(np.uint64)
    )
    theta, standard_error = np.empty((2, len(abilities)))
    answers: list[Answers] = []
    for first in range(0, len(abilities), _SESSIONS_PER_BATCH):
        batch = np.arange(first, min(first + _SESSIONS_PER_BATCH, len(abilities)))
        for active, step, given in _run(pool, policy, abilities, seeds, batch, behaviour):
            theta[active], standard_error[active] = step.theta, step.standard_error
            answers.append(given)
    person, item, score, theta_before = (
        np.concatenate(part) for part in zip(*answers, strict=True)
    )
    order = np.argsort(person, kind="stable")
    return Sessions(
        true_theta=abilities,
        theta=theta,
        standard_error=standard_error,
        person=person[order],
        item=item[order],
        score=score[order],
        theta_before=theta_before[order],
        n_categories=pool.parameters.n_categories,
    )


def _run(
    pool: Pool,
    policy: Policy,
    true_theta: FloatArray,
    seeds: SeedArray,
    examinees: IntArray,
    behaviour: Behaviour | None,
) -> Iterator[tuple[IntArray, Step, Answers]]:
    """Each step of the sessions of `examinees`, with the answers to the items that it selected."""
    step = start(pool, policy, seeds[2 * examinees])
    active = examinees
    while active.size:
        going = np.flatnonzero(step.stop == StopReason.CONTINUE)
        answering, item = active[going], step.item[going]
        probability = category_probabilities(
            pool.parameters.take(item), true_theta[answering, None]
        )[:, :, 0]
        if behaviour is not None:
            probability = behaviour(probability, item, answering)
        draw = uniform_draw(seeds[2 * answering + 1], step.state.position[going])
        score = (draw[:, None] > probability.cumsum(axis=1)).sum(axis=1)
        # Rounding can leave the sum of the probabilities below the draw.
        score = np.minimum(score, pool.parameters.n_categories[item] - 1)
        yield active, step, (answering, item, score, step.theta[going])
        if going.size:
            step = advance(pool, policy, step.state.take(going), item, score)
        active = answering
