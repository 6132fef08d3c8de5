"""Which options of an item were chosen, and by whom."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.classical.items import within_correlation


@dataclass(frozen=True, eq=False)
class OptionStatistics:
    """Of K options of one item, NaN where there is no such number.

    n_persons   (K,) who chose it
    share       (K,) of those who chose any option of the item
    low, high   (K,) share of those in the lowest and highest third by the rest of the test
    rest        (K,) mean share of points on the rest of the test of those who chose it
    correlation (K,) of having chosen it with the rest of the test, within forms
    """

    n_persons: IntArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    rest: FloatArray
    correlation: FloatArray


def option_statistics(
    option: IntArray, rest: FloatArray, form: IntArray, n_options: int
) -> OptionStatistics:
    """From the option (n,) that each of n persons chose, 0 to K - 1, and their rest (n,).

    rest is the share of points on the other items (`rest_shares`), NaN where there is none; form
    (n,) numbers the persons who answered the same items. The thirds are of equal size up to ties.
    """
    chosen = option[:, None] == np.arange(n_options)
    n_persons = chosen.sum(axis=0)
    known = np.isfinite(rest)
    with np.errstate(divide="ignore", invalid="ignore"):  # options that nobody chose
        share = n_persons / len(option)
        mean = np.where(known, rest, 0.0) @ chosen / chosen[known].sum(axis=0)
    thirds = np.nanquantile(rest, [1 / 3, 2 / 3]) if known.any() else np.full(2, np.nan)
    with np.errstate(invalid="ignore"):  # NaN is in no third
        low, high = chosen[rest <= thirds[0]], chosen[rest >= thirds[1]]
    correlation = [
        within_correlation(chosen[known, k].astype(float), rest[known], form[known])
        if known.sum() > 2
        else np.nan
        for k in range(n_options)
    ]
    return OptionStatistics(
        n_persons, share, _means(low), _means(high), np.asarray(mean), np.array(correlation)
    )


def _means(chosen: FloatArray) -> FloatArray:
    """(K,) of chosen (n, K); NaN of nobody."""
    return chosen.mean(axis=0) if len(chosen) else np.full(chosen.shape[1], np.nan)
