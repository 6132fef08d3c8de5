"""Robust z of slopes and difficulties (Huynh & Meyer 2010)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray
from irt.drift.differences import DriftStatus
from irt.linking.common_items import CommonItems, LinkingError
from irt.linking.link import Link

# The interquartile range of a normal variable is 1.349 standard deviations.
_IQR_TO_SD = 0.74


@dataclass(frozen=True, eq=False)
class RobustZ:
    """Of J items: z of the log slope and of the difficulty, and status (`DriftStatus`) of each.

    NaN where the status is not OK.
    """

    slope: FloatArray
    difficulty: FloatArray
    slope_status: NDArray[np.str_]
    difficulty_status: NDArray[np.str_]


def robust_z(items: CommonItems, link: Link) -> RobustZ:
    """(D - median D) / (0.74 IQR D), D of log a and of the mean of b, target minus linked.

    About N(0, 1) for items that have not drifted when those are most of them and all are known
    about equally well; it takes no standard errors. Raises `LinkingError` with fewer than two
    items to compare.
    """
    comparable = items.comparable
    if comparable.sum() < 2:
        raise LinkingError("a robust z needs at least two items to compare")
    linked = link.parameters(items.source)
    log_ratio, shift = np.full((2, len(comparable)), np.nan)
    log_ratio[comparable] = np.log(
        items.target.discrimination[comparable] / linked.discrimination[comparable]
    )
    steps = (items.target.difficulty - linked.difficulty)[comparable]
    shift[comparable] = np.nanmean(steps, axis=1)
    slope, slope_status = _standardize(log_ratio, comparable)
    difficulty, difficulty_status = _standardize(shift, comparable)
    return RobustZ(slope, difficulty, slope_status, difficulty_status)


def _standardize(values: FloatArray, comparable: BoolArray) -> tuple[FloatArray, NDArray[np.str_]]:
    status = np.full(len(values), DriftStatus.OK.value, dtype="U34")
    status[~comparable] = DriftStatus.NOT_COMPARABLE
    low, middle, high = np.percentile(values[comparable], [25, 50, 75])
    # Differences that rounding alone makes are no spread.
    if high - low <= 1e-9 * max(1.0, abs(middle)):
        status[comparable] = DriftStatus.NO_SPREAD
        return np.full(len(values), np.nan), status
    return (values - middle) / (_IQR_TO_SD * (high - low)), status
