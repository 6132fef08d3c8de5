"""Wald test of drift, item by item: Lord's chi-square with both covariances and the link's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from irt.arrays import FloatArray, IntArray
from irt.drift.differences import Differences, DriftStatus

# A correlation matrix with a smaller eigenvalue has no inverse to speak of.
_SINGULAR = 1e-10


@dataclass(frozen=True, eq=False)
class WaldDrift:
    """Of J items: statistic, degrees of freedom, p_value, and status (`DriftStatus`).

    NaN (degrees 0) where the status is not OK.
    """

    statistic: FloatArray
    degrees: IntArray
    p_value: FloatArray
    status: NDArray[np.str_]


def wald_drift(differences: Differences) -> WaldDrift:
    """v' C^-1 v of each item's parameter differences v with covariance C (Lord 1980, p. 223).

    Chi-square, with as many degrees of freedom as parameters with a variance, when the item has not
    drifted, the link is by items that have not, and the samples are large.
    """
    n_items = len(differences.status)
    statistic, p_value = np.full(n_items, np.nan), np.full(n_items, np.nan)
    degrees, status = np.zeros(n_items, dtype=np.int64), differences.status.copy()
    variances = np.einsum("jpp->jp", differences.covariance)
    for item in np.flatnonzero(status == DriftStatus.OK).tolist():
        estimated = np.flatnonzero(variances[item] > 0)
        error = np.sqrt(variances[item, estimated])
        scaled = differences.value[item, estimated] / error
        correlation = differences.covariance[item][np.ix_(estimated, estimated)]
        values, vectors = np.linalg.eigh(correlation / error[:, None] / error)
        if values[0] < _SINGULAR:
            status[item] = DriftStatus.SINGULAR
            continue
        statistic[item] = (((scaled @ vectors) ** 2) / values).sum()
        degrees[item] = len(estimated)
        p_value[item] = chdtrc(len(estimated), statistic[item])
    return WaldDrift(statistic, degrees, p_value, status)
