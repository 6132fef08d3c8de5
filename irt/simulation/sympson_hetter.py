"""Exposure parameters by iterated simulation (Sympson & Hetter 1985)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.exposure.control import band_of
from irt.exposure.eligibility import controlled_items
from irt.exposure.units import exposure_units
from irt.policy.policy import Policy
from irt.pool import Pool
from irt.simulation.sessions import simulate_sessions
from irt.simulation.tally import Tally, add_tallies, passing_probabilities, tally_sessions

# Rounds whose largest rate is below this multiple of the target no longer move much: from there on
# this share of what earlier rounds counted stays, so that k is less of an accident of one round.
_NEAR = 1.5
_KEEP = 0.7

# Called after each round with its number and its largest exposure rate; raise in it to cancel.
Callback = Callable[[int, float], None]


@dataclass(frozen=True, eq=False)
class SympsonHetter:
    """Exposure parameters k of J items in B bands of theta, and how they were found.

    k (J, B) the chance to pass; rates (J, B) the exposure under it of a group of examinees with
    true theta in each band, in sessions that had no part in its making, for an item of a stimulus
    set the exposure of the set; history (R,) the largest rate in each round; converged: rates
    within the tolerance. Else k is the best there was.
    """

    k: FloatArray
    rates: FloatArray
    history: tuple[float, ...]
    converged: bool

    @property
    def maximum(self) -> float:
        """The largest rate under k."""
        return float(self.rates.max())


def chance_of_rate(rate: float, n: int) -> float:
    """Three binomial standard errors of an exposure rate among n sessions."""
    return 3.0 * float(np.sqrt(rate * (1.0 - rate) / n))


def derive_exposure_parameters(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    tolerance: float | None = None,
    max_rounds: int = 30,
    callback: Callback | None = None,
) -> SympsonHetter:
    """The k under which no item is given to more than policy.exposure.rate of the examinees.

    Each round simulates sessions of examinees with abilities true_theta (N,) under the present k
    and sets k = min(1, rate / P(S)), S the item's selection, whether it passes then or not. P(S)
    is estimated as administrations / sessions in which the item passes: since passing is drawn
    apart from all else, P(A) = k P(S) and P(A | passes) = P(S), whichever rule or program selects.
    (Administrations / k has the same mean and more variance; counting what ranked first would ask
    for the order of items that were not selected.) In each band at least max_items items keep
    k = 1, so that a test can always be filled. A stimulus set counts as one item: it is selected
    where the first of its items is, and all of them have the same k.

    With policy.exposure.bands the rate holds in each band of true theta (Stocking & Lewis 1998)
    while k is looked up by the estimate; see `passing_probabilities`. Give each band enough of the
    abilities, as `abilities_in_bands` does.

    Rounds have different examinees and answers, so that the rates of a round are an honest test of
    its k. They end when the largest is at most rate + tolerance, by default three binomial
    standard errors of a rate in the smallest band, which is what chance alone makes of the largest
    of many. Raises ValueError where a band has no ability, or the rate is too low to fill a test
    from the pool.
    """
    abilities = np.asarray(true_theta, dtype=float)
    controlled, rate = controlled_items(pool, policy), policy.exposure.rate
    smallest = _smallest_band(policy, abilities)
    _check_rate(policy, controlled)
    at_most = rate + (chance_of_rate(rate, smallest) if tolerance is None else tolerance)
    k = np.ones((pool.n_items, len(policy.exposure.bands) + 1))
    search = _Search()
    counted: Tally | None = None
    for round_seed in np.random.SeedSequence(seed).generate_state(max_rounds, np.uint64):
        sessions = simulate_sessions(replace(pool, exposure=k), policy, abilities, int(round_seed))
        tally = tally_sessions(policy, k, sessions, whole_sets=True)
        largest = search.add(k, np.where(controlled[:, None], tally.rates, 0.0))
        if callback:
            callback(len(search.history), largest)
        if largest <= at_most:
            break
        near = largest < _NEAR * rate
        counted = add_tallies(counted, tally, _KEEP, _KEEP) if near and counted else tally
        k = _raise_enough(
            passing_probabilities(counted, rate, controlled),
            controlled,
            exposure_units(pool),
            policy.stopping.max_items,
        )
    return search.result(at_most)


@dataclass
class _Search:
    """The rounds so far and the best of them."""

    best: FloatArray | None = None
    rates: FloatArray | None = None
    history: list[float] = field(default_factory=list)

    def add(self, k: FloatArray, rates: FloatArray) -> float:
        """Take in a round; its largest rate."""
        largest = float(rates.max())
        if largest < min(self.history, default=np.inf):
            self.best, self.rates = k, rates
        self.history.append(largest)
        return largest

    def result(self, at_most: float) -> SympsonHetter:
        assert self.best is not None
        assert self.rates is not None
        return SympsonHetter(
            self.best, self.rates, tuple(self.history), min(self.history) <= at_most
        )


def abilities_in_bands(
    n: int, policy: Policy, rng: np.random.Generator, *, most: float = 4.0
) -> FloatArray:
    """(n,) abilities from the policy's normal prior, as many from each of its exposure bands.

    Theta is limited to the prior mean +- `most` standard deviations.
    """
    mean, sd = policy.estimation.prior_mean, policy.estimation.prior_sd
    limits = np.array([-np.inf, *policy.exposure.bands, np.inf])
    edges = ndtr(np.clip((limits - mean) / sd, -most, most))
    band = np.arange(n) % (len(limits) - 1)
    uniform = edges[band] + (edges[band + 1] - edges[band]) * rng.random(n)
    return np.asarray(mean + sd * ndtri(uniform))


def _smallest_band(policy: Policy, abilities: FloatArray) -> int:
    """How many abilities the band with the fewest has."""
    limits = policy.exposure.bands
    smallest = int(np.bincount(band_of(abilities, limits), minlength=len(limits) + 1).min())
    if smallest == 0:
        raise ValueError("every exposure band needs abilities to simulate")
    return smallest


def _check_rate(policy: Policy, controlled: BoolArray) -> None:
    n_items, rate = int(controlled.sum()), policy.exposure.rate
    if rate * n_items < policy.stopping.max_items:
        raise ValueError(
            f"with {n_items} items and an exposure rate of {rate:g} a test can have at most "
            f"{int(rate * n_items)} items, not {policy.stopping.max_items}: raise the rate, "
            "shorten the test or add items"
        )


def _raise_enough(
    k: FloatArray, controlled: BoolArray, units: IntArray, n_items: int
) -> FloatArray:
    """k with 1 for the n_items controlled items of each band that come nearest to it, and for the
    whole of the units (J,) that they belong to."""
    order = np.argsort(np.where(controlled[:, None], -k, np.inf), axis=0, kind="stable")
    filled = k.copy()
    np.put_along_axis(filled, order[:n_items], 1.0, axis=0)
    np.maximum.at(filled, units, filled.copy())
    return np.asarray(filled[units])
