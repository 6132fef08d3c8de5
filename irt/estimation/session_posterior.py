"""Posteriors of examinees in the course of a test that the pool's nodes do not show.

A session carries its log-likelihood on the nodes of its pool. Where the posterior is narrower than
those are apart, is bent sharply by steep items or goes on beyond them, it is worked out from the
answers themselves: on a lattice of closer nodes, or of nodes farther out, on which the curves of
the pool's items are kept, and where that is not enough on nodes of the examinee's own, which close
up until they show it. Nobody's depend on who else is in the batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.ability import LEAST_SD, STEEP, Ability, is_cut_off, is_shown, posterior_mean
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.estimation.answers import Answers
from irt.estimation.close_up import Windows, steepest_slope, windows
from irt.models.curves import log_category_probabilities
from irt.pool import Pool
from irt.state import LEFT_OUT, NO_ITEM, State

# A lattice is so many times as close, or goes so many times as far out, as the pool's nodes; pools
# whose curves would be more numbers than this have none.
_CLOSER, _FARTHER, _MOST_NUMBERS = 8, 3, 8_000_000
# Steps across a window; the fewest that suffice are taken.
_STEPS = 24 * 2 ** np.arange(8)
_MOST_LOOKS = 16
_EXAMINEES_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Lattice:
    """nodes (Q,) with the log-probabilities (J, K, Q) of a pool's items there."""

    nodes: FloatArray
    log_probabilities: FloatArray


@dataclass(frozen=True, eq=False)
class OwnPosteriors:
    """Log-densities (n, Q), but for a constant, of n examinees.

    rows (n,) which examinees of a batch they are; nodes (Q,) of a lattice, or (n, Q) of their own
    where that is None; ability (n,) mean and SD of each.
    """

    rows: IntArray
    nodes: FloatArray
    log_density: FloatArray
    ability: Ability
    lattice: Lattice | None = None


@dataclass(frozen=True, eq=False)
class SessionPosteriors:
    """ability (N,) EAP and posterior SD; own: the posteriors that the pool's nodes do not show."""

    ability: Ability
    own: tuple[OwnPosteriors, ...]


@lru_cache(maxsize=32)
def steepest(pool: Pool) -> float:
    """The largest slope of an item of the pool."""
    return steepest_slope(pool.parameters)


@lru_cache(maxsize=8)
def closer_lattice(pool: Pool) -> Lattice | None:
    """Between the pool's nodes; None where it would be too large."""
    n_nodes = _CLOSER * (len(pool.nodes) - 1) + 1
    return _lattice(pool, np.linspace(pool.nodes[0], pool.nodes[-1], n_nodes))


@lru_cache(maxsize=8)
def farther_lattice(pool: Pool) -> Lattice | None:
    """As close as the pool's nodes, and farther out; None where it would be too large."""
    n_nodes = _FARTHER * (len(pool.nodes) - 1) + 1
    return _lattice(pool, _FARTHER * np.linspace(pool.nodes[0], pool.nodes[-1], n_nodes))


def _lattice(pool: Pool, nodes: FloatArray) -> Lattice | None:
    if pool.log_probabilities[:, :, 0].size * len(nodes) > _MOST_NUMBERS:
        return None
    return Lattice(nodes, log_category_probabilities(pool.parameters, nodes))


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


@lru_cache(maxsize=2)  # a step asks twice: what the ability is, and what is worth asking next
def session_posteriors(pool: Pool, state: State) -> SessionPosteriors:
    """Of N examinees under their own priors; treat what it returns as read-only."""
    log_posterior = state.log_likelihood + _log_prior(pool, state)
    ability = posterior_mean(log_posterior, pool.nodes)
    mean = state.examinees.prior_mean
    found = tuple(own_posteriors(pool, state, mean, log_posterior, ability))
    for own in found:
        ability.theta[own.rows] = own.ability.theta
        ability.standard_error[own.rows] = own.ability.standard_error
    return SessionPosteriors(ability, found)


def _log_prior(pool: Pool, state: State) -> FloatArray:
    """(N, Q) or (1, Q) but for a constant."""
    mean, sd = state.examinees.prior_mean, state.examinees.prior_sd
    if mean.size and (mean == mean[0]).all() and (sd == sd[0]).all():
        return _common_log_prior(pool, float(mean[0]), float(sd[0]))
    deviation = (pool.nodes - mean[:, None]) / sd[:, None]
    return np.asarray(-0.5 * deviation * deviation)


@lru_cache(maxsize=256)
def _common_log_prior(pool: Pool, mean: float, sd: float) -> FloatArray:
    deviation = (pool.nodes - mean) / sd
    return np.asarray(-0.5 * deviation * deviation)[None]


def own_posteriors(
    pool: Pool, state: State, prior_mean: FloatArray, log_posterior: FloatArray, ability: Ability
) -> Iterator[OwnPosteriors]:
    """Those of all examinees whose posterior the pool's nodes do not show, some at a time.

    log_posterior (N, Q) on the pool's nodes, `ability` its mean and SD; prior_mean (N,).
    """
    cut_off = is_cut_off(log_posterior)
    step = pool.nodes[1] - pool.nodes[0]
    shown = ~cut_off & (ability.standard_error >= LEAST_SD * step)
    shown &= steepest(pool) * step <= STEEP
    if shown.all():
        return
    counted = counted_answers(pool, state)
    for hidden, lattice_of in ((~shown & ~cut_off, closer_lattice), (cut_off, farther_lattice)):
        places = np.flatnonzero(hidden)
        lattice = lattice_of(pool) if places.size else None
        for start in range(0, len(places), _EXAMINEES_AT_ONCE):
            rows = places[start : start + _EXAMINEES_AT_ONCE]
            sight = _Sight(
                rows,
                answers_of(pool, state, rows, counted),
                prior_mean[rows],
                state.examinees.prior_sd[rows],
                steepest(pool),
            )
            if lattice is None:
                looks = windows(log_posterior[rows], ability.take(rows), pool.nodes)
                yield from sight.look(np.arange(len(rows)), looks)
            else:
                yield from sight.look_on(lattice)


@dataclass(frozen=True, eq=False)
class _Sight:
    """What the posteriors of n examinees are made of; rows, prior_mean, prior_sd (n,)."""

    rows: IntArray
    answers: Answers
    prior_mean: FloatArray
    prior_sd: FloatArray
    steepest: float

    def look_on(self, lattice: Lattice) -> Iterator[OwnPosteriors]:
        """At all posteriors on a lattice, and closer where it does not show them."""
        nodes = lattice.nodes
        terms = lattice.log_probabilities[self.answers.item, self.answers.score]
        everybody = np.arange(len(self.rows))
        log_density = self.answers.sum_up(terms) + self._log_prior(everybody, nodes)
        ability = posterior_mean(log_density, nodes)
        shown = is_shown(log_density, ability, nodes, self.steepest)
        seen, left = np.flatnonzero(shown), np.flatnonzero(~shown)
        if seen.size:
            yield OwnPosteriors(
                self.rows[seen], nodes, log_density[seen], ability.take(seen), lattice
            )
        if left.size:
            yield from self.look(left, windows(log_density[left], ability.take(left), nodes))

    def look(self, index: IntArray, at: Windows) -> Iterator[OwnPosteriors]:
        """At those at index (m,) in their windows (m,), and closer or farther out until seen."""
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
                        self.rows[own[seen]], nodes[seen], log_density[seen], ability.take(seen)
                    )
                hidden.append(own[left])
                next_looks.append(windows(log_density[left], ability.take(left), nodes[left]))
            index, at = np.concatenate(hidden), Windows.joined(next_looks)
            if not index.size:
                return

    def _log_density(self, index: IntArray, nodes: FloatArray) -> FloatArray:
        """(m, Q) of the examinees at index (m,), at their nodes (m, Q)."""
        return self.answers.take(index).log_likelihood(nodes) + self._log_prior(index, nodes)

    def _log_prior(self, index: IntArray, nodes: FloatArray) -> FloatArray:
        deviation = (nodes - self.prior_mean[index, None]) / self.prior_sd[index, None]
        return np.asarray(-0.5 * deviation * deviation)


def _enough_steps(at: Windows) -> IntArray:
    """(n,) of the numbers of steps the fewest that are as short as wanted."""
    place = np.searchsorted(_STEPS, (at.high - at.low) / at.step)
    return np.asarray(_STEPS[np.minimum(place, len(_STEPS) - 1)])


def _spread(at: Windows, n_steps: int) -> FloatArray:
    """(n, n_steps + 1) equally spaced nodes across each window."""
    share = np.linspace(0.0, 1.0, n_steps + 1)
    return np.asarray(at.low[:, None] + (at.high - at.low)[:, None] * share)
