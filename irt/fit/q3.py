"""Local dependence: correlations of residuals between items (Q3; Yen 1984)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitStatus
from irt.fit.residuals import residuals
from irt.responses import Responses

FLAG_ABOVE = 0.2
MIN_PERSONS = 10

# Standard errors of a correlation that 1 in 700 pairs without dependence exceeds.
_FAR = 3.0

_NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class Q3:
    """Q3 of all pairs of J items, each (J, J) and symmetric.

    correlation  Q3 of the persons who answered both, NaN where status is not "ok"
    adjusted     Q3 minus its mean over pairs, which is about -1 / (J - 1) where items depend on
                 ability alone (Christensen, Makransky & Horton 2017); NaN likewise
    n_persons    persons who answered both
    flagged      adjusted above the limit asked for, and above what few persons give by chance
    status       `FitStatus` values: "too few persons" who answered both, "no variance" of the
                 residuals of one, "same item" on the diagonal
    mean         over pairs; 0 where there is none
    """

    correlation: FloatArray
    adjusted: FloatArray
    n_persons: IntArray
    flagged: BoolArray
    status: NDArray[np.str_]
    mean: float


def q3(
    responses: Responses,
    model: Fitted,
    theta: FloatArray | None = None,
    *,
    flag_above: float = FLAG_ABOVE,
    min_persons: int = MIN_PERSONS,
) -> Q3:
    """Correlation over persons of the residuals X - E(X | theta) of each pair of items.

    theta (N,) defaults to the EAP. Each pair uses those who answered both. Without dependence Q3
    has no known distribution, so flags compare its adjusted form with a limit; 0.2 is that of
    Christensen et al. (2017). A pair of fewer than 220 persons must exceed what chance gives, too.
    Raises `FitError` where the arguments do not fit together.
    """
    model.check(responses)
    shape = (responses.n_items, responses.n_items)
    both, sums, squares, products = (np.zeros(shape) for _ in range(4))
    for part in residuals(responses, model, theta):
        deviation = np.zeros((part.n_persons, responses.n_items))
        answered = np.zeros_like(deviation)
        deviation[part.person, part.item] = part.deviation
        answered[part.person, part.item] = 1.0
        both += answered.T @ answered
        sums += deviation.T @ answered
        squares += (deviation**2).T @ answered
        products += deviation.T @ deviation
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs that nobody answered
        variance = squares / both - (sums / both) ** 2
        covariance = products / both - (sums / both) * (sums.T / both)
        correlation = covariance / np.sqrt(variance * variance.T)
    varies = variance > _NO_SPREAD
    status = _status(model, both >= max(min_persons, 2), varies & varies.T)
    computed = status == FitStatus.OK
    correlation[~computed] = np.nan
    mean = float(correlation[computed].mean()) if computed.any() else 0.0
    adjusted = correlation - mean
    flagged = computed & (np.nan_to_num(adjusted) > np.maximum(flag_above, _by_chance(both)))
    return Q3(correlation, adjusted, np.rint(both).astype(np.int64), flagged, status, mean)


def _by_chance(n_persons: FloatArray) -> FloatArray:
    """What a correlation of so many persons hardly exceeds without dependence (Fisher's z)."""
    return np.tanh(_FAR / np.sqrt(np.maximum(n_persons - 3.0, 1.0)))


def _status(model: Fitted, enough: BoolArray, varies: BoolArray) -> NDArray[np.str_]:
    status = np.full(enough.shape, FitStatus.OK.value, dtype="U21")
    status[~varies] = FitStatus.NO_VARIANCE
    status[~enough] = FitStatus.TOO_FEW_PERSONS
    known = model.has_parameters
    status[~(known & known[:, None])] = FitStatus.NO_PARAMETERS
    np.fill_diagonal(status, FitStatus.SAME_ITEM.value)
    return status
