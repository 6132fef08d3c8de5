"""How well simulated tests put examinees at the right level."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.stopping.classification import level_of


@dataclass(frozen=True, eq=False)
class Classification:
    """Levels between C rising cut scores: true ones, and those reported.

    table           (C + 1, C + 1) examinees by true level and given level
    false_positive  (C,) share of those truly below a cut who are put at or above it, NaN for none
    false_negative  (C,) share of those truly at or above a cut who are put below it
    consistency     share of pairs of examinees of (nearly) one ability put at one level, which is
                    how often two tests of one examinee agree; NaN for less than two
    """

    table: IntArray
    false_positive: FloatArray
    false_negative: FloatArray
    consistency: float

    @property
    def accuracy(self) -> float:
        """Share of the examinees put at their true level."""
        return float(np.trace(self.table) / self.table.sum())


def classification(
    true_theta: FloatArray, given: IntArray, cuts: tuple[float, ...]
) -> Classification:
    """Compare the levels of true_theta (N,) with those given (N,).

    The pairs of the consistency are neighbours in true ability, which differ by little among many
    examinees and by nothing where abilities repeat.
    """
    true = level_of(true_theta, cuts)
    table = np.zeros((len(cuts) + 1, len(cuts) + 1), dtype=np.int64)
    np.add.at(table, (true, given), 1)
    above = np.arange(1, len(cuts) + 1)
    truly, called = true[:, None] >= above, given[:, None] >= above
    in_order = given[np.argsort(true_theta, kind="stable")]
    agree = in_order[1:] == in_order[:-1]
    return Classification(
        table=table,
        false_positive=_share(called & ~truly, ~truly),
        false_negative=_share(truly & ~called, truly),
        consistency=float(agree.mean()) if agree.size else float("nan"),
    )


def _share(part: BoolArray, whole: BoolArray) -> FloatArray:
    n = whole.sum(axis=0)
    result = np.full(len(n), np.nan)
    np.divide(part.sum(axis=0), n, out=result, where=n > 0)
    return result
