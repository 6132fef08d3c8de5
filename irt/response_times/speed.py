"""Speed of persons and residual times, at known items of the lognormal model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from irt.arrays import FloatArray
from irt.response_times.lognormal import LognormalItems, TimeStatus
from irt.response_times.times import ResponseTimeError, ResponseTimes


@dataclass(frozen=True, eq=False)
class Speed:
    """N persons, (N,) unless said; NaN with a reason in `status`.

    speed, standard_error  tau by maximum likelihood (van der Linden 2006, eq. 25) and its error
    chi_square, df, p_value  sum of the squared residuals; n - 1 df
    residual (R,)          z = alpha (ln t - beta + tau) of each time, negative where it was fast;
                           NaN for items without parameters
    standardized (R,)      z by its own SD, which is below 1 because tau is fitted: N(0, 1) under
                           the model; NaN where a person has one time
    status                 `TimeStatus`
    """

    speed: FloatArray
    standard_error: FloatArray
    chi_square: FloatArray
    df: FloatArray
    p_value: FloatArray
    residual: FloatArray
    standardized: FloatArray
    status: NDArray[np.str_]


def estimate_speed(times: ResponseTimes, items: LognormalItems) -> Speed:
    """tau = sum of alpha^2 (beta - ln t) / sum of alpha^2, over items with parameters.

    Raises `ResponseTimeError` where times and items differ in their number of items.
    """
    if len(items.discrimination) != times.n_items:
        raise ResponseTimeError(
            f"times of {times.n_items} items, but parameters of {len(items.discrimination)}"
        )
    known = np.isfinite(items.discrimination)[times.item]
    alpha = np.where(known, items.discrimination[times.item], 0.0)
    slowness = np.where(known, np.log(times.seconds) - items.intensity[times.item], 0.0)
    weight = alpha**2
    total = times.by_person(weight)
    n = times.by_person(known.astype(float))
    with np.errstate(divide="ignore", invalid="ignore"):  # persons without times have a status
        speed = -times.by_person(weight * slowness) / total
        error = 1.0 / np.sqrt(total)
        residual = alpha * (slowness + speed[times.person])
        spread = np.sqrt(1.0 - weight / total[times.person])
        standardized = residual / spread
    several = known & (n[times.person] > 1)
    chi_square = times.by_person(np.where(several, residual**2, 0.0))
    status = np.select(
        [n == 0, n == 1],
        [TimeStatus.NO_TIMES.value, TimeStatus.ONE_TIME.value],
        TimeStatus.OK.value,
    )
    enough = n > 1
    return Speed(
        np.where(n > 0, speed, np.nan),
        np.where(n > 0, error, np.nan),
        np.where(enough, chi_square, np.nan),
        np.maximum(n - 1.0, 0.0),
        np.where(enough, chdtrc(np.maximum(n - 1.0, 1.0), chi_square), np.nan),
        np.where(known, residual, np.nan),
        np.where(several, standardized, np.nan),
        status,
    )
