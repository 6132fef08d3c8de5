"""Groups of examinees with similar true ability, and means within them."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Groups:
    """N examinees in G groups: index (N,) the group of each, n (G,) how many each has."""

    index: IntArray
    n: IntArray

    @property
    def n_groups(self) -> int:
        return len(self.n)

    def means(self, values: FloatArray) -> FloatArray:
        """(G,) means of values (N,), NaN for an empty group."""
        return _ratio(self._sums(values), self.n)

    def _sums(self, values: FloatArray) -> FloatArray:
        return np.bincount(self.index, values, self.n_groups).astype(float)

    def deviations(self, values: FloatArray) -> FloatArray:
        """(G,) standard deviations of values (N,) (divisor n - 1), NaN for less than two."""
        centered = values - self.means(values)[self.index]
        return np.sqrt(_ratio(self._sums(centered * centered), np.maximum(self.n - 1, 0)))

    def errors(self, values: FloatArray) -> FloatArray:
        """(G,) Monte-Carlo standard errors of the means."""
        return self.deviations(values) / np.sqrt(np.maximum(self.n, 1))

    def smallest(self, values: FloatArray) -> FloatArray:
        """(G,) least values, NaN for an empty group."""
        least = np.full(self.n_groups, np.inf)
        np.minimum.at(least, self.index, values)
        return np.where(self.n > 0, least, np.nan)

    def largest(self, values: FloatArray) -> FloatArray:
        """(G,) greatest values, NaN for an empty group."""
        return -self.smallest(-values)


def one_group(n: int) -> Groups:
    """Everybody together."""
    return Groups(np.zeros(n, dtype=np.int64), np.array([n]))


def group_by_band(theta: FloatArray, limits: tuple[float, ...]) -> Groups:
    """len(limits) + 1 bands between rising limits; a limit belongs to the band above it."""
    index = np.searchsorted(np.asarray(limits, dtype=float), theta, side="right")
    return Groups(index, np.bincount(index, minlength=len(limits) + 1))


def group_by_point(theta: FloatArray) -> Groups:
    """One group for each distinct ability, in rising order."""
    _, index, n = np.unique(theta, return_inverse=True, return_counts=True)
    return Groups(index, n)


def _ratio(part: FloatArray, whole: IntArray) -> FloatArray:
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
