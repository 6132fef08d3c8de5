"""Infit and outfit of items: squared residuals against their variance (Wright & Masters 1982)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitStatus
from irt.fit.residuals import residuals
from irt.mean_square import standardized_mean_square
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """Infit and outfit of J items, 1 where responses vary as the model says.

    outfit, infit and their standardized forms z_outfit and z_infit (J,), NaN where status (J,) is
    not "ok". n_responses (J,).
    """

    outfit: FloatArray
    z_outfit: FloatArray
    infit: FloatArray
    z_infit: FloatArray
    n_responses: IntArray
    status: NDArray[np.str_]


def mean_squares(
    responses: Responses,
    model: Fitted,
    theta: FloatArray | None = None,
    *,
    least_variance: float = 0.0,
) -> MeanSquares:
    """Infit and outfit of each item, given abilities theta (N,), by default the EAP.

    Outfit is the mean of r^2 / W, infit sum r^2 / sum W, with r the residual and W the variance of
    the score; z is the Wilson-Hilferty cube root (Wright & Masters 1982, table 5.4a). z is standard
    normal when theta is the true ability. An estimate is fitted to the very responses, so that
    residuals at it are too small: read its z by comparison between items, not as a test.
    Variances below `least_variance` are raised to it; mirt's floor is sqrt(1e-5), the textbook has
    none. Raises `FitError` where the arguments do not fit together.
    """
    model.check(responses)
    n_items = responses.n_items
    sums = np.zeros((6, n_items))
    for part in residuals(responses, model, theta):
        squared = part.deviation**2
        variance = np.maximum(part.variance, least_variance)
        with np.errstate(divide="ignore", invalid="ignore"):  # a score that cannot vary
            terms = (
                np.ones_like(squared),
                squared,
                variance,
                squared / variance,
                part.fourth / variance**2,
                part.fourth - variance**2,
            )
        for total, term in zip(sums, terms, strict=True):
            total += np.bincount(part.item, term, minlength=n_items)
    n, squared, variance, standardized, kurtosis, spread = sums
    with np.errstate(divide="ignore", invalid="ignore"):  # items without responses
        outfit, infit = standardized / n, squared / variance
        z_outfit = standardized_mean_square(outfit, np.sqrt(kurtosis / n**2 - 1 / n))
        z_infit = standardized_mean_square(infit, np.sqrt(spread) / variance)
    status = _status(model, n, np.isfinite(outfit + infit + z_outfit + z_infit))
    failed = status != FitStatus.OK
    for values in (outfit, z_outfit, infit, z_infit):
        values[failed] = np.nan
    return MeanSquares(outfit, z_outfit, infit, z_infit, np.rint(n).astype(np.int64), status)


def _status(model: Fitted, n_responses: FloatArray, finite: BoolArray) -> NDArray[np.str_]:
    """(J,) `FitStatus` values; where a mean square is not finite the model leaves no variance."""
    status = np.full(len(n_responses), FitStatus.OK.value, dtype="U21")
    status[~finite] = FitStatus.NO_VARIANCE
    status[n_responses == 0] = FitStatus.NO_RESPONSES
    status[~model.has_parameters] = FitStatus.NO_PARAMETERS
    return status
