"""CUSUM over a series of calibrations: small drifts that add up (Veerkamp & Glas 2000)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from irt.arrays import FloatArray, IntArray

# States of the chain that stands for the continuous statistic; the error falls with the square.
_STATES = 400


class CusumStatus(StrEnum):
    """What the chart of an item says."""

    IN_CONTROL = "in control"
    LOWER = "drifted down"
    HIGHER = "drifted up"
    NOT_OBSERVED = "no estimates to compare"


@dataclass(frozen=True, eq=False)
class Cusum:
    """Charts of J items over T calibrations.

    lower, higher (T, J) the two statistics, from 0; alarm (J,) the first calibration at which one
    of them reached the threshold, -1 for none; status (J,) `CusumStatus`, of the side that did.
    """

    lower: FloatArray
    higher: FloatArray
    alarm: IntArray
    status: NDArray[np.str_]


def cusum(
    estimates: ArrayLike,
    errors: ArrayLike,
    reference: ArrayLike,
    *,
    allowance: float = 0.5,
    threshold: float = 5.0,
) -> Cusum:
    """S_t = max(0, S_{t-1} + (b_0 - b_t) / SE_t - k), and the same for b_t - b_0.

    estimates, errors (T, J) of one parameter, all on one scale; reference (J,) what it was at
    first; allowance k and threshold in standard errors. A calibration without an estimate or with
    no positive finite error leaves an item's charts where they are. Veerkamp & Glas (2000) take
    `reference` as known; with an error of its own the steps are correlated, and false alarms are
    more frequent than `false_alarm_rate` says.

    Raises ValueError for arrays that do not fit together, or an allowance or threshold below 0.
    """
    values, spread = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    start = np.asarray(reference, dtype=float)
    if values.ndim != 2 or spread.shape != values.shape or start.shape != values.shape[1:]:
        raise ValueError(
            f"estimates and errors must be (T, J) and the reference (J,), not {values.shape}, "
            f"{spread.shape} and {start.shape}"
        )
    _require_positive(allowance, threshold)
    seen = np.isfinite(values) & np.isfinite(start) & np.isfinite(spread) & (spread > 0)
    z = np.where(seen, values - start, 0.0) / np.where(seen, spread, 1.0)
    step = np.where(seen, allowance, 0.0)
    lower, higher = _chart(-z - step), _chart(z - step)
    beyond = np.stack([lower, higher]) >= threshold
    alarmed = beyond.any(axis=0)
    first = np.where(alarmed.any(axis=0), alarmed.argmax(axis=0), -1)
    status = np.full(len(start), CusumStatus.IN_CONTROL.value, dtype="U23")
    status[~seen.any(axis=0)] = CusumStatus.NOT_OBSERVED
    for side, word in zip(beyond, (CusumStatus.LOWER, CusumStatus.HIGHER), strict=True):
        status[(first >= 0) & side[first, np.arange(len(start))]] = word
    return Cusum(lower, higher, first.astype(np.int64), status)


def false_alarm_rate(
    n_calibrations: int, *, allowance: float = 0.5, threshold: float = 5.0
) -> float:
    """Probability that one side of an item without drift reaches the threshold within T steps.

    Of independent standard normal steps, by the Markov chain of Brook & Evans (1972); the two sides
    together have about twice this probability. Raises ValueError as `cusum`.
    """
    _require_positive(allowance, threshold)
    width = threshold / (_STATES - 0.5)
    middles = width * np.arange(_STATES)
    upper = ndtr(middles[None, :] + width / 2 - middles[:, None] + allowance)
    moves = np.diff(upper, axis=1, prepend=0.0)
    state = np.zeros(_STATES)
    state[0] = 1.0
    for _ in range(n_calibrations):
        state = state @ moves
    return float(1.0 - state.sum())


def _chart(steps: FloatArray) -> FloatArray:
    """(T, J) sums that never fall below 0."""
    result = np.zeros_like(steps)
    level = np.zeros(steps.shape[1])
    for row, step in zip(result, steps, strict=True):
        level = np.maximum(0.0, level + step)
        row[:] = level
    return result


def _require_positive(allowance: float, threshold: float) -> None:
    if not (allowance >= 0 and threshold > 0):
        raise ValueError(
            f"the allowance must be 0 or more and the threshold above 0, not {allowance} and "
            f"{threshold}"
        )
