"""A hard cap: how many sessions may be given one item."""

import math

# A product such as 0.29 * 100 must not lose a session to its rounding error.
_ROUNDING = 1e-9


def cap(n_sessions: int, rate: float, minimum: int) -> int:
    """Sessions that may give an item after `n_sessions` have started: max(minimum, rate * n).

    `minimum` sessions are allowed from the first day on, when a share of few sessions is none.
    """
    return max(minimum, math.floor(rate * n_sessions + _ROUNDING))
