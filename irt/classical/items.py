"""Classical statistics of items: how hard each is, and whether it goes with the others."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.classical.rest_share import rest_shares

# So few persons hardly tell a correlation.
_FEWEST = 3


@dataclass(frozen=True, eq=False)
class ClassicalItems:
    """Of J items, NaN where there is no such number.

    n_persons         (J,) who answered the item
    mean, sd          (J,) of the score, sd with n - 1
    share             (J,) mean score as a share of the highest: p, the share of right answers
    item_rest         (J,) correlation of the score with the rest of the test, without the item
    """

    n_persons: IntArray
    mean: FloatArray
    sd: FloatArray
    share: FloatArray
    item_rest: FloatArray


def classical_items(scores: FloatArray, highest: FloatArray, form: IntArray) -> ClassicalItems:
    """From scores (N, J), NaN where missing, and the highest score of each item (J,).

    The rest of the test is the points on the other items that the person answered, as a share of
    those to be had. form (N,) numbers the persons who answered the same items: forms differ in
    difficulty, so that persons are compared within their form, by deviations from its means (the
    correlation is the pooled one within forms). Undefined where fewer than three persons answered,
    or the item or the rest does not vary: an item that everybody solves has no correlation.
    """
    answered = np.isfinite(scores)
    n = answered.sum(axis=0)
    some = np.where(answered, scores, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # items that nobody answered
        mean = some.sum(axis=0) / n
        deviation = np.where(answered, scores - mean, 0.0)
        sd = np.sqrt((deviation**2).sum(axis=0) / np.where(n > 1, n - 1, np.nan))
        share = mean / highest
    rest = rest_shares(scores, highest)
    item_rest = np.array([_within(scores[:, j], rest[:, j], form) for j in range(scores.shape[1])])
    return ClassicalItems(n, mean, sd, share, item_rest)


def _within(score: FloatArray, rest: FloatArray, form: IntArray) -> float:
    """Correlation (pooled within forms) of two columns (N,) where both are known; else NaN."""
    known = np.isfinite(score) & np.isfinite(rest)
    if known.sum() < _FEWEST:
        return float("nan")
    return within_correlation(score[known], rest[known], form[known])


def within_correlation(x: FloatArray, y: FloatArray, form: IntArray) -> float:
    """Of x and y (n,), each less the mean of its form (n,); NaN where one does not vary."""
    a, b = _centered(x, form), _centered(y, form)
    scale = float(np.sqrt((a @ a) * (b @ b)))
    rounding = 1e-12 * float(np.sqrt((x @ x) * (y @ y))) + 1e-300
    return float(a @ b) / scale if scale > rounding else float("nan")


def _centered(values: FloatArray, form: IntArray) -> FloatArray:
    _, place, counts = np.unique(form, return_inverse=True, return_counts=True)
    return np.asarray(values - (np.bincount(place, values) / counts)[place])
