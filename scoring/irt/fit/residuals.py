"""What persons scored against what they were expected to, given their ability."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.curves import category_probabilities
from scoring.irt.fit.fitted_model import FitError, FittedModel
from scoring.irt.responses import Responses

_PERSONS_AT_ONCE = 2048
_PAIRS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class Residuals:
    """R responses of n persons: indices person and item (R,), and at the person's ability

    deviation  (R,) score minus expected score
    variance   (R,) of the score
    fourth     (R,) its fourth central moment
    """

    n_persons: int
    person: IntArray
    item: IntArray
    deviation: FloatArray
    variance: FloatArray
    fourth: FloatArray


def residuals(
    responses: Responses, model: FittedModel, theta: FloatArray | None
) -> Iterator[Residuals]:
    """Of all responses to items with parameters, a chunk of persons at a time.

    theta (N,) defaults to the EAP; persons whose theta is not finite are left out. Raises
    `FitError` where it has another length.
    """
    ability = model.eap(responses) if theta is None else np.asarray(theta, dtype=float)
    if ability.shape != (responses.n_persons,):
        raise FitError(f"{responses.n_persons} persons, but abilities of shape {ability.shape}")
    start = 0
    for chunk in responses.chunks(_PERSONS_AT_ONCE):
        own = ability[start : start + chunk.n_persons]
        start += chunk.n_persons
        person, item, score = chunk.long()
        kept = model.has_parameters[item] & np.isfinite(own)[person]
        if not kept.all():
            person, item, score = person[kept], item[kept], score[kept]
        expected, variance, fourth = _moments(model, item, own[person])
        yield Residuals(chunk.n_persons, person, item, score - expected, variance, fourth)


def _moments(
    model: FittedModel, item: IntArray, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, variance and fourth central moment (R,) of the scores on `item` (R,) at theta (R,)."""
    moments = np.empty((3, len(item)))
    for start in range(0, len(item), _PAIRS_AT_ONCE):
        pairs = slice(start, start + _PAIRS_AT_ONCE)
        curves = category_probabilities(model.parameters.take(item[pairs]), theta[pairs, None])
        probability = curves[:, :, 0]
        scores = np.arange(probability.shape[1], dtype=float)
        mean = probability @ scores
        squared = (scores - mean[:, None]) ** 2
        moments[0, pairs] = mean
        moments[1, pairs] = (squared * probability).sum(axis=1)
        moments[2, pairs] = (squared * squared * probability).sum(axis=1)
    return moments[0], moments[1], moments[2]
