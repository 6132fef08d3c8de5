"""When a test ends."""

from enum import IntEnum

import numpy as np

from scoring.irt.arrays import FloatArray, IntArray


class StopReason(IntEnum):
    """Why an examinee's test ended; CONTINUE while it has not."""

    CONTINUE = 0
    STANDARD_ERROR = 1
    MAXIMUM_LENGTH = 2
    NO_ITEM_LEFT = 3


def stop_reason(
    standard_error: FloatArray,
    length: IntArray,
    *,
    target_standard_error: float | None,
    min_items: int,
    max_items: int,
) -> IntArray:
    """(N,) `StopReason` from standard_error (N,) and the number of answers length (N,).

    Reaching the target counts from `min_items` on and is named before the maximum length.
    """
    reason = np.where(length >= max_items, StopReason.MAXIMUM_LENGTH, StopReason.CONTINUE)
    if target_standard_error is None:
        return reason.astype(np.int64)
    precise = (length >= min_items) & (standard_error <= target_standard_error)
    return np.where(precise, StopReason.STANDARD_ERROR, reason).astype(np.int64)
