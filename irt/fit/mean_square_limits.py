"""Up to where infit and outfit at estimated abilities are chance, found by simulation.

At the true ability a mean square is 1 where the model holds. At the EAP it is less, by more the
shorter the test: the estimate follows the answers, and takes part of the noise of every item with
it. No fixed limit fits all tests. So answers are drawn by the model for the same persons, items and
gaps, and treated in the same way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from irt.arrays import FloatArray, IntArray
from irt.calibration.expectation import posterior_weights
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FittedModel
from irt.models.category_sums import score_moments
from irt.models.curves import category_probabilities
from irt.responses import Responses

# Of more answers a part is drawn, of persons spread evenly over all.
_MOST_ANSWERS = 80_000
_SEED = 20_261_130


@dataclass(frozen=True, eq=False)
class MeanSquareLimits:
    """Of J items; NaN where nothing was answered or can vary.

    infit, outfit            (J,) above these one of 1 / error_rate tests that fit has any item
    usual_infit, usual_outfit  (J,) what they are where the model holds
    """

    infit: FloatArray
    outfit: FloatArray
    usual_infit: FloatArray
    usual_outfit: FloatArray


def mean_square_limits(
    responses: Responses,
    model: Fitted,
    *,
    error_rate: float = 0.05,
    replications: int = 100,
    seed: int = _SEED,
) -> MeanSquareLimits:
    """Limits of `mean_squares` at EAP for these responses, the same for the same seed.

    Abilities are drawn from each person's posterior, so that items that were chosen by ability stay
    with persons of that ability. With m and s the mean and SD of an item's log mean square over the
    replications, the limit is exp(m + c s), c the point that the largest (log - m) / s of all items
    passes in `error_rate` of the replications.
    """
    model.check(responses)
    share = min(1.0, _MOST_ANSWERS / max(float(responses.category_counts().sum()), 1.0))
    parts = [
        _Part(_spread(own, share), of_group, seed + number)
        for number, (own, of_group) in enumerate(model.parts(responses))
    ]
    drawn = np.array([_mean_squares(parts) for _ in range(replications)])
    n_drawn = sum(part.n_answers for part in parts)
    n_answered = np.add.reduceat(responses.category_counts(), responses.offsets[:-1])
    with np.errstate(divide="ignore", invalid="ignore"):  # items without answers
        shrink = np.sqrt(n_drawn / n_answered)
    infit, usual_infit = _limits(np.log(drawn[:, 0]), shrink, error_rate)
    outfit, usual_outfit = _limits(np.log(drawn[:, 1]), shrink, error_rate)
    return MeanSquareLimits(infit, outfit, usual_infit, usual_outfit)


def _spread(responses: Responses, share: float) -> Responses:
    n = responses.n_persons
    kept = max(1, round(share * n))
    if kept == n:
        return responses
    return responses.take(np.linspace(0, n - 1, kept).astype(np.int64))


def _limits(
    logs: FloatArray, shrink: FloatArray, error_rate: float
) -> tuple[FloatArray, FloatArray]:
    """(J,) limits and usual values from log mean squares (R, J), of a share of the answers."""
    mean, spread = logs.mean(axis=0), logs.std(axis=0, ddof=1)
    varies = np.isfinite(mean) & (spread > 0)
    if not varies.any():
        return np.full_like(mean, np.nan), np.exp(mean)
    largest = ((logs - mean) / np.where(varies, spread, 1.0))[:, varies].max(axis=1)
    cut = float(np.quantile(largest, 1.0 - error_rate))
    return np.where(varies, np.exp(mean + cut * spread * shrink), np.nan), np.exp(mean)


class _Part:
    """One group: who answered what, and how to draw answers by the model."""

    def __init__(self, responses: Responses, model: FittedModel, seed: int) -> None:
        self.nodes = model.nodes
        self.log_weights = model.ability.log_weights
        self.n_items = responses.n_items
        person, item, _ = responses.long()
        kept = model.has_parameters[item]
        self.person, self.item = person[kept], item[kept]
        self.pointers = np.searchsorted(self.person, np.arange(responses.n_persons + 1))
        self.rows = responses.offsets[self.item]
        self.log_probabilities = model.log_probabilities(responses)
        curves = category_probabilities(model.parameters, model.nodes)
        self.cumulative = np.nan_to_num(curves.cumsum(axis=1), nan=1.0)
        scores = np.arange(float(curves.shape[1]))
        self.mean = np.nan_to_num(np.einsum("k,jkq->jq", scores, curves))
        self.variance = np.nan_to_num(score_moments(curves)[1])
        self.posterior = np.concatenate(list(_posteriors(responses, model))).cumsum(axis=1)
        self.rng = np.random.default_rng(seed)

    @property
    def n_answers(self) -> IntArray:
        """(J,)."""
        return np.bincount(self.item, minlength=self.n_items)

    def draw(self) -> FloatArray:
        """(4, J) sums over answers drawn anew: 1, r^2, W and r^2 / W at the EAP."""
        chance = self.rng.random((len(self.posterior), 1))
        at = (self.posterior < chance * self.posterior[:, -1:]).sum(axis=1)
        own = self.cumulative[self.item, :, at[self.person]]
        score = (own[:, :-1] < self.rng.random((len(own), 1))).sum(axis=1)
        expected, variance = self._at(self._eap(score))
        squared = (score - expected) ** 2
        standard = squared / np.maximum(variance, np.finfo(float).tiny)
        terms = (np.ones_like(squared), squared, variance, standard)
        return np.array([np.bincount(self.item, term, minlength=self.n_items) for term in terms])

    def _eap(self, score: IntArray) -> FloatArray:
        """(n,) of persons with these scores (R,)."""
        design = sparse.csr_array(
            (np.ones(len(score)), self.rows + score, self.pointers),
            shape=(len(self.pointers) - 1, len(self.log_probabilities)),
        )
        posterior = posterior_weights(design @ self.log_probabilities + self.log_weights)[0]
        return np.asarray(posterior @ self.nodes)

    def _at(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance (R,) of each score at the person's theta, between the nodes."""
        step = self.nodes[1] - self.nodes[0]
        place = np.clip((theta - self.nodes[0]) / step, 0, len(self.nodes) - 1 - 1e-9)
        below = place.astype(np.int64)
        left, part = below[self.person], (place - below)[self.person]
        mean, variance = (
            table[self.item, left] * (1 - part) + table[self.item, left + 1] * part
            for table in (self.mean, self.variance)
        )
        return mean, variance


def _posteriors(responses: Responses, model: FittedModel) -> Iterator[FloatArray]:
    for _, posterior in model.posteriors(responses):
        yield posterior


def _mean_squares(parts: list[_Part]) -> FloatArray:
    """(2, J) infit and outfit of answers drawn anew in all groups."""
    n, squared, variance, standard = np.sum([part.draw() for part in parts], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):  # items without answers
        return np.array([squared / variance, standard / n])
