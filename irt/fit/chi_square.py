"""Probabilities of chi-square statistics, and how far a model is off for each degree of freedom."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtr, chdtrc, chndtrinc

from irt.arrays import FloatArray


def upper_tail(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """P(chi-square with df >= statistic); NaN where either is."""
    return np.asarray(chdtrc(np.asarray(df, dtype=float), np.asarray(statistic, dtype=float)))


def rmsea(statistic: ArrayLike, df: ArrayLike, n_persons: int) -> FloatArray:
    """sqrt(max(0, X / df - 1) / (N - 1)) (Steiger 1990); NaN without degrees of freedom."""
    x, degrees = np.asarray(statistic, dtype=float), np.asarray(df, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):  # no degrees of freedom
        excess = np.maximum(x / degrees - 1.0, 0.0) / max(n_persons - 1, 1)
        return np.where(degrees > 0, np.sqrt(excess), np.nan)


def rmsea_interval(
    statistic: float, df: int, n_persons: int, level: float = 0.90
) -> tuple[float, float]:
    """The RMSEAs sqrt(lambda / (N df)) whose noncentral chi-square has the statistic in a tail.

    Browne & Cudeck (1993). A limit is 0 where even lambda = 0 leaves less than its tail.
    """
    tail = 0.5 * (1.0 - level)
    lower, upper = (
        float(np.sqrt(chndtrinc(statistic, df, below) / (n_persons * df)))
        if chdtr(df, statistic) > below
        else 0.0
        for below in (1.0 - tail, tail)
    )
    return lower, upper
