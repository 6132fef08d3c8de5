"""Cut scores of person fit by simulation, for one pool and one policy.

In an adaptive test the items depend on the answers, and statistics of fit do not have the
distributions that theory gives them for fixed tests (van Krimpen-Stoop & Meijer 1999). Sessions of
examinees who answer by the model show which value a stated share of them passes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.person_fit.result import PersonStatistic
from irt.policy.policy import Policy
from irt.pool import Pool
from irt.simulation.sessions import Sessions, simulate_sessions


class Tail(StrEnum):
    """Which values of a statistic are remarkable."""

    LOWER = "lower"
    UPPER = "upper"


class CutStatus(StrEnum):
    """What became of a band's cut score."""

    OK = "ok"
    TOO_FEW = "too few simulated sessions for this error rate"


@dataclass(frozen=True, eq=False)
class CutScores:
    """One cut score for each of B bands of theta.

    error_rate      share of the examinees who answer by the model that is flagged, at most
    edges           (B - 1,) rising; band b holds edges[b - 1] <= theta < edges[b], open at the ends
    cut             (B,) flagged is what lies beyond it; NaN where the status is not OK
    standard_error  (B,) Monte Carlo error of the cut (Maritz & Jarrett 1978)
    n_sessions      (B,) simulated sessions behind it
    status          (B,) `CutStatus`
    """

    error_rate: float
    tail: Tail
    edges: FloatArray
    cut: FloatArray
    standard_error: FloatArray
    n_sessions: IntArray
    status: NDArray[np.str_]

    def of(self, theta: ArrayLike) -> FloatArray:
        """(N,) the cut scores of sessions with final estimates theta (N,)."""
        return np.asarray(self.cut[np.digitize(np.asarray(theta, dtype=float), self.edges)])

    def flags(self, statistic: PersonStatistic, theta: ArrayLike) -> BoolArray:
        """(N,) sessions beyond their cut; none without a value or without a cut."""
        with np.errstate(invalid="ignore"):  # NaN compares as not beyond
            if self.tail is Tail.LOWER:
                return np.asarray(statistic.value < self.of(theta))
            return np.asarray(statistic.value > self.of(theta))


def simulated_cuts(
    pool: Pool,
    policy: Policy,
    statistic: Callable[[Sessions], PersonStatistic],
    *,
    seed: int,
    error_rate: float = 0.05,
    tail: Tail = Tail.LOWER,
    edges: ArrayLike = (),
    n_sessions: int = 10_000,
    mean: float = 0.0,
    sd: float = 1.0,
) -> CutScores:
    """Cut scores of `statistic` for examinees from N(mean, sd^2) who take this test.

    Deterministic by seed. Arguments and errors as `simulate_sessions` and `cut_scores`; the bands
    are those of the engine's final estimate.
    """
    rng = np.random.default_rng(seed)
    sessions = simulate_sessions(pool, policy, rng.normal(mean, sd, n_sessions), seed)
    return cut_scores(
        statistic(sessions), sessions.theta, error_rate=error_rate, tail=tail, edges=edges
    )


def cut_scores(
    statistic: PersonStatistic,
    theta: ArrayLike,
    *,
    error_rate: float = 0.05,
    tail: Tail = Tail.LOWER,
    edges: ArrayLike = (),
) -> CutScores:
    """Cut scores from the statistic of N simulated sessions with final estimates theta (N,).

    In a band of n sessions the cut is the value with rank floor(error_rate (n + 1)) from the tail,
    beyond which one more session lies with at most that probability. Sessions without a value take
    no part. Raises ValueError for an error rate outside 0 to 1 or edges that do not rise.
    """
    if not 0 < error_rate < 1:
        raise ValueError(f"the error rate must lie between 0 and 1, not {error_rate:g}")
    borders = np.atleast_1d(np.asarray(edges, dtype=float))
    if not (np.diff(borders) > 0).all() or not np.isfinite(borders).all():
        raise ValueError("the edges of theta bands must be finite and rise")
    sign = 1.0 if tail is Tail.LOWER else -1.0
    band = np.digitize(np.asarray(theta, dtype=float), borders)
    bands = [
        _cut(np.sort(sign * statistic.value[statistic.ok & (band == b)]), error_rate)
        for b in range(len(borders) + 1)
    ]
    cut, standard_error, n_sessions = (np.array(part) for part in zip(*bands, strict=True))
    status = np.where(np.isfinite(cut), str(CutStatus.OK), str(CutStatus.TOO_FEW))
    return CutScores(error_rate, tail, borders, sign * cut, standard_error, n_sessions, status)


def _cut(ascending: FloatArray, error_rate: float) -> tuple[float, float, int]:
    """Cut, standard error and number of the values (n,) of a band, small ones being remarkable.

    Maritz & Jarrett (1978): the variance of an order statistic over samples drawn from the values.
    """
    n = len(ascending)
    # The rounding of error_rate (n + 1) must not cost a rank where it is a whole number.
    rank = int(np.floor(error_rate * (n + 1) + 1e-9))
    if rank < 1:
        return np.nan, np.nan, n
    weight = np.diff(betainc(rank, n + 1 - rank, np.arange(n + 1) / n))
    mean = weight @ ascending
    variance = weight @ (ascending - mean) ** 2
    return float(ascending[rank - 1]), float(np.sqrt(variance)), n
