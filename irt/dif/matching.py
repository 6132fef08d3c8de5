"""The criterion on which persons of different groups are matched.

Total score for a test that all took in full; theta for adaptive data, where total scores mean
nothing. A matching variable that contains error leaves some of a true difference between groups
unmatched; with Rasch items and a total score that contains the studied item it does not (Holland
& Thayer 1988; Zwick 1990).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from irt.ability import eap
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.dif.result import DifError
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from irt.responses import Responses, stacked_log_probabilities

UNMATCHED = -1

# Theta enters a regression rounded to this many decimals, so that persons collapse into cells. The
# rounding is a hundredth of a usual standard error.
_THETA_DECIMALS = 2


@dataclass(frozen=True, eq=False)
class Strata:
    """index (N,) each person's place among values (S,), `UNMATCHED` where there is none.

    With shifted_by_item, the score on a studied item that is not an anchor is added to the index.
    """

    index: IntArray
    values: FloatArray
    shifted_by_item: bool = False


class Matching(Protocol):
    """Strata from the responses to the items that `anchor` (J,) marks."""

    def bands(self, responses: Responses, anchor: BoolArray) -> Strata:
        """Strata with enough persons to compare groups within each."""

    def cells(self, responses: Responses, anchor: BoolArray) -> Strata:
        """The criterion itself, as finely as a regression uses it."""


@dataclass(frozen=True)
class TotalScore:
    """Sum of the scores on the anchors, and on the studied item where it is none.

    Persons who did not answer all anchors are unmatched. Raises `DifError` where all are.
    """

    def bands(self, responses: Responses, anchor: BoolArray) -> Strata:
        counted = np.repeat(anchor, responses.n_categories).astype(float)
        score = np.concatenate([np.arange(width) for width in responses.n_categories])
        rows = np.column_stack([counted * score, counted])
        sums = np.concatenate([block for _, block in responses.log_likelihoods(rows)])
        total, answered = np.rint(sums).astype(np.int64).T
        complete = answered == anchor.sum()
        if not complete.any():
            raise DifError("nobody answered every anchor: match on theta, not on the total score")
        highest = int((responses.n_categories - 1).sum())
        return Strata(
            np.where(complete, total, UNMATCHED), np.arange(highest + 1.0), shifted_by_item=True
        )

    def cells(self, responses: Responses, anchor: BoolArray) -> Strata:
        return self.bands(responses, anchor)


@dataclass(frozen=True, eq=False)
class ThetaBands:
    """theta (N,) as it is, for example at the end of adaptive sessions; NaN where there is none.

    Bands hold equally many persons. The anchors play no part: theta should rest on items that are
    trusted. Raises `DifError` where theta does not fit the persons.
    """

    theta: FloatArray
    n_bands: int = 20

    def bands(self, responses: Responses, anchor: BoolArray) -> Strata:
        known = self._known(responses)
        theta = self.theta[known]
        edges = np.quantile(theta, np.arange(1, self.n_bands) / self.n_bands)
        band = np.searchsorted(edges, theta, side="right")
        used, place = np.unique(band, return_inverse=True)
        mean = np.bincount(place, theta, minlength=len(used)) / np.bincount(place)
        return self._strata(known, place, mean)

    def cells(self, responses: Responses, anchor: BoolArray) -> Strata:
        known = self._known(responses)
        values, place = np.unique(self.theta[known].round(_THETA_DECIMALS), return_inverse=True)
        return self._strata(known, place, values)

    def _known(self, responses: Responses) -> BoolArray:
        if self.theta.shape != (responses.n_persons,):
            raise DifError(f"{responses.n_persons} persons need as many thetas")
        known = np.isfinite(self.theta)
        if not known.any():
            raise DifError("no theta is finite: nobody can be matched")
        return known

    def _strata(self, known: BoolArray, place: IntArray, values: FloatArray) -> Strata:
        index = np.full(len(known), UNMATCHED)
        index[known] = place
        return Strata(index, values)


@dataclass(frozen=True, eq=False)
class AbilityBands:
    """EAP from the responses to the anchors at known parameters, so that it can be purified."""

    parameters: ItemParameters
    prior: Grid
    n_bands: int = 20

    def bands(self, responses: Responses, anchor: BoolArray) -> Strata:
        return self._estimated(responses, anchor).bands(responses, anchor)

    def cells(self, responses: Responses, anchor: BoolArray) -> Strata:
        return self._estimated(responses, anchor).cells(responses, anchor)

    def _estimated(self, responses: Responses, anchor: BoolArray) -> ThetaBands:
        if not np.array_equal(responses.n_categories, self.parameters.n_categories):
            raise DifError("responses and parameters differ in items or categories")
        rows = stacked_log_probabilities(self.parameters, self.prior.nodes)
        rows[np.repeat(~anchor, responses.n_categories)] = 0.0
        parts = [eap(block, self.prior).theta for _, block in responses.log_likelihoods(rows)]
        return ThetaBands(np.concatenate(parts), self.n_bands)
