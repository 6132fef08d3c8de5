"""What a simulation found, as it is kept: small, its numbers rounded to what they are worth."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np

from items.models import Item
from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.constraints.satisfaction import Constraint, violations
from scoring.irt.exposure.statistics import ExposureStatistics, exposure_statistics
from scoring.irt.policy import ExposureMethod, Policy
from scoring.irt.simulation.sessions import Sessions
from scoring.irt.stopping.rules import StopReason
from sessions.measurement import STOP_REASONS
from sessions.models import TestVersion

DIGITS = 4


class Overall(TypedDict):
    """Of the examinees of the population. Errors are estimate minus ability."""

    examinees: int
    bias: float
    rmse: float
    standard_error: float | None  # as reported, mean; None where one is infinite
    reliability: float | None  # squared correlation of estimate and ability
    length: float
    shortest: int
    longest: int
    seconds: float | None  # None where an item has no expected time
    overlap: float | None
    largest_rate: float
    unused: int
    operational: int


class AtPoint(TypedDict):
    """Of the examinees at one ability."""

    theta: float
    examinees: int
    bias: float
    spread: float  # SD of the estimates
    standard_error: float | None  # as reported, mean; None where one is infinite
    rmse: float
    length: float
    overlap: float | None
    largest_rate: float
    violations: int


class Control(TypedDict):
    """How the exposure control was derived; rounds 0: taken over from an earlier simulation."""

    rounds: int
    largest_rate: float
    converged: bool


class Classification(TypedDict):
    """cuts (C,) and names of the C + 1 levels; table[true level][level given] counts examinees."""

    cuts: list[float]
    levels: list[dict[str, str]]  # a text per language
    table: list[list[int]]
    accuracy: float


class PolicyResults(TypedDict):
    """One test version. `rates`: [item id, code, is it operational, share of sessions], most
    used first. `violations`: how many sessions broke each constraint, those that were broken."""

    version: int
    name: str
    target: float | None
    overall: Overall
    by_theta: list[AtPoint]
    stops: dict[str, int]
    rates: list[tuple[int, str, bool, float]]
    violations: list[tuple[str, str, int]]
    violated: int
    classification: Classification | None
    control: Control | None


class Results(TypedDict):
    """The version in question first, then the one it is compared with."""

    policies: list[PolicyResults]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Sessions of one version: of the population, and of the points, each a block of examinees."""

    version: TestVersion
    policy: Policy
    population: Sessions
    at_points: Sessions
    points: tuple[float, ...]
    control: Control | None


def policy_results(simulated: Simulated) -> PolicyResults:
    """What is kept of the sessions of one version. Two queries."""
    version, population = simulated.version, simulated.population
    use = _use(population)
    broken = _broken(simulated)
    return PolicyResults(
        version=version.pk,
        name=str(version),
        target=_target(version),
        overall=_overall(population, use),
        by_theta=_by_theta(simulated),
        stops=_stops(population),
        rates=_rates(population, use),
        violations=[(constraint.kind, _subject(constraint), n) for constraint, n in broken.items()],
        violated=sum(broken.values()),
        classification=_classification(version, population),
        control=simulated.control,
    )


def _overall(sessions: Sessions, use: ExposureStatistics) -> Overall:
    error, length = sessions.theta - sessions.true_theta, sessions.length
    operational = sessions.pool.operational
    return Overall(
        examinees=sessions.n_sessions,
        bias=_mean(error),
        rmse=_rounded(np.sqrt(np.mean(error**2))),
        standard_error=_finite(sessions.standard_error.mean()),
        reliability=_squared_correlation(sessions.theta, sessions.true_theta),
        length=_mean(length),
        shortest=int(length.min()),
        longest=int(length.max()),
        seconds=_finite(sessions.elapsed.mean()),
        overlap=_finite(use.overlap),
        largest_rate=_rounded(use.rates[operational].max(initial=0.0)),
        unused=int((use.unused & operational).sum()),
        operational=int(operational.sum()),
    )


def _by_theta(simulated: Simulated) -> list[AtPoint]:
    sessions = simulated.at_points
    broken = violations(sessions.pool, simulated.policy, sessions.items).broken.sum(axis=1)
    blocks = np.split(np.arange(sessions.n_sessions), len(simulated.points))
    return [
        _at_point(theta, sessions, block, int(broken[block].sum()))
        for theta, block in zip(simulated.points, blocks, strict=True)
    ]


def _at_point(theta: float, sessions: Sessions, block: IntArray, broken: int) -> AtPoint:
    estimates, operational = sessions.theta[block], sessions.pool.operational
    use = _use(sessions, block)
    return AtPoint(
        theta=theta,
        examinees=len(block),
        bias=_mean(estimates - theta),
        spread=_rounded(np.std(estimates, ddof=1)),
        standard_error=_finite(sessions.standard_error[block].mean()),
        rmse=_rounded(np.sqrt(np.mean((estimates - theta) ** 2))),
        length=_mean(sessions.length[block]),
        overlap=_finite(use.overlap),
        largest_rate=_rounded(use.rates[operational].max(initial=0.0)),
        violations=broken,
    )


def _use(sessions: Sessions, block: IntArray | None = None) -> ExposureStatistics:
    """How the sessions, or a block of them, used the items of the pool."""
    items = sessions.items if block is None else sessions.items[block]
    counts = np.bincount(items[items >= 0], minlength=sessions.pool.n_items)
    return exposure_statistics(counts.astype(np.int64), len(items))


def _stops(sessions: Sessions) -> dict[str, int]:
    """How often each reason, a Session.StopReason, ended a test, the most frequent first."""
    counts = Counter(STOP_REASONS[StopReason(int(code))].value for code in sessions.stop)
    return dict(counts.most_common())


def _rates(sessions: Sessions, use: ExposureStatistics) -> list[tuple[int, str, bool, float]]:
    pool = sessions.pool
    codes = dict(Item.objects.filter(pk__in=pool.item_ids.tolist()).values_list("pk", "code"))
    order = np.lexsort((pool.item_ids, -use.rates))
    return [
        (item_id, codes[item_id], bool(pool.operational[index]), _rounded(use.rates[index]))
        for index in order
        for item_id in [int(pool.item_ids[index])]
    ]


def _broken(simulated: Simulated) -> dict[Constraint, int]:
    """{constraint: sessions that broke it}, of population and points together."""
    counts: Counter[Constraint] = Counter()
    for sessions in (simulated.population, simulated.at_points):
        found = violations(sessions.pool, simulated.policy, sessions.items)
        counts.update(dict(zip(found.constraints, found.sessions.tolist(), strict=True)))
    return {constraint: n for constraint, n in counts.items() if n}


def _subject(constraint: Constraint) -> str:
    return "" if constraint.subject is None else str(constraint.subject)


def _classification(version: TestVersion, sessions: Sessions) -> Classification | None:
    """True level by the level that the reported estimate reaches."""
    if not version.cut_scores:
        return None
    cuts = np.asarray(version.cut_scores)
    true, given = (
        np.searchsorted(cuts, x, side="right") for x in (sessions.true_theta, sessions.theta)
    )
    table = np.zeros((len(cuts) + 1, len(cuts) + 1), dtype=np.int64)
    np.add.at(table, (true, given), 1)
    return Classification(
        cuts=cuts.tolist(),
        levels=version.level_names,
        table=table.tolist(),
        accuracy=_mean(true == given),
    )


def _target(version: TestVersion) -> float | None:
    """The share of sessions that no item should exceed, where the version has one."""
    rates = [] if version.exposure_method == ExposureMethod.NONE else [version.exposure_rate]
    return min([*rates, *filter(None, [version.cap_rate])], default=None)


def _squared_correlation(a: FloatArray, b: FloatArray) -> float | None:
    if min(np.ptp(a), np.ptp(b)) == 0:
        return None
    return _rounded(np.corrcoef(a, b)[0, 1] ** 2)


def _mean(values: object) -> float:
    return _rounded(np.mean(cast(FloatArray, values)))


def _rounded(value: float | np.floating) -> float:
    return round(float(value), DIGITS)


def _finite(value: float) -> float | None:
    return _rounded(value) if math.isfinite(value) else None
