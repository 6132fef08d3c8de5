"""What a calibration returns."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import FloatArray
from irt.models.parameters import ItemParameters


class ItemStatus(StrEnum):
    """What became of an item."""

    ESTIMATED = "estimated"
    ANCHORED = "anchored"
    NEGATIVE_SLOPE = "negative slope"
    EMPTY_CATEGORY = "empty category"
    STEEP = "steep slope"
    UNDETERMINED = "undetermined"
    AT_BOUND = "at a bound"


class Cause(StrEnum):
    """Why an estimate has no standard error."""

    AT_BOUND = "at a bound"
    FLAT = "flat likelihood"


# Whose the parameters are that belong to no item; the groups count down from the first.
COMMON_SLOPE_OWNER = -1
FIRST_GROUP_OWNER = -2

# Log variances beyond this are on their way out of every plausible range.
_RUNS_AWAY = 5.0


@dataclass(frozen=True, eq=False)
class StandardErrors:
    """Shapes as in `ItemParameters`; NaN where a parameter was not estimated."""

    discrimination: FloatArray
    difficulty: FloatArray
    lower_asymptote: FloatArray
    upper_asymptote: FloatArray

    def take(self, index: ArrayLike) -> Self:
        """Those of the items at `index`, in that order."""
        chosen = np.asarray(index)
        return type(self)(*(getattr(self, part.name)[chosen] for part in fields(self)))


@dataclass(frozen=True, eq=False)
class Covariance:
    """matrix (R, R) of the sampling covariances of R parameters.

    names (R,) of (item index, "a" | "b" | "b1" ... | "c" | "d"); the index is -1 for the slope that
    items of one model share, and -2 - g for "mean" and "variance" of group g.
    """

    names: list[tuple[int, str]]
    matrix: FloatArray

    def take(self, index: ArrayLike) -> Self:
        """Those of the items at `index`, numbered anew in that order, and of what is no item's."""
        place = {item: new for new, item in enumerate(np.asarray(index).tolist())}
        rows = [row for row, (item, _) in enumerate(self.names) if item < 0 or item in place]
        names = [(place.get(item, item), name) for item, name in map(self.names.__getitem__, rows)]
        return type(self)(names, self.matrix[np.ix_(rows, rows)])


@dataclass(frozen=True)
class Undetermined:
    """An estimated parameter without a standard error; owner and name as in `Covariance`."""

    owner: int
    name: str
    value: float
    cause: Cause


@dataclass(frozen=True, eq=False)
class Calibration:
    """Estimates at the best point reached, converged or not.

    parameters holds NaN for items with status EMPTY_CATEGORY: a category that nobody chose (or an
    item that nobody answered) has no finite estimate. STEEP items have a slope that the grid cannot
    resolve, AT_BOUND ones an asymptote at 0 or 1, UNDETERMINED ones a parameter with which the
    likelihood hardly changes. `undetermined` names these parameters: they have no standard error,
    and those of others in the item take an asymptote at its bound for known. max_gradient is the
    largest absolute component of the gradient of the marginal log-posterior in slope, intercepts,
    logits of asymptotes, mean and log variance, divided by n_persons. history and gradient_history
    (iterations,) are log-posterior and max_gradient at each E-step. group_* (G,) are mean and
    variance of ability in each group, their errors NaN where fixed or undetermined. nodes (Q,) are
    those on which ability was integrated; better_nodes (Q',) others, where these are too short or
    too far apart for the abilities found, or None.
    """

    parameters: ItemParameters
    standard_errors: StandardErrors
    status: NDArray[np.str_]
    group_mean: FloatArray
    group_variance: FloatArray
    group_mean_se: FloatArray
    group_variance_se: FloatArray
    covariance: Covariance | None
    log_likelihood: float
    log_posterior: float
    converged: bool
    iterations: int
    max_gradient: float
    n_persons: int
    n_parameters: int
    history: FloatArray
    gradient_history: FloatArray
    nodes: FloatArray
    better_nodes: FloatArray | None
    undetermined: list[Undetermined] = field(default_factory=list)

    @property
    def obstacle(self) -> str:
        """Why the search did not converge, in a sentence; empty when it did."""
        if self.converged:
            return ""
        if (np.abs(np.log(self.group_variance)) > _RUNS_AWAY).any():
            return "the variance of ability runs to zero or infinity: the responses do not hold it"
        if self.better_nodes is not None:
            return (
                f"{_described(self.nodes)} do not show the abilities, which go farther out or are "
                f"told apart more finely: give at least {_described(self.better_nodes)}, or leave "
                "both out, so that they adapt"
            )
        if (steep := np.flatnonzero(self.status == ItemStatus.STEEP)).size:
            return f"the slopes of {steep.size} items grow without bound: no finite maximum exists"
        return f"{self.iterations} iterations were not enough"

    @property
    def aic(self) -> float:
        """Akaike (1974): -2 log L + 2 p."""
        return -2.0 * self.log_likelihood + 2.0 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz (1978): -2 log L + p log N."""
        return -2.0 * self.log_likelihood + self.n_parameters * float(np.log(self.n_persons))


def _described(nodes: FloatArray) -> str:
    return f"{len(nodes)} nodes on a range of {nodes[-1]:g}"
