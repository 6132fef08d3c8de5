"""Preknowledge of items that are known to be compromised: the signed likelihood ratio test."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from irt.arrays import FloatArray, IntArray
from irt.misuse.likelihood_maximum import likelihood_curves
from irt.models.parameters import ItemParameters
from irt.responses import ResponseError, Responses


class PreknowledgeStatus(StrEnum):
    OK = "ok"
    NO_COMPROMISED = "no compromised item answered"
    NO_SECURE = "no secure item answered"


@dataclass(frozen=True, eq=False)
class Preknowledge:
    """N persons, (N,) each; NaN with a reason in `status`.

    statistic               signed likelihood ratio, about N(0, 1) without preknowledge, high with
    p_value                 one-sided
    theta_compromised, theta_secure   maximum likelihood on either part, within the limits
    n_compromised, n_secure items answered
    status                  `PreknowledgeStatus`
    """

    statistic: FloatArray
    p_value: FloatArray
    theta_compromised: FloatArray
    theta_secure: FloatArray
    n_compromised: IntArray
    n_secure: IntArray
    status: NDArray[np.str_]


def preknowledge(
    responses: Responses,
    parameters: ItemParameters,
    compromised: ArrayLike,
    *,
    limit: float = 6.0,
) -> Preknowledge:
    """Whether persons did better on the `compromised` (J,) items C than on the others S.

    Sinharay (2017): sign(theta_C - theta_S) sqrt(2 (l_C(theta_C) + l_S(theta_S) - l(theta))), the
    estimates maximising the log-likelihood over -limit..limit. Nominal levels are for parts long
    enough that few estimates lie at a limit; below about ten items they are only approximate.

    Raises `ResponseError` where responses, parameters and `compromised` do not fit together, or
    all items or none are compromised.
    """
    if not np.array_equal(responses.n_categories, parameters.n_categories):
        raise ResponseError("responses and parameters differ in items or categories")
    chosen = np.asarray(compromised, dtype=bool)
    if chosen.shape != (responses.n_items,) or not 0 < chosen.sum() < len(chosen):
        raise ResponseError("some items, but not all, must be marked as compromised")
    parts = [
        np.array([*first.maximum(), *second.maximum(), (first + second).maximum()[1]])
        for first, second in likelihood_curves(responses, parameters, [chosen, ~chosen], limit)
    ]
    theta_c, log_c, theta_s, log_s, log_both = np.concatenate(parts, axis=1)
    ratio = np.sqrt(np.maximum(2.0 * (log_c + log_s - log_both), 0.0))
    n_compromised = _count_answered(responses, chosen)
    n_secure = _count_answered(responses, ~chosen)
    status = np.select(
        [n_compromised == 0, n_secure == 0],
        [PreknowledgeStatus.NO_COMPROMISED.value, PreknowledgeStatus.NO_SECURE.value],
        PreknowledgeStatus.OK.value,
    )
    statistic = np.where(
        status == PreknowledgeStatus.OK, np.sign(theta_c - theta_s) * ratio, np.nan
    )
    return Preknowledge(
        statistic,
        ndtr(-statistic),
        np.where(n_compromised > 0, theta_c, np.nan),
        np.where(n_secure > 0, theta_s, np.nan),
        n_compromised,
        n_secure,
        status,
    )


def _count_answered(responses: Responses, items: NDArray[np.bool_]) -> IntArray:
    """(N,) how many of the items (J,) each person answered."""
    rows = np.repeat(items, responses.n_categories).astype(float)[:, None]
    parts = [counts[:, 0] for _, counts in responses.log_likelihoods(rows)]
    return np.rint(np.concatenate(parts)).astype(np.int64)
