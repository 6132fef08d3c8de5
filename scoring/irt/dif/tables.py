"""Responses of matched groups as contingency tables, one an item."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.dif.matching import UNMATCHED, Matching, Strata, TotalScore
from scoring.irt.dif.result import anchor_items, group_members
from scoring.irt.responses import Responses


@dataclass(frozen=True, eq=False)
class MatchedTables:
    """counts (J, S, G, K) of responses by item, stratum, group and category; values (S,)."""

    counts: FloatArray
    values: FloatArray


def matched_tables(
    responses: Responses, group: IntArray, n_groups: int, strata: Strata, anchor: BoolArray
) -> MatchedTables:
    """Tables of all items; responses of unmatched persons are left out. anchor (J,)."""
    person, item, score = responses.long()
    stratum = strata.index[person]
    matched = stratum != UNMATCHED
    if strata.shifted_by_item:
        stratum = stratum + np.where(anchor[item], 0, score)
    width = int(responses.n_categories.max(initial=2))
    shape = (responses.n_items, len(strata.values), n_groups, width)
    cell = np.ravel_multi_index(
        (item[matched], stratum[matched], group[person[matched]], score[matched]), shape
    )
    counts = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)
    return MatchedTables(counts.astype(float), strata.values)


@dataclass(frozen=True, eq=False)
class EmpiricalCurves:
    """Mean item scores of matched groups, for plots.

    values (S,) of the matching criterion; n_persons, mean, lower, upper (J, S, G), the latter three
    NaN where a group has nobody in a stratum. The interval is Wilson's (1927), applied to the share
    of the highest score.
    """

    values: FloatArray
    n_persons: FloatArray
    mean: FloatArray
    lower: FloatArray
    upper: FloatArray


def empirical_curves(
    responses: Responses,
    group: ArrayLike,
    *,
    matching: Matching | None = None,
    anchors: ArrayLike | None = None,
    confidence: float = 0.95,
) -> EmpiricalCurves:
    """How each group scored on each item in each stratum; `DifError` for unusable groups."""
    members, n_groups = group_members(group, responses.n_persons)
    anchor = anchor_items(anchors, responses.n_items)
    strata = (matching or TotalScore()).bands(responses, anchor)
    tables = matched_tables(responses, members, n_groups, strata, anchor)
    highest = (responses.n_categories - 1)[:, None, None]
    n = tables.counts.sum(axis=3)
    with np.errstate(divide="ignore", invalid="ignore"):  # a stratum without persons
        share = tables.counts @ np.arange(tables.counts.shape[3]) / n / highest
        z = ndtri(0.5 + confidence / 2)
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2) / (1 + z * z / n)
    return EmpiricalCurves(
        tables.values, n, share * highest, (centre - half) * highest, (centre + half) * highest
    )
