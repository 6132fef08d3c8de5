"""Responses of matched groups as contingency tables, one an item."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.dif.matching import UNMATCHED, Matching, Strata, TotalScore
from irt.dif.result import anchor_items, group_members, status_of, usable_anchors
from irt.responses import Responses

_PERSONS_AT_ONCE = 16384


@dataclass(frozen=True, eq=False)
class MatchedTables:
    """counts (J, S, G, K) of responses by item, stratum, group and category; values (S,)."""

    counts: FloatArray
    values: FloatArray


def matched_tables(
    responses: Responses, group: IntArray, n_groups: int, strata: Strata, anchor: BoolArray
) -> MatchedTables:
    """Tables of all items; responses of unmatched persons are left out. anchor (J,)."""
    width = int(responses.n_categories.max(initial=2))
    shape = (responses.n_items, len(strata.values), n_groups, width)
    counts, start = np.zeros(int(np.prod(shape))), 0
    for chunk in responses.chunks(_PERSONS_AT_ONCE):
        person, item, score = chunk.long()
        person = person + start
        stratum = strata.index[person]
        matched = stratum != UNMATCHED
        if strata.shifted_by_item:
            stratum = stratum + np.where(anchor[item], 0, score)
        places = (item, stratum, group[person], score)
        cell = np.ravel_multi_index(tuple(place[matched] for place in places), shape)
        counts += np.bincount(cell, minlength=len(counts))
        start += chunk.n_persons
    return MatchedTables(counts.reshape(shape), strata.values)


def group_counts(responses: Responses, group: IntArray, n_groups: int) -> FloatArray:
    """(J, G, K) responses by item, group and category."""
    everybody = Strata(np.zeros(responses.n_persons, dtype=np.int64), np.zeros(1))
    anchor = np.ones(responses.n_items, dtype=bool)
    return matched_tables(responses, group, n_groups, everybody, anchor).counts[:, 0]


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
    status = status_of(group_counts(responses, members, n_groups))
    anchor = usable_anchors(anchor_items(anchors, responses.n_items), status)
    strata = (matching or TotalScore()).bands(responses, anchor)
    tables = matched_tables(responses, members, n_groups, strata, anchor)
    highest = (responses.n_categories - 1)[:, None, None]
    n = tables.counts.sum(axis=3)
    with np.errstate(divide="ignore", invalid="ignore"):  # a stratum without persons
        share = tables.counts @ np.arange(tables.counts.shape[3]) / n / highest
        z = ndtri(0.5 + confidence / 2)
        center = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2) / (1 + z * z / n)
    return EmpiricalCurves(
        tables.values, n, share * highest, (center - half) * highest, (center + half) * highest
    )
