"""How evenly a set of sessions used the items of a pool."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ExposureStatistics:
    """Use of J items by N sessions.

    rates (J,) share of the sessions that gave the item. overlap: the share of a test that two
    sessions have in common, NaN for fewer than two sessions or no answers. chi_square: distance of
    the rates from an even use of all items, 0 when even. unused (J,) True where no session gave
    the item.
    """

    n_sessions: int
    rates: FloatArray
    overlap: float
    chi_square: float
    unused: BoolArray

    @property
    def maximum(self) -> float:
        """The largest exposure rate."""
        return float(self.rates.max(initial=0.0))

    @property
    def n_unused(self) -> int:
        return int(self.unused.sum())

    @property
    def mean_length(self) -> float:
        return float(self.rates.sum())

    def histogram(self, limits: FloatArray) -> IntArray:
        """(B,) items with a rate in each of the intervals between rising limits (B + 1,).

        The last interval holds its upper limit. Unused items are those with rate 0 in the first.
        """
        return np.histogram(self.rates, limits)[0].astype(np.int64)


def exposure_statistics(counts: IntArray, n_sessions: int) -> ExposureStatistics:
    """From the number of sessions (J,) that gave each item; each gave an item at most once.

    Raises ValueError for counts that no set of `n_sessions` sessions can have.
    """
    given = np.asarray(counts, dtype=np.int64)
    if given.ndim != 1 or (given < 0).any() or (given > n_sessions).any():
        raise ValueError(f"an item is given 0 to {n_sessions} times in {n_sessions} sessions")
    rates = given / max(n_sessions, 1)
    return ExposureStatistics(
        n_sessions=n_sessions,
        rates=rates,
        overlap=mean_overlap(given, n_sessions),
        chi_square=_chi_square(rates),
        unused=given == 0,
    )


def mean_overlap(counts: IntArray, n_sessions: int) -> float:
    """Items that two sessions share on average over all pairs, divided by the mean length.

    With c_j the counts, r_j = c_j / N and L = sum r_j the mean length,

        sum_j c_j (c_j - 1) / (N (N - 1) L),

    exact for the sessions at hand, be they of one length or not. For large N it is sum r^2 / L =
    (M / L) Var(r) + L / M over a pool of M items (Chen, Ankenmann & Spray 2003), which counts each
    session as a pair with itself. NaN where there is no pair of sessions or no item was given.
    """
    total = counts.sum()
    if n_sessions < 2 or total == 0:
        return float("nan")
    return float((counts * (counts - 1.0)).sum() / ((n_sessions - 1.0) * total))


def _chi_square(rates: FloatArray) -> float:
    """sum (r_j - L / M)^2 / (L / M) (Chang & Ying 1999)."""
    if not rates.any():
        return 0.0
    even = rates.mean()
    return float(((rates - even) ** 2).sum() / even)
