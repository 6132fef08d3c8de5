"""What persons scored against what they were expected to, given their ability."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitError
from irt.models.category_sums import over_categories, score_moments
from irt.models.curves import category_probabilities
from irt.responses import Responses

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


def residuals(responses: Responses, model: Fitted, theta: FloatArray | None) -> Iterator[Residuals]:
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
        moments = _moments(model, item, score, own[person])
        yield Residuals(chunk.n_persons, person, item, *moments)


def _moments(
    model: Fitted, item: IntArray, score: IntArray, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of scores (R,) on items (R,) at theta (R,): deviation, variance, fourth central moment."""
    moments = np.empty((3, len(item)))
    for start in range(0, len(item), _PAIRS_AT_ONCE):
        pairs = slice(start, start + _PAIRS_AT_ONCE)
        curves = category_probabilities(model.parameters.take(item[pairs]), theta[pairs, None])
        deviation, variance = score_moments(curves)
        moments[0, pairs] = deviation[np.arange(len(curves)), score[pairs], 0]
        moments[1, pairs] = variance[:, 0]
        moments[2, pairs] = over_categories(deviation**4 * curves)[:, 0]
    return moments[0], moments[1], moments[2]
