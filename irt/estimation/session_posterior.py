"""Posteriors of examinees in the course of a test that the pool's nodes do not show.

A session carries its log-likelihood on the nodes of its pool. Where the posterior is narrower than
those are apart, is bent sharply by steep items or goes on beyond them, it is worked out from the
answers themselves on nodes of its own, which close up until they show it. Nobody's depend on who
else is in the batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.ability import Ability, is_shown, posterior_mean
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.estimation.answers import Answers
from irt.estimation.close_up import Windows, steepest_slope, windows
from irt.pool import Pool
from irt.state import LEFT_OUT, NO_ITEM, State

# Steps across a window; the fewest that suffice are taken.
_STEPS = 24 * 2 ** np.arange(8)
_MOST_LOOKS = 16
_EXAMINEES_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class OwnPosteriors:
    """Log-densities (n, Q), but for a constant, of n examinees on nodes (n, Q) of their own.

    rows (n,) which examinees of a batch they are; ability (n,) mean and SD of each.
    """

    rows: IntArray
    nodes: FloatArray
    log_density: FloatArray
    ability: Ability


@lru_cache(maxsize=32)
def steepest(pool: Pool) -> float:
    """The largest slope of an item of the pool."""
    return steepest_slope(pool.parameters)


def counted_answers(pool: Pool, state: State) -> BoolArray:
    """(N, L) the answers that count: neither to pretest items nor left out."""
    return np.asarray(
        (state.items != NO_ITEM) & (state.scores != LEFT_OUT) & pool.operational[state.items]
    )


def answers_of(pool: Pool, state: State, rows: IntArray, counted: BoolArray) -> Answers:
    """The answers that count of the examinees at `rows`."""
    person, place = np.nonzero(counted[rows])
    return Answers(
        parameters=pool.parameters,
        n_persons=len(rows),
        person=person,
        item=state.items[rows[person], place],
        score=state.scores[rows[person], place],
    )


def own_posteriors(
    pool: Pool, state: State, prior_mean: FloatArray, log_posterior: FloatArray, ability: Ability
) -> Iterator[OwnPosteriors]:
    """Those of all examinees whose posterior the pool's nodes do not show, some at a time.

    log_posterior (N, Q) on the pool's nodes, `ability` its mean and SD; prior_mean (N,).
    """
    shown = is_shown(log_posterior, ability, pool.nodes, steepest(pool))
    if shown.all():
        return
    hidden = np.flatnonzero(~shown)
    counted = counted_answers(pool, state)
    for start in range(0, len(hidden), _EXAMINEES_AT_ONCE):
        rows = hidden[start : start + _EXAMINEES_AT_ONCE]
        yield from _Sight(
            answers_of(pool, state, rows, counted),
            prior_mean[rows],
            state.examinees.prior_sd[rows],
            steepest(pool),
        ).look(rows, windows(log_posterior[rows], ability.take(rows), pool.nodes))


@dataclass(frozen=True, eq=False)
class _Sight:
    """What the posteriors of n examinees are made of; prior_mean, prior_sd (n,)."""

    answers: Answers
    prior_mean: FloatArray
    prior_sd: FloatArray
    steepest: float

    def look(self, rows: IntArray, at: Windows) -> Iterator[OwnPosteriors]:
        """At the posteriors in their windows, and closer or farther out where that is not all."""
        index = np.arange(len(rows))
        for looks_left in range(_MOST_LOOKS, 0, -1):
            hidden, next_looks = [], []
            n_steps = _enough_steps(at)
            for size in np.unique(n_steps).tolist():
                group = np.flatnonzero(n_steps == size)
                own, nodes = index[group], _spread(at.take(group), size)
                log_density = self._log_density(own, nodes)
                ability = posterior_mean(log_density, nodes)
                shown = is_shown(log_density, ability, nodes, self.steepest) | (looks_left == 1)
                seen, left = np.flatnonzero(shown), np.flatnonzero(~shown)
                if seen.size:
                    yield OwnPosteriors(
                        rows[own[seen]], nodes[seen], log_density[seen], ability.take(seen)
                    )
                hidden.append(own[left])
                next_looks.append(windows(log_density[left], ability.take(left), nodes[left]))
            index, at = np.concatenate(hidden), Windows.joined(next_looks)
            if not index.size:
                return

    def _log_density(self, index: IntArray, nodes: FloatArray) -> FloatArray:
        """(m, Q) of the examinees at index (m,), at their nodes (m, Q)."""
        deviation = (nodes - self.prior_mean[index, None]) / self.prior_sd[index, None]
        return self.answers.take(index).log_likelihood(nodes) - 0.5 * deviation * deviation


def _enough_steps(at: Windows) -> IntArray:
    """(n,) of the numbers of steps the fewest that are as short as wanted."""
    place = np.searchsorted(_STEPS, (at.high - at.low) / at.step)
    return np.asarray(_STEPS[np.minimum(place, len(_STEPS) - 1)])


def _spread(at: Windows, n_steps: int) -> FloatArray:
    """(n, n_steps + 1) equally spaced nodes across each window."""
    share = np.linspace(0.0, 1.0, n_steps + 1)
    return np.asarray(at.low[:, None] + (at.high - at.low)[:, None] * share)
