"""The distribution of ability: normal in each group, its moments fixed or estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.models.coordinates import CoordinateSystem, NewtonTerms
from irt.models.parameters import UNIT_SLOPE

# Beyond this (an SD of 0.02 or 55) no grid of nodes shows the distribution.
_LOG_VARIANCE_LIMIT = 8.0


class PopulationError(ValueError):
    """The mean or variance of a group is not determined by what is fixed."""


@dataclass(frozen=True, eq=False)
class Population:
    """G groups of persons with ability N(mean, variance).

    mean, variance (G,), fixed or, where free_mean and free_variance (G,) say so, where estimation
    starts. group (N,) each person's group; None when there is one.
    """

    mean: FloatArray
    variance: FloatArray
    free_mean: BoolArray
    free_variance: BoolArray
    group: IntArray | None = None

    @property
    def n_groups(self) -> int:
        return len(self.mean)

    @property
    def is_free(self) -> bool:
        """Whether anything about it is to be estimated."""
        return bool(self.free_mean.any() or self.free_variance.any())

    def membership(self, n_persons: int) -> IntArray:
        """(N,) each person's group."""
        return np.zeros(n_persons, dtype=np.int64) if self.group is None else self.group


def standard_population(
    models: Sequence[str],
    *,
    group: ArrayLike | None = None,
    free: bool = False,
    anchored: bool = False,
) -> Population:
    """The population in which the parameters of items of `models` are identified.

    N(0, 1), with a free variance where the slopes of items such as Rasch set the unit. Of several
    groups (0, 1, ... in `group`) the first is the reference and the others are free. With `free`
    all are free, which takes items that are `anchored`, or else raises `PopulationError`.
    """
    if free and not anchored:
        raise PopulationError(
            "mean and variance cannot both be free: without anchored items nothing holds the "
            "scale; name anchors, or leave the group at N(0, 1)"
        )
    members = None if group is None else np.asarray(group, dtype=np.int64)
    n_groups = 1 if members is None else int(members.max(initial=0)) + 1
    free_mean = np.arange(n_groups) > 0
    free_mean |= free
    has_unit = bool(np.isin(list(models), UNIT_SLOPE).any())
    return Population(
        mean=np.zeros(n_groups),
        variance=np.ones(n_groups),
        free_mean=free_mean,
        free_variance=free_mean | has_unit,
        group=members,
    )


@dataclass(frozen=True)
class Normal(CoordinateSystem):
    """A group as an item with one category, whose "probability" is the density on the nodes.

    x = (mean, log variance); the density at the nodes is normalised to sum 1, so that the maximum
    is that of the likelihood on this grid. A mean beyond the nodes lowest..highest is inadmissible:
    there all the weight would be on the last node, whatever the data say.
    """

    n_categories: int = 1
    names = ("mean", "variance")
    lowest: float = -np.inf
    highest: float = np.inf

    def start(self, proportions: FloatArray) -> FloatArray:
        return np.zeros((len(proportions), 2))

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        exponent = -0.5 * (theta - x[:, :1]) ** 2 * np.exp(-x[:, 1:])
        exponent -= exponent.max(axis=1, keepdims=True)
        total = np.exp(exponent).sum(axis=1, keepdims=True)
        return np.asarray((exponent - np.log(total))[:, None])

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        weights = np.exp(self.log_probabilities(x, theta))[:, 0]
        deviation = theta - x[:, :1]
        precision = np.exp(-x[:, 1:])
        terms = np.stack([deviation * precision, 0.5 * deviation**2 * precision], axis=1)
        centered = terms - (terms * weights[:, None]).sum(axis=2, keepdims=True)
        return np.asarray(centered[:, :, None])

    def admissible(self, x: FloatArray) -> BoolArray:
        within = (self.lowest <= x[:, 0]) & (x[:, 0] <= self.highest)
        return super().admissible(x) & within & (np.abs(x[:, 1]) < _LOG_VARIANCE_LIMIT)

    def newton_terms(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> NewtonTerms:
        """Of the log density, given the expected numbers of persons (n, 1, Q) at the nodes."""
        log_weights = self.log_probabilities(x, theta)[:, 0]
        scores, persons = self.scores(x, theta)[:, :, 0], counts[:, 0]
        expected = persons.sum(axis=1, keepdims=True) * np.exp(log_weights)
        return NewtonTerms(
            value=(persons * log_weights).sum(axis=1),
            gradient=(scores @ persons[:, :, None])[:, :, 0],
            information=(scores * expected[:, None]) @ scores.transpose(0, 2, 1),
        )

    def to_irt(self, x: FloatArray) -> FloatArray:
        """Mean and variance."""
        return np.column_stack([x[:, 0], np.exp(x[:, 1])])

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return np.column_stack([irt[:, 0], np.log(irt[:, 1])])

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        jacobian = np.zeros((len(x), 2, 2))
        jacobian[:, 0, 0] = 1.0
        jacobian[:, 1, 1] = np.exp(x[:, 1])
        return jacobian
