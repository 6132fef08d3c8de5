"""The adaptive step, written once for a batch of examinees.

Delivery calls it with a batch of one, simulation with thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from scoring.irt.ability import add_responses, eap
from scoring.irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from scoring.irt.curves import log_category_probabilities
from scoring.irt.information import item_information
from scoring.irt.parameters import ItemParameters, validate
from scoring.irt.quadrature import Grid, normal_weights
from scoring.irt.selection import select_randomesque, uniform_draw
from scoring.irt.stopping import StopReason, stop_reason


@dataclass(frozen=True)
class Policy:
    """How a test estimates, selects and stops. Raises ValueError when it contradicts itself."""

    prior_mean: float = 0.0
    prior_sd: float = 1.0
    randomesque: int = 1
    min_items: int = 1
    max_items: int = 30
    target_standard_error: float | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.prior_mean) and np.isfinite(self.prior_sd) and self.prior_sd > 0):
            raise ValueError("the prior needs a finite mean and a positive, finite sd")
        if self.randomesque < 1:
            raise ValueError("randomesque must draw among at least 1 item")
        if not 1 <= self.min_items <= self.max_items:
            raise ValueError("lengths must satisfy 1 <= min_items <= max_items")
        if self.target_standard_error is not None and not self.target_standard_error > 0:
            raise ValueError("the target standard error must be positive")


@dataclass(frozen=True, eq=False)
class Pool:
    """The items of one bank release as arrays, in ascending item id. Build with `build_pool`.

    item_ids (J,), log_probabilities (J, K, Q) on `nodes` (Q,), eligible (J,): may be selected.
    Elsewhere in this module "item" is an index into these arrays.
    """

    item_ids: IntArray
    parameters: ItemParameters
    nodes: FloatArray
    log_probabilities: FloatArray
    eligible: BoolArray

    @property
    def n_items(self) -> int:
        return len(self.item_ids)

    @cached_property
    def _index(self) -> dict[int, int]:
        return {int(item_id): index for index, item_id in enumerate(self.item_ids)}

    def index_of(self, item_id: int) -> int:
        """Where an item is in the arrays. Raises KeyError for an item that the pool lacks."""
        return self._index[item_id]

    def mask(self, item_ids: Sequence[int]) -> BoolArray:
        """(J,) True for the named items; ids that the pool lacks are ignored."""
        return np.isin(self.item_ids, np.asarray(item_ids, dtype=np.int64))


def build_pool(
    item_ids: ArrayLike,
    parameters: ItemParameters,
    grid: Grid,
    eligible: ArrayLike | None = None,
) -> Pool:
    """Prepare a release for the adaptive step.

    item_ids (J,) integers in any order, eligible (J,) default all. Raises ValueError for repeated
    ids and `ParameterError` for impossible parameters.
    """
    ids = np.asarray(item_ids, dtype=np.int64)
    if len(np.unique(ids)) != len(ids) or len(ids) != parameters.n_items:
        raise ValueError("a pool needs one distinct id for each item")
    validate(parameters)
    order = np.argsort(ids)
    ordered = parameters.take(order)
    allowed = np.ones(len(ids), dtype=bool) if eligible is None else np.asarray(eligible, bool)
    return Pool(
        item_ids=ids[order],
        parameters=ordered,
        nodes=grid.nodes,
        log_probabilities=log_category_probabilities(ordered, grid.nodes),
        eligible=allowed[order],
    )


@dataclass(frozen=True, eq=False)
class State:
    """Where N examinees stand.

    seed (N,) fixes every draw, log_likelihood (N, Q) of the answers so far, administered (N, J),
    position (N,) answers so far.
    """

    seed: SeedArray
    log_likelihood: FloatArray
    administered: BoolArray
    position: IntArray

    def take(self, index: ArrayLike) -> "State":
        """The examinees at `index`."""
        chosen = np.asarray(index)
        return State(
            self.seed[chosen],
            self.log_likelihood[chosen],
            self.administered[chosen],
            self.position[chosen],
        )


def fresh_state(pool: Pool, seed: ArrayLike) -> State:
    """N examinees who have answered nothing; seed (N,) unsigned 64-bit."""
    seeds = np.atleast_1d(np.asarray(seed, dtype=np.uint64))
    return State(
        seed=seeds,
        log_likelihood=np.zeros((len(seeds), len(pool.nodes))),
        administered=np.zeros((len(seeds), pool.n_items), dtype=bool),
        position=np.zeros(len(seeds), dtype=np.int64),
    )


def restore_state(
    pool: Pool, seed: int, log_likelihood: FloatArray, item_ids: Sequence[int]
) -> State:
    """One examinee as stored: the log-likelihood (Q,) and the ids of the answered items.

    Raises KeyError for an id that the pool lacks.
    """
    administered = np.zeros((1, pool.n_items), dtype=bool)
    administered[0, [pool.index_of(item_id) for item_id in item_ids]] = True
    return State(
        seed=np.array([seed], dtype=np.uint64),
        log_likelihood=np.asarray(log_likelihood, dtype=float).reshape(1, -1),
        administered=administered,
        position=np.array([len(item_ids)], dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Step:
    """What the engine answers, one entry an examinee.

    theta, standard_error (N,), item (N,) index of the next item or -1, stop (N,) `StopReason`.
    """

    state: State
    theta: FloatArray
    standard_error: FloatArray
    item: IntArray
    stop: IntArray


def start(
    pool: Pool, policy: Policy, seed: ArrayLike, *, excluded: BoolArray | None = None
) -> Step:
    """First item of N examinees with the given seeds (N,). `excluded` as in `advance`."""
    return next_step(pool, policy, fresh_state(pool, seed), excluded=excluded)


def advance(
    pool: Pool,
    policy: Policy,
    state: State,
    item: ArrayLike,
    score: ArrayLike,
    *,
    excluded: BoolArray | None = None,
) -> Step:
    """Take in one answer an examinee: item (N,) index, score (N,) category from 0.

    `excluded` (J,) or (N, J) marks items that must not be selected now, such as withdrawn ones;
    the answered item may be among them and counts all the same. Raises ValueError for an item or
    category that the pool lacks and for an item that the examinee answered before.
    """
    items = np.atleast_1d(np.asarray(item, dtype=np.int64))
    scores = np.atleast_1d(np.asarray(score, dtype=np.int64))
    _check_answers(pool, state, items, scores)
    administered = state.administered.copy()
    administered[np.arange(len(items)), items] = True
    answered = State(
        seed=state.seed,
        log_likelihood=add_responses(state.log_likelihood, pool.log_probabilities, items, scores),
        administered=administered,
        position=state.position + 1,
    )
    return next_step(pool, policy, answered, excluded=excluded)


def _check_answers(pool: Pool, state: State, item: IntArray, score: IntArray) -> None:
    if not ((item >= 0) & (item < pool.n_items)).all():
        raise ValueError(f"items must be indices 0 to {pool.n_items - 1} of the pool")
    if not ((score >= 0) & (score < pool.parameters.n_categories[item])).all():
        raise ValueError("a score is not a category of its item")
    if state.administered[np.arange(len(item)), item].any():
        raise ValueError("an item was answered before in the same test")


def next_step(
    pool: Pool, policy: Policy, state: State, *, excluded: BoolArray | None = None
) -> Step:
    """Estimate, judge the stopping rules and select; a pure function of its arguments."""
    prior = Grid(pool.nodes, normal_weights(pool.nodes, policy.prior_mean, policy.prior_sd))
    ability = eap(state.log_likelihood, prior)
    stop = stop_reason(
        ability.standard_error,
        state.position,
        target_standard_error=policy.target_standard_error,
        min_items=policy.min_items,
        max_items=policy.max_items,
    )
    available = ~state.administered & pool.eligible
    if excluded is not None:
        available &= ~excluded
    item = select_randomesque(
        np.ascontiguousarray(item_information(pool.parameters, ability.theta).T),
        available,
        uniform_draw(state.seed, state.position),
        policy.randomesque,
    )
    stop = np.where((stop == StopReason.CONTINUE) & (item < 0), StopReason.NO_ITEM_LEFT, stop)
    return Step(
        state=state,
        theta=ability.theta,
        standard_error=ability.standard_error,
        item=np.where(stop == StopReason.CONTINUE, item, -1),
        stop=stop,
    )
