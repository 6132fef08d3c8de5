"""The lognormal model of response times (van der Linden 2006).

ln t_ij ~ N(beta_j - tau_i, alpha_j^-2), with speed tau, time intensity beta and discrimination
alpha. Identified by tau ~ N(0, sigma^2): the mean speed of the population is 0. The items and
sigma^2 are estimated with speed integrated out, since alpha is inconsistent when each person's
speed is estimated along (Neyman & Scott 1948).

Each sweep is closed-form: the posterior of every speed, then beta, alpha and sigma^2 given these.
It is an EM step with an expanded parameter, the mean speed (Liu, Rubin & Wu 1998): without it
beta would creep, since speeds that are shrunk to 0 take most of its change back.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from irt.arrays import BoolArray, FloatArray
from irt.response_times.times import ResponseTimeError, ResponseTimes

# An item with fewer persons has no variance to estimate.
_FEWEST_PERSONS = 3
# An item with less spread than this (in ln seconds) would have times without any chance in them.
_LEAST_SPREAD = 1e-6


class TimeStatus(StrEnum):
    """What became of an item's or a person's times."""

    OK = "ok"
    NO_TIMES = "no times"
    TOO_FEW = "too few persons"
    CONSTANT = "constant times"
    ONE_TIME = "one time"


@dataclass(frozen=True, eq=False)
class LognormalItems:
    """Estimates of J items, (J,) unless said; NaN with a reason in `status`.

    intensity, intensity_se            beta, in ln seconds at mean speed
    discrimination, discrimination_se  alpha, 1 / SD of ln seconds given speed
    speed_variance, speed_variance_se  sigma^2 of the population
    status                             `TimeStatus`
    log_likelihood                     of ln seconds, at the estimates
    converged, sweeps                  whether and when the gain fell below the tolerance
    """

    intensity: FloatArray
    intensity_se: FloatArray
    discrimination: FloatArray
    discrimination_se: FloatArray
    speed_variance: float
    speed_variance_se: float
    status: NDArray[np.str_]
    log_likelihood: float
    converged: bool
    sweeps: int


@dataclass(frozen=True, eq=False)
class _Point:
    """beta (J,), d = alpha^-2 (J,) and sigma^2."""

    intensity: FloatArray
    variance: FloatArray
    speed_variance: float


def fit_lognormal(
    times: ResponseTimes, *, tolerance: float = 1e-8, max_sweeps: int = 500
) -> LognormalItems:
    """Marginal maximum likelihood; converged when a sweep gains less than tolerance a response.

    Standard errors are from the expected information of the normal ln t.

    Raises `ResponseTimeError` where no item has enough times, or nobody two of them.
    """
    status = _item_status(times)
    used = _keep_items(times, status == TimeStatus.OK)
    if not (status == TimeStatus.OK).any() or (np.bincount(used.person) < 2).all():
        raise ResponseTimeError(
            f"the model needs items that {_FEWEST_PERSONS} persons answered in different times, "
            "and persons with two such items"
        )
    log_seconds = np.log(used.seconds)
    point = _start(used, log_seconds)
    history, converged = [-np.inf], False
    while not converged and len(history) <= max_sweeps:
        reached, (moved, value) = point, _sweep(used, log_seconds, point)
        converged = value - history[-1] < tolerance * len(log_seconds)
        history.append(value)
        point = moved
    point = reached
    errors = _standard_errors(used, point)
    known = status == TimeStatus.OK
    return LognormalItems(
        np.where(known, point.intensity, np.nan),
        np.where(known, errors.intensity, np.nan),
        np.where(known, point.variance**-0.5, np.nan),
        np.where(known, 0.5 * point.variance**-1.5 * errors.variance, np.nan),
        point.speed_variance,
        errors.speed_variance,
        status,
        history[-1],
        converged,
        len(history) - 1,
    )


def _item_status(times: ResponseTimes) -> NDArray[np.str_]:
    log_seconds = np.log(times.seconds)
    n = times.by_item(np.ones(len(log_seconds)))
    centered = log_seconds - (times.by_item(log_seconds) / np.maximum(n, 1.0))[times.item]
    spread = np.sqrt(times.by_item(centered**2) / np.maximum(n, 1.0))
    return np.select(
        [n == 0, n < _FEWEST_PERSONS, spread < _LEAST_SPREAD],
        [TimeStatus.NO_TIMES.value, TimeStatus.TOO_FEW.value, TimeStatus.CONSTANT.value],
        TimeStatus.OK.value,
    ).astype("U15")


def _keep_items(times: ResponseTimes, items: BoolArray) -> ResponseTimes:
    kept = items[times.item]
    return ResponseTimes(
        times.person[kept], times.item[kept], times.seconds[kept], times.n_persons, times.n_items
    )


def _start(times: ResponseTimes, log_seconds: FloatArray) -> _Point:
    """Items by their own moments, half of the variance being that of speed."""
    n = np.maximum(times.by_item(np.ones(len(log_seconds))), 1.0)
    intensity = times.by_item(log_seconds) / n
    variance = times.by_item((log_seconds - intensity[times.item]) ** 2) / n
    half = 0.5 * np.where(variance > 0, variance, 1.0)
    return _Point(intensity, half, float(half.mean()))


def _sweep(times: ResponseTimes, log_seconds: FloatArray, point: _Point) -> tuple[_Point, float]:
    """The next point, and the log-likelihood at the one given."""
    weight = 1.0 / point.variance[times.item]
    slowness = log_seconds - point.intensity[times.item]
    precision = times.by_person(weight) + 1.0 / point.speed_variance
    speed = -times.by_person(weight * slowness) / precision
    seen = np.unique(times.person)
    value = _log_likelihood(times, weight * slowness**2, precision, speed, point)
    mean_speed = speed[seen].mean()
    spread = float(np.mean((speed[seen] - mean_speed) ** 2 + 1.0 / precision[seen]))
    n = np.maximum(times.by_item(np.ones(len(weight))), 1.0)
    own = speed[times.person]
    intensity = times.by_item(log_seconds + own) / n
    residual = log_seconds - intensity[times.item] + own
    variance = times.by_item(residual**2 + 1.0 / precision[times.person]) / n
    known = variance > 0
    return _Point(intensity - mean_speed, np.where(known, variance, 1.0), spread), value


def _log_likelihood(
    times: ResponseTimes,
    squares: FloatArray,
    precision: FloatArray,
    speed: FloatArray,
    point: _Point,
) -> float:
    """Of N(beta, diag(d) + sigma^2 1 1'), by the matrix determinant lemma; persons unseen add 0."""
    log_determinant = np.log(point.variance[times.item]).sum()
    log_determinant += np.log(precision * point.speed_variance).sum()
    quadratic = squares.sum() - (precision * speed**2).sum()
    constant = len(squares) * np.log(2 * np.pi)
    return float(-0.5 * (constant + log_determinant + quadratic))


def _standard_errors(times: ResponseTimes, point: _Point) -> _Point:
    """Of beta, d and sigma^2, from the expected information.

    With V_i = diag(d) + sigma^2 1 1' for the items of person i, the information about beta is the
    sum of V_i^-1, and about the variances p, q half the trace of V^-1 V_p V^-1 V_q. V^-1 is
    diag(w) - w w' / s_i, with w = 1/d and s_i = sum(w) + sigma^-2.
    """
    n_items = times.n_items
    weight = 1.0 / point.variance
    answered = sparse.csr_array(
        (np.ones(len(times.item)), (times.person, times.item)), shape=(times.n_persons, n_items)
    )
    total = times.by_person(weight[times.item])
    s = total + 1.0 / point.speed_variance
    once = _gram(answered, 1.0 / s)
    twice = _gram(answered, s**-2.0)
    n = times.by_item(np.ones(len(times.item)))
    seen = n > 0
    by_intensity = np.diag(n * weight) - weight[:, None] * once * weight
    variances = np.zeros((n_items + 1, n_items + 1))
    variances[:-1, :-1] = weight[:, None] ** 2 * twice * weight**2
    own = n * weight**2 - 2.0 * weight**3 * np.diagonal(once)
    variances[np.arange(n_items), np.arange(n_items)] += own
    # 1'V^-1 e_j = w_j / (sigma^2 s_i), and 1'V^-1 1 = sum(w) / (sigma^2 s_i).
    ratio = point.speed_variance**-2.0
    variances[-1, :-1] = variances[:-1, -1] = ratio * weight**2 * np.diagonal(twice)
    variances[-1, -1] = ratio * ((total / s) ** 2).sum()
    rows = np.flatnonzero(np.append(seen, True))
    return _Point(
        _errors(by_intensity, np.flatnonzero(seen)),
        _errors(0.5 * variances, rows)[:-1],
        float(_errors(0.5 * variances, rows)[-1]),
    )


def _gram(answered: sparse.csr_array, weights: FloatArray) -> FloatArray:
    """(J, J) sum over persons of the weights (N,) of those who answered both items."""
    weighted = answered.multiply(weights[:, None]).tocsr()
    return np.asarray((answered.T @ weighted).toarray())


def _errors(information: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
    errors = np.full(len(information), np.nan)
    errors[rows] = np.sqrt(np.diagonal(np.linalg.inv(information[np.ix_(rows, rows)])))
    return errors
