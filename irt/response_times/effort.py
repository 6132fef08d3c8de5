"""Response-time effort: how much of a test was answered, and not guessed at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray
from irt.response_times.lognormal import TimeStatus
from irt.response_times.times import ResponseTimes

# Wise & Kong (2005) look closer at persons whose effort is below this.
LEAST_EFFORT = 0.90


@dataclass(frozen=True, eq=False)
class ResponseTimeEffort:
    """N persons and J items.

    effort (N,)     share of a person's answers that took the item's threshold or longer
    low_effort (N,) effort below the least allowed
    rapid (R,)      answers faster than the threshold, to leave out of a calibration
    threshold (J,)  seconds; NaN for items without times
    rapid_share (J,)   share of rapid guesses; NaN likewise
    person_status (N,), item_status (J,)   `TimeStatus`: "ok" or "no times"
    """

    effort: FloatArray
    low_effort: BoolArray
    rapid: BoolArray
    threshold: FloatArray
    rapid_share: FloatArray
    person_status: NDArray[np.str_]
    item_status: NDArray[np.str_]


def response_time_effort(
    times: ResponseTimes,
    *,
    longest_threshold: float = 10.0,
    share_of_mean: float = 0.1,
    least_effort: float = LEAST_EFFORT,
) -> ResponseTimeEffort:
    """RTE (Wise & Kong 2005) at the normative threshold of Wise & Ma (2012).

    The threshold is share_of_mean times the item's mean time, longest_threshold seconds at most.
    """
    one = np.ones(len(times.seconds))
    by_person, by_item = times.by_person(one), times.by_item(one)
    with np.errstate(divide="ignore", invalid="ignore"):  # no times, as the statuses say
        threshold = np.minimum(
            longest_threshold, share_of_mean * times.by_item(times.seconds) / by_item
        )
        rapid = times.seconds < threshold[times.item]
        effort = 1.0 - times.by_person(rapid.astype(float)) / by_person
        rapid_share = times.by_item(rapid.astype(float)) / by_item
    return ResponseTimeEffort(
        effort,
        effort < least_effort,
        rapid,
        threshold,
        rapid_share,
        _status(by_person),
        _status(by_item),
    )


def _status(n: FloatArray) -> NDArray[np.str_]:
    return np.where(n > 0, TimeStatus.OK.value, TimeStatus.NO_TIMES.value)
