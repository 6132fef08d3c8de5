"""CUSUM of the residuals along a session: strings of answers better or worse than expected."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.models.curves import expected_score
from irt.models.parameters import ItemParameters
from irt.person_fit.answers import check_finite
from irt.person_fit.result import PersonStatistic, PersonStatus, person_statistic, person_status
from irt.responses import ResponseError

_PAIRS_PER_SLICE = 1 << 13


@dataclass(frozen=True, eq=False)
class Cusum:
    """The two sums after each answer, as the answers were given, and their extremes.

    upper_path, lower_path  (R,) C+ and C- after each answer, NaN where the person's status is
                            not OK
    upper, lower            of N persons, the largest C+ and the smallest C-
    """

    upper_path: FloatArray
    lower_path: FloatArray
    upper: PersonStatistic
    lower: PersonStatistic


def cusum(
    person: ArrayLike,
    item: ArrayLike,
    score: ArrayLike,
    parameters: ItemParameters,
    theta: ArrayLike,
    *,
    n_persons: int,
) -> Cusum:
    """C+ and C- of N sessions of any lengths (van Krimpen-Stoop & Meijer 2000, 2001).

    person, item, score (R,), indices from 0, one an answer; a person's answers in the order in
    which they were given (persons may be mixed). With residual T_i = (x_i - E x_i) / n of the i-th
    of n answers (van Krimpen-Stoop & Meijer 2002 for polytomous items),

        C+_i = max(0, C+_{i-1} + T_i),   C-_i = min(0, C-_{i-1} + T_i).

    E x at theta (R,), one an answer: the final estimate, `estimate[person]`, or the running one
    before each answer. At the final one the residuals sum to about 0 and a change within the
    session shows as a peak; the running one uses no later answer. The distribution depends on bank
    and stopping rule: see `cuts`. A person with a theta that is not finite has no sums.

    Raises `ResponseError` where answers, persons and items do not fit together, and
    `ParameterError` for an item with a parameter that is not finite.
    """
    persons, items, scores = (np.asarray(part, dtype=np.int64) for part in (person, item, score))
    at = np.asarray(theta, dtype=float)
    _check(persons, items, scores, at, parameters, n_persons)
    length = np.bincount(persons, minlength=n_persons)
    # A stable sort leaves each person's answers in their order.
    order = np.argsort(persons, kind="stable")
    usable = np.where(np.isfinite(at), at, 0.0)
    residual = _residuals(parameters, items[order], scores[order], usable[order])
    residual /= length[persons[order]]
    above, below = _reflected_sums(residual, length)
    finite = np.bincount(persons, ~np.isfinite(at), minlength=n_persons) == 0
    status = person_status(
        [
            (length == 0, PersonStatus.NO_RESPONSES),
            (~finite, PersonStatus.THETA_NOT_FINITE),
        ]
    )
    upper, lower = np.zeros(n_persons), np.zeros(n_persons)
    np.maximum.at(upper, persons[order], above)
    np.minimum.at(lower, persons[order], below)
    upper_path, lower_path = np.empty_like(above), np.empty_like(below)
    upper_path[order], lower_path[order] = above, below
    told = finite[persons]
    return Cusum(
        np.where(told, upper_path, np.nan),
        np.where(told, lower_path, np.nan),
        person_statistic(upper, status),
        person_statistic(lower, status),
    )


def _check(
    person: IntArray,
    item: IntArray,
    score: IntArray,
    theta: FloatArray,
    parameters: ItemParameters,
    n_persons: int,
) -> None:
    if not (person.ndim == 1 and person.shape == item.shape == score.shape == theta.shape):
        raise ResponseError("person, item, score and theta must be lists of the same length")
    if not ((person >= 0) & (person < n_persons)).all():
        raise ResponseError(f"persons must be indices 0 to {n_persons - 1}")
    if not ((item >= 0) & (item < parameters.n_items)).all():
        raise ResponseError(f"items must be indices 0 to {parameters.n_items - 1}")
    wrong = (score < 0) | (score >= parameters.n_categories[item])
    for at in np.flatnonzero(wrong).tolist():
        raise ResponseError(f"a score of {score[at]} is not a category", int(item[at]))
    check_finite(parameters)


def _residuals(
    parameters: ItemParameters, item: IntArray, score: IntArray, theta: FloatArray
) -> FloatArray:
    """(R,) x - E x, a slice at a time."""
    residual = score.astype(float)
    for start in range(0, len(item), _PAIRS_PER_SLICE):
        pairs = slice(start, start + _PAIRS_PER_SLICE)
        residual[pairs] -= expected_score(parameters.take(item[pairs]), theta[pairs, None])[:, 0]
    return residual


def _reflected_sums(residual: FloatArray, length: IntArray) -> tuple[FloatArray, FloatArray]:
    """C+ and C- (R,) from residuals (R,) ordered by person; length (N,) answers a person."""
    above, below = residual.copy(), residual.copy()
    first = np.cumsum(length) - length
    longest_first = np.argsort(-length, kind="stable")
    n_active = np.cumsum(np.bincount(length)[::-1])[::-1]
    carried_up = np.zeros(len(length))
    carried_down = np.zeros(len(length))
    for position in range(int(length.max(initial=0))):
        n = int(n_active[position + 1])
        here = first[longest_first[:n]] + position
        carried_up = np.maximum(0.0, carried_up[:n] + residual[here])
        carried_down = np.minimum(0.0, carried_down[:n] + residual[here])
        above[here], below[here] = carried_up, carried_down
    return above, below
