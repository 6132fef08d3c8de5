"""Where examinees stand in an adaptive test: what is fixed at the start, and what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.ability import Ability, add_responses
from irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from irt.policy.policy import Policy
from irt.pool import Pool

NO_ITEM = -1
LEFT_OUT = -1


@dataclass(frozen=True, eq=False)
class Examinees:
    """What is fixed when the sessions of N examinees start. Build with `examinees`.

    seed (N,) fixes every draw; prior_mean, prior_sd (N,) of the normal prior; start_theta (N,)
    where an earlier session ended, NaN without one; pretest (N, S) shortlist of pretest items,
    most wanted first, padded with -1.
    """

    seed: SeedArray
    prior_mean: FloatArray
    prior_sd: FloatArray
    start_theta: FloatArray
    pretest: IntArray

    def take(self, index: ArrayLike) -> "Examinees":
        """The examinees at `index`."""
        chosen = np.asarray(index)
        return Examinees(
            self.seed[chosen],
            self.prior_mean[chosen],
            self.prior_sd[chosen],
            self.start_theta[chosen],
            self.pretest[chosen],
        )


def examinees(
    policy: Policy,
    seed: ArrayLike,
    *,
    prior_mean: ArrayLike | None = None,
    prior_sd: ArrayLike | None = None,
    start_theta: ArrayLike | None = None,
    pretest: ArrayLike | None = None,
) -> Examinees:
    """N examinees with the given seeds, unsigned 64-bit, and the prior of the policy unless given.

    seed, prior_mean, prior_sd, start_theta (N,) or a number, pretest (N, S). Raises ValueError for
    a prior without finite mean and sd > 0.
    """
    seeds = np.atleast_1d(np.asarray(seed, dtype=np.uint64))
    n = len(seeds)

    def each(values: ArrayLike | None, default: float) -> FloatArray:
        given = default if values is None else np.asarray(values, dtype=float)
        return np.broadcast_to(given, (n,)).astype(float)

    mean = each(prior_mean, policy.estimation.prior_mean)
    sd = each(prior_sd, policy.estimation.prior_sd)
    if not (np.isfinite(mean).all() and np.isfinite(sd).all() and (sd > 0).all()):
        raise ValueError("the prior of every examinee needs a finite mean and a positive sd")
    shortlist = np.empty((n, 0)) if pretest is None else np.asarray(pretest)
    return Examinees(
        seed=seeds,
        prior_mean=mean,
        prior_sd=sd,
        start_theta=each(start_theta, np.nan),
        pretest=shortlist.reshape(n, -1).astype(np.int64),
    )


@dataclass(frozen=True, eq=False)
class State:
    """Where N examinees stand.

    log_likelihood (N, Q) of the answers so far; items (N, L) the item at each position, -1 beyond;
    scores (N, L) category, -1 left out or beyond; administered (N, J); position (N,) answers so
    far, those to pretest items and left-out ones included; length (N,) the operational ones among
    them, left-out ones included; elapsed (N,) seconds so far.
    theta, standard_error (N,) interim estimate before the last answer, NaN where the last answer
    does not count or there is none. estimate: interim estimate of all answers, None where it is
    not known yet.
    """

    examinees: Examinees
    log_likelihood: FloatArray
    items: IntArray
    scores: IntArray
    administered: BoolArray
    position: IntArray
    length: IntArray
    theta: FloatArray
    standard_error: FloatArray
    elapsed: FloatArray
    estimate: Ability | None = None

    @property
    def n_examinees(self) -> int:
        return len(self.position)

    def take(self, index: ArrayLike) -> "State":
        """The examinees at `index`."""
        chosen = np.asarray(index)
        known = self.estimate
        return State(
            examinees=self.examinees.take(chosen),
            log_likelihood=self.log_likelihood[chosen],
            items=self.items[chosen],
            scores=self.scores[chosen],
            administered=self.administered[chosen],
            position=self.position[chosen],
            length=self.length[chosen],
            theta=self.theta[chosen],
            standard_error=self.standard_error[chosen],
            elapsed=self.elapsed[chosen],
            estimate=known and Ability(known.theta[chosen], known.standard_error[chosen]),
        )


def fresh_state(pool: Pool, starting: Examinees) -> State:
    """Examinees who have answered nothing."""
    n = len(starting.seed)
    return State(
        examinees=starting,
        log_likelihood=np.zeros((n, len(pool.nodes))),
        items=np.empty((n, 0), dtype=np.int64),
        scores=np.empty((n, 0), dtype=np.int64),
        administered=np.zeros((n, pool.n_items), dtype=bool),
        position=np.zeros(n, dtype=np.int64),
        length=np.zeros(n, dtype=np.int64),
        theta=np.full(n, np.nan),
        standard_error=np.full(n, np.nan),
        elapsed=np.zeros(n),
    )


def restore_state(
    pool: Pool,
    starting: Examinees,
    *,
    log_likelihood: FloatArray,
    item_ids: Sequence[int],
    scores: Sequence[int | None],
    theta: float,
    standard_error: float,
    elapsed: float = 0.0,
) -> State:
    """One examinee as stored: log-likelihood (Q,), ids and scores of the answered items.

    A score of -1 or None: left out. theta and standard_error are the interim estimate of these
    answers, at which the due item was chosen. Raises KeyError for an id that the pool lacks.
    """
    items = np.array([[pool.index_of(item_id) for item_id in item_ids]], dtype=np.int64)
    administered = np.zeros((1, pool.n_items), dtype=bool)
    administered[0, items[0]] = True
    given = [LEFT_OUT if score is None else score for score in scores]
    unknown = np.full(1, np.nan)
    return State(
        examinees=starting,
        log_likelihood=np.asarray(log_likelihood, dtype=float).reshape(1, -1),
        items=items,
        scores=np.array([given], dtype=np.int64),
        administered=administered,
        position=np.array([items.shape[1]]),
        length=pool.operational[items].sum(axis=1),
        theta=unknown,
        standard_error=unknown,
        elapsed=np.array([elapsed], dtype=float),
        estimate=Ability(np.array([theta]), np.array([standard_error])),
    )


def record_answers(
    pool: Pool, state: State, item: IntArray, score: IntArray, seconds: FloatArray, before: Ability
) -> State:
    """The state after one more answer an examinee: item, score, seconds (N,), score -1 left out.

    before: the interim estimate of the answers so far. Raises ValueError for an item or category
    that the pool lacks and for an item that the examinee answered before.
    """
    _check_answers(pool, state, item, score)
    rows = np.arange(len(item))
    administered = state.administered.copy()
    administered[rows, item] = True
    counts = (score != LEFT_OUT) & pool.operational[item]
    log_likelihood = add_responses(state.log_likelihood, pool.log_probabilities, item, score)
    if not counts.all():
        log_likelihood = np.where(counts[:, None], log_likelihood, state.log_likelihood)
    return State(
        examinees=state.examinees,
        log_likelihood=log_likelihood,
        items=_write_entry(state.items, state.position, item),
        scores=_write_entry(state.scores, state.position, score),
        administered=administered,
        position=state.position + 1,
        length=state.length + pool.operational[item],
        theta=np.where(counts, before.theta, np.nan),
        standard_error=np.where(counts, before.standard_error, np.nan),
        elapsed=state.elapsed + seconds,
    )


def _write_entry(table: IntArray, position: IntArray, value: IntArray) -> IntArray:
    """(N, L') the table (N, L) with value (N,) at position (N,), wider where it must be."""
    width = max(table.shape[1], int(position.max(initial=-1)) + 1)
    wider = np.full((len(table), width), -1, dtype=np.int64)
    wider[:, : table.shape[1]] = table
    wider[np.arange(len(table)), position] = value
    return wider


def _check_answers(pool: Pool, state: State, item: IntArray, score: IntArray) -> None:
    if not ((item >= 0) & (item < pool.n_items)).all():
        raise ValueError(f"items must be indices 0 to {pool.n_items - 1} of the pool")
    if not ((score >= LEFT_OUT) & (score < pool.parameters.n_categories[item])).all():
        raise ValueError("a score is not a category of its item")
    if state.administered[np.arange(len(item)), item].any():
        raise ValueError("an item was answered before in the same test")
