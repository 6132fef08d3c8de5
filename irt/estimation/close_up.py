"""Posteriors that the nodes at hand do not show, on nodes of their own.

A posterior that is narrower than the nodes are apart, or bent sharply between them, is looked at
again on closer ones, and one that is cut off on nodes farther out, until its nodes show it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from irt.ability import Ability, is_shown, posterior_mean
from irt.arrays import FloatArray, IntArray
from irt.models.parameters import ItemParameters
from irt.responses import Responses, stacked_log_probabilities

_CLOSER_TO_NARROW, _CLOSER_TO_BENT = 4.0, 2.0
_MOST_LOOKS = 16
# Heights of a density below this share of the highest, in logs, weigh nothing.
_NOTHING = -16.0
# Persons whose nodes are the same, and the nodes that they may share.
_PERSONS_AT_ONCE, _NODES_AT_ONCE = 512, 400


@dataclass(frozen=True, eq=False)
class Windows:
    """low, high (n,) within which to look at n posteriors, on nodes `step` (n,) apart."""

    low: FloatArray
    high: FloatArray
    step: FloatArray

    def take(self, index: IntArray) -> "Windows":
        return Windows(self.low[index], self.high[index], self.step[index])

    @classmethod
    def joined(cls, parts: Sequence["Windows"]) -> "Windows":
        """Those of all parts, in order."""
        return cls(
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.high for part in parts]),
            np.concatenate([part.step for part in parts]),
        )


def windows(log_posterior: FloatArray, ability: Ability, nodes: FloatArray) -> Windows:
    """Where to look at densities (n, Q) that the nodes do not show, `ability` their mean and SD.

    nodes (Q,) or, each its own, (n, Q).
    """
    own = np.broadcast_to(nodes, log_posterior.shape)
    n_nodes, rows = own.shape[1], np.arange(len(own))
    weighs = log_posterior > log_posterior.max(axis=1, keepdims=True) + _NOTHING
    first, last = weighs.argmax(axis=1), n_nodes - 1 - weighs[:, ::-1].argmax(axis=1)
    step = own[:, 1] - own[:, 0]
    low, high = own[rows, first] - step, own[rows, last] + step
    width = high - low
    closer = np.where(ability.standard_error < step, _CLOSER_TO_NARROW, _CLOSER_TO_BENT)
    cut_low, cut_high = first == 0, last == n_nodes - 1
    return Windows(
        low=np.where(cut_low, low - width, low),
        high=np.where(cut_high, high + width, high),
        step=np.where(cut_low | cut_high, step, step / closer),
    )


def steepest_slope(parameters: ItemParameters) -> float:
    """The largest size of a slope, 0 without items."""
    return float(np.abs(parameters.discrimination).max(initial=0.0))


def look_closely(
    responses: Responses, parameters: ItemParameters, mean: float, sd: float, at: Windows
) -> Ability:
    """EAP and posterior SD (N,) under a prior N(mean, sd^2), first within the windows (N,)."""
    n = responses.n_persons
    theta, standard_error = np.full((2, n), np.nan)
    persons, steepest = np.arange(n), steepest_slope(parameters)
    for _ in range(_MOST_LOOKS):
        pending, looks = [], []
        for places in _gather(at):
            own = persons[places]
            nodes = _shared_nodes(at.take(places))
            log_posterior = _log_posterior(responses.take(own), parameters, mean, sd, nodes)
            ability = posterior_mean(log_posterior, nodes)
            theta[own], standard_error[own] = ability.theta, ability.standard_error
            left = np.flatnonzero(~is_shown(log_posterior, ability, nodes, steepest))
            pending.append(own[left])
            looks.append(windows(log_posterior[left], ability.take(left), nodes))
        persons, at = np.concatenate(pending), Windows.joined(looks)
        if not persons.size:
            break
    return Ability(theta, standard_error)


def _gather(at: Windows) -> Iterator[IntArray]:
    """Places of windows that lie together and have one step, a few at a time."""
    order = np.lexsort((at.low, at.step))
    start = 0
    while start < len(order):
        step, low = at.step[order[start]], at.low[order[start]]
        some = order[start : start + _PERSONS_AT_ONCE]
        reach = np.maximum.accumulate(at.high[some]) - low
        together = (at.step[some] == step) & (reach <= _NODES_AT_ONCE * step)
        n_together = max(1, int(np.logical_and.accumulate(together).sum()))
        yield np.sort(some[:n_together])
        start += n_together


def _shared_nodes(at: Windows) -> FloatArray:
    """Multiples of the step, so that a person's do not depend on who else is there."""
    step = at.step[0]
    first, last = np.floor(at.low.min() / step), np.ceil(at.high.max() / step)
    return np.asarray(step * np.arange(first, last + 1.0))


def _log_posterior(
    responses: Responses, parameters: ItemParameters, mean: float, sd: float, nodes: FloatArray
) -> FloatArray:
    """(n, Q) but for a constant."""
    rows = stacked_log_probabilities(parameters, nodes)
    blocks = [block for _, block in responses.log_likelihoods(rows)]
    return np.asarray(np.concatenate(blocks) - 0.5 * ((nodes - mean) / sd) ** 2)
