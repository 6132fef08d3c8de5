"""DIF by contingency tables: Mantel-Haenszel, and Mantel for polytomous items.

Holland & Thayer (1988); Mantel & Haenszel (1959); Mantel (1963), as Zwick, Donoghue & Grima (1993)
use it. In stratum s the table of a dichotomous item is A (reference, right), B (reference, wrong),
C (focal, right), D (focal, wrong), T their sum.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from irt.arrays import BoolArray, FloatArray
from irt.dif.matching import Matching, TotalScore
from irt.dif.mean_difference import mean_difference
from irt.dif.purification import Purified, purify
from irt.dif.result import (
    REFERENCE,
    DifStatus,
    anchor_items,
    group_members,
    status_of,
    usable_anchors,
)
from irt.dif.tables import group_counts, matched_tables
from irt.responses import Responses

# ln(odds ratio) in the delta units of ETS (Holland & Thayer 1985).
DELTA = -2.35

# Zieky (1993): A below 1 or not significant, C from 1.5 and significantly above 1.
_NEGLIGIBLE, _LARGE = 1.0, 1.5
_ONE_SIDED_5_PERCENT = 1.6448536269514722

# NAEP's classes of SMD / SD for polytomous items (Zwick, Thayer & Mazzeo 1997).
_MODERATE_SMD, _LARGE_SMD = 0.17, 0.25


@dataclass(frozen=True, eq=False)
class MantelHaenszel:
    """F focal groups by J items, (F, J) unless said; NaN with a reason in `status`.

    chi_square, p_value    1 df: Mantel-Haenszel with continuity correction for dichotomous items,
                           Mantel without one for polytomous
    odds_ratio             alpha, above 1 where the item is easier for the reference group; NaN for
                           polytomous items
    d_dif, d_dif_se        MH D-DIF = -2.35 ln(alpha), negative against the focal group; likewise
    smd, smd_se            standardized mean difference, focal less reference, in score points
    effect_size            smd / SD of the item
    classification         "A", "B", "C" (Zieky 1993), by SMD / SD for polytomous items; "" without
    n_reference, n_focal   matched responses in strata with both groups
    status                 `DifStatus`
    """

    chi_square: FloatArray
    p_value: FloatArray
    odds_ratio: FloatArray
    d_dif: FloatArray
    d_dif_se: FloatArray
    smd: FloatArray
    smd_se: FloatArray
    effect_size: FloatArray
    classification: NDArray[np.str_]
    n_reference: FloatArray
    n_focal: FloatArray
    status: NDArray[np.str_]


def mantel_haenszel(
    responses: Responses,
    group: ArrayLike,
    *,
    matching: Matching | None = None,
    anchors: ArrayLike | None = None,
    max_rounds: int = 10,
    alpha: float = 0.05,
    continuity_correction: bool = True,
) -> Purified[MantelHaenszel]:
    """Compare each focal group (1, 2, ... in group (N,)) with the reference (0), item by item.

    matching defaults to the total score over the anchors. Items of class B or C leave the anchors
    until these stay the same; max_rounds=1 does not purify. anchors (J,) are where it starts.

    Raises `DifError` where groups, anchors or matching leave nothing to compare.
    """
    members, n_groups = group_members(group, responses.n_persons)
    status = status_of(group_counts(responses, members, n_groups))
    criterion = matching or TotalScore()
    correction = 0.5 if continuity_correction else 0.0

    def test(anchor: BoolArray) -> MantelHaenszel:
        strata = criterion.bands(responses, anchor)
        counts = matched_tables(responses, members, n_groups, strata, anchor).counts
        dichotomous = responses.n_categories == 2
        pairs = [
            _compare(counts[:, :, [REFERENCE, focal]], dichotomous, alpha, correction)
            for focal in range(1, n_groups)
        ]
        return MantelHaenszel(*map(np.stack, zip(*pairs, strict=True)))

    return purify(
        test,
        lambda result: np.asarray(np.isin(result.classification, ("B", "C")).any(axis=0)),
        lambda result: result.chi_square.max(axis=0),
        usable_anchors(anchor_items(anchors, responses.n_items), status),
        max_rounds,
    )


def _compare(
    counts: FloatArray, dichotomous: BoolArray, alpha: float, correction: float
) -> tuple[NDArray[Any], ...]:
    """The fields of the result, (J,) each; counts (J, S, 2, K), the reference first."""
    status = status_of(counts.sum(axis=1))
    with_both = (counts.sum(axis=3) > 0).all(axis=2)
    counts = np.where(with_both[:, :, None, None], counts, 0.0)
    means = mean_difference(counts)
    excess = np.maximum(np.abs(means.excess) - np.where(dichotomous, correction, 0.0), 0.0)
    ratio, log_error = common_odds_ratio(counts)
    with np.errstate(divide="ignore", invalid="ignore"):  # what cannot be compared has a status
        chi_square = excess**2 / means.variance
        d_dif = DELTA * np.log(ratio)
        effect = means.smd / means.sd
    status[(status == DifStatus.OK) & ~(means.variance > 0)] = DifStatus.NOT_MATCHED
    compared = status == DifStatus.OK
    status[compared & dichotomous & ~np.isfinite(log_error)] = DifStatus.UNBOUNDED
    p_value = chdtrc(1.0, chi_square)
    significant = p_value < alpha
    d_dif_se = -DELTA * log_error
    classes = np.where(
        dichotomous, ets_class(d_dif, d_dif_se, significant), _smd_class(effect, significant)
    )
    n_reference, n_focal = counts.sum(axis=(1, 3)).T
    values = [chi_square, p_value]
    values += [np.where(dichotomous, value, np.nan) for value in (ratio, d_dif, d_dif_se)]
    values += [means.smd, means.smd_se, effect]
    known = [np.where(compared, value, np.nan) for value in values]
    return *known, np.where(compared, classes, ""), n_reference, n_focal, status


def common_odds_ratio(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """alpha (J,) = sum(AD/T) / sum(BC/T), and the standard error (J,) of ln(alpha).

    The error is that of Robins, Breslow & Greenland (1986), which is also that of Phillips &
    Holland (1987): sum over strata of (P + alpha Q)(R + alpha S) / (2 sum(R)^2), with R = AD/T,
    S = BC/T, P = (A + D)/T, Q = (B + C)/T. counts (J, S, 2, K) of categories 0 and 1, the
    reference first; alpha is 0 or inf, with a NaN error, where a sum is 0, NaN where both are.
    """
    b, a = counts[:, :, 0, 0], counts[:, :, 0, 1]
    d, c = counts[:, :, 1, 0], counts[:, :, 1, 1]
    total = np.maximum(a + b + c + d, 1.0)
    r, s = a * d / total, b * c / total
    p, q = (a + d) / total, (b + c) / total
    r_sum, s_sum = r.sum(axis=1), s.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 / 0 and x / 0, as documented
        ratio = r_sum / s_sum
        alpha = ratio[:, None]
        variance = ((p + alpha * q) * (r + alpha * s)).sum(axis=1) / (2 * r_sum**2)
    return ratio, np.sqrt(np.where((r_sum > 0) & (s_sum > 0), variance, np.nan))


def ets_class(d_dif: FloatArray, error: FloatArray, significant: BoolArray) -> NDArray[np.str_]:
    """ETS classes (Zieky 1993) from MH D-DIF, its standard error and the chi-square test.

    C: |D| at least 1.5 and more than 1 by a one-sided 5% test; A: |D| below 1, or not significant;
    B: what is left. Without a finite D only the test can speak: A, or else C.
    """
    size = np.abs(d_dif)
    above_one = ~(size - _NEGLIGIBLE <= _ONE_SIDED_5_PERCENT * error)
    negligible = ~significant | (size < _NEGLIGIBLE)
    return np.where(negligible, "A", np.where((size >= _LARGE) & above_one, "C", "B"))


def _smd_class(effect: FloatArray, significant: BoolArray) -> NDArray[np.str_]:
    size = np.abs(effect)
    return np.select([~significant | (size <= _MODERATE_SMD), size <= _LARGE_SMD], ["A", "B"], "C")
