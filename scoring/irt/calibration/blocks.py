"""Items of one family with their priors: the unit in which parameters are estimated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.calibration.families import Family, family_of
from scoring.irt.calibration.priors import Prior, Priors
from scoring.irt.parameters import Model
from scoring.irt.responses import ResponseError


@dataclass(frozen=True)
class ItemBlock:
    """The n items (indices among J) of one family.

    rows (n, K) are their categories' places among the C stacked ones, priors (column of x, prior).
    """

    family: Family
    items: IntArray
    rows: IntArray
    priors: tuple[tuple[int, Prior], ...]

    def log_prior(self, x: FloatArray) -> FloatArray:
        """(n,) log prior density."""
        return self._sum_of_priors(x, lambda prior, column: prior.log_density(column))

    def objective(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> FloatArray:
        """(n,) expected complete-data log-posterior given counts (n, K, Q)."""
        fit = np.einsum("jkq,jkq->j", counts, self.family.log_probabilities(x, theta))
        return np.asarray(fit + self.log_prior(x))

    def gradient(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> FloatArray:
        """(n, p) gradient of `objective`.

        At the counts' own x it is also that of the marginal log-posterior (Fisher's identity).
        """
        gradient = np.einsum("jkq,jpkq->jp", counts, self.family.scores(x, theta))
        for column, prior in self.priors:
            gradient[:, column] += prior.gradient(x[:, column])
        return np.asarray(gradient)

    def prior_curvature(self, x: FloatArray) -> FloatArray:
        """(n, p) minus the second derivative of the log prior."""
        curvature = np.zeros_like(x)
        for column, prior in self.priors:
            curvature[:, column] += prior.curvature(x[:, column])
        return curvature

    def _sum_of_priors(
        self, x: FloatArray, term: Callable[[Prior, FloatArray], FloatArray]
    ) -> FloatArray:
        return sum((term(prior, x[:, column]) for column, prior in self.priors), np.zeros(len(x)))


def item_blocks(
    models: Sequence[str],
    n_categories: IntArray,
    estimated: BoolArray,
    priors: Priors,
) -> tuple[ItemBlock, ...]:
    """Group the `estimated` (J,) items by model and number of categories.

    Raises `ResponseError` for a dichotomous model with more than two categories.
    """
    offsets = np.concatenate([[0], np.cumsum(n_categories)])
    names = np.array(list(models), dtype=str)
    for item in np.flatnonzero((names != Model.GRADED) & (n_categories > 2)).tolist():
        raise ResponseError(f"model {models[item]} is for scores 0 and 1", item)
    kinds = sorted(set(zip(names[estimated], n_categories[estimated].tolist(), strict=True)))
    blocks = []
    for model, width in kinds:
        same = (names == model) & (n_categories == width)
        items = np.flatnonzero(same & estimated)
        rows = offsets[items][:, None] + np.arange(width)
        blocks.append(ItemBlock(family_of(model, width), items, rows, _columns(model, priors)))
    return tuple(blocks)


def _columns(model: str, priors: Priors) -> tuple[tuple[int, Prior], ...]:
    if model != Model.THREE_PL:
        return ()
    placed = ((0, priors.discrimination), (2, priors.lower_asymptote))
    return tuple((column, prior) for column, prior in placed if prior is not None)
