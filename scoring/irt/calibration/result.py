"""What a calibration returns."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from scoring.irt.arrays import FloatArray
from scoring.irt.parameters import ItemParameters


class ItemStatus(StrEnum):
    """What became of an item."""

    ESTIMATED = "estimated"
    NEGATIVE_SLOPE = "negative slope"
    EMPTY_CATEGORY = "empty category"


@dataclass(frozen=True, eq=False)
class StandardErrors:
    """Shapes as in `ItemParameters`; NaN where a parameter was not estimated."""

    discrimination: FloatArray
    difficulty: FloatArray
    lower_asymptote: FloatArray


@dataclass(frozen=True, eq=False)
class Calibration:
    """Estimates at the best point reached, converged or not.

    parameters holds NaN for items with status EMPTY_CATEGORY: a category that nobody chose (or an
    item that nobody answered) has no finite estimate. max_gradient is the largest absolute
    component of the gradient of the marginal log-posterior in slope, intercepts and logit c,
    divided by n_persons. history (iterations,) is the log-posterior at each E-step.
    """

    parameters: ItemParameters
    standard_errors: StandardErrors
    status: NDArray[np.str_]
    log_likelihood: float
    log_posterior: float
    converged: bool
    iterations: int
    max_gradient: float
    n_persons: int
    history: FloatArray
