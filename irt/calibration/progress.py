"""How far an iterative estimation has come."""

from math import isfinite, log


def share_covered(first: float, now: float, target: float) -> float:
    """How much of the way from the first gradient to the target is covered, on the log scale."""
    if now <= target or first <= target:
        return 1.0
    if not isfinite(first / now):
        return 0.0
    return max(0.0, min(1.0, log(first / now) / log(first / target)))
