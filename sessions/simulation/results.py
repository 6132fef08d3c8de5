"""What a simulation found, as it is kept: small, its numbers rounded to what they are worth."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import numpy as np

from irt.arrays import IntArray
from irt.constraints.satisfaction import Constraint
from irt.policy.policy import ExposureMethod, Policy
from irt.policy.stopping_rules import StopReason
from irt.simulation.comparison import Comparison, Difference, compare
from irt.simulation.exposure_statistics import mean_overlap
from irt.simulation.recovery import Recovery
from irt.simulation.sequential import BLOCK
from irt.simulation.sessions import Sessions
from irt.simulation.study import Study, study
from items.models import Item
from sessions.delivery.measurement import STOP_REASONS
from sessions.models import TestVersion

DIGITS = 4


class Overall(TypedDict):
    """Of the examinees of the population. Errors are estimate minus ability."""

    examinees: int
    bias: float
    rmse: float
    standard_error: float | None  # as reported, mean; None where one is infinite
    coverage: float  # share of 95% intervals that hold the ability
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
    bias_error: float  # Monte-Carlo standard error of the bias
    spread: float  # SD of the estimates
    standard_error: float | None  # as reported, mean
    rmse: float
    coverage: float
    length: float
    overlap: float | None
    largest_rate: float
    violations: int


class AfterAnswers(TypedDict):
    """Of the examinees of the population who had this many answers and went on."""

    answers: int
    examinees: int
    rmse: float
    standard_error: float | None


class Control(TypedDict):
    """How the exposure control was derived; rounds 0: taken over from an earlier simulation."""

    rounds: int
    largest_rate: float
    converged: bool


class Blocks(TypedDict):
    """Examinees who begin at once, where the count of sessions rules: see `simulate_blocks`.

    cap: the hard cap, beside which `minimum` sessions are always allowed; None without one.
    """

    size: int
    cap: float | None
    minimum: int


class Classes(TypedDict):
    """cuts (C,) and names of the C + 1 levels; table[true level][level given] counts examinees."""

    cuts: list[float]
    levels: list[dict[str, str]]  # a text per language
    table: list[list[int]]
    accuracy: float
    consistency: float | None


class PolicyResults(TypedDict):
    """One test version. `rates`: [item id, code, is it operational, share of sessions], most
    used first. `violations`: how many sessions broke each constraint, those that were broken."""

    version: int
    name: str
    target: float | None
    overall: Overall
    by_theta: list[AtPoint]
    course: list[AfterAnswers]
    stops: dict[str, int]
    rates: list[tuple[int, str, bool, float]]
    violations: list[tuple[str, str, int]]
    violated: int
    classification: Classes | None
    control: Control | None
    blocks: NotRequired[Blocks | None]  # not in results from before it was told


class Results(TypedDict):
    """The version in question first, then the one it is compared with.

    differences: {quantity of Overall: [first minus second, Monte-Carlo standard error]}.
    """

    policies: list[PolicyResults]
    differences: dict[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Sessions of one version: of the population, and of the points, each a block of examinees."""

    version: TestVersion
    policy: Policy
    population: Sessions
    at_points: Sessions
    control: Control | None


def results_of(simulated: Sequence[Simulated]) -> Results:
    """What is kept of one version, or of two that are compared. Two queries a version."""
    studies = [study(one.policy, one.population) for one in simulated]
    return Results(
        policies=[_policy(*pair) for pair in zip(simulated, studies, strict=True)],
        differences=_differences(compare(studies[1], studies[0])) if len(studies) > 1 else {},
    )


def _policy(simulated: Simulated, population: Study) -> PolicyResults:
    at_points = study(simulated.policy, simulated.at_points, limits=None)
    broken = _broken_constraints(population, at_points)
    version = simulated.version
    return PolicyResults(
        version=version.pk,
        name=str(version),
        target=_target(version),
        overall=_overall(population),
        by_theta=_points(at_points),
        course=_course(population),
        stops=_stops(simulated.population),
        rates=_rates(simulated.population),
        violations=[(constraint.kind, _subject(constraint), n) for constraint, n in broken.items()],
        violated=sum(broken.values()),
        classification=_classes(version, population),
        control=simulated.control,
        blocks=_blocks(version),
    )


def _overall(population: Study) -> Overall:
    sessions, found, use = population.sessions, population.overall, population.exposure
    operational = sessions.pool.operational
    return Overall(
        examinees=sessions.n_sessions,
        bias=_round(found.bias[0]),
        rmse=_round(found.rmse[0]),
        standard_error=_round_finite(found.standard_error[0]),
        coverage=_round(found.coverage[0]),
        reliability=_reliability(sessions),
        length=_round(found.mean_length[0]),
        shortest=int(found.least_length[0]),
        longest=int(found.greatest_length[0]),
        seconds=_round_finite(sessions.elapsed.mean()),
        overlap=_round_finite(use.overlap),
        largest_rate=_round(use.maximum),
        unused=int((use.unused & operational).sum()),
        operational=int(operational.sum()),
    )


def _points(at_points: Study) -> list[AtPoint]:
    broken = at_points.violations.broken.sum(axis=1)
    return [
        _at_point(at_points, at_points.conditional, group, broken)
        for group in range(at_points.groups.n_groups)
    ]


def _at_point(at_points: Study, found: Recovery, group: int, broken: IntArray) -> AtPoint:
    n, rates = int(found.n[group]), at_points.conditional_rates[:, group]
    return AtPoint(
        theta=_round(found.theta[group]),
        examinees=n,
        bias=_round(found.bias[group]),
        bias_error=_round(found.bias_error[group]),
        spread=_round(found.sd[group]),
        standard_error=_round_finite(found.standard_error[group]),
        rmse=_round(found.rmse[group]),
        coverage=_round(found.coverage[group]),
        length=_round(found.mean_length[group]),
        overlap=_round_finite(mean_overlap(np.rint(rates * n).astype(np.int64), n)),
        largest_rate=_round(rates.max(initial=0.0)),
        violations=int(broken[at_points.groups.index == group].sum()),
    )


def _course(population: Study) -> list[AfterAnswers]:
    course = population.course
    return [
        AfterAnswers(
            answers=answers,
            examinees=int(course.n[answers]),
            rmse=_round(course.rmse[answers]),
            standard_error=_round_finite(course.standard_error[answers]),
        )
        for answers in range(len(course.n))
    ]


def _stops(sessions: Sessions) -> dict[str, int]:
    """How often each reason, a Session.StopReason, ended a test, the most frequent first."""
    counts = Counter(STOP_REASONS[StopReason(int(code))].value for code in sessions.stop)
    return dict(counts.most_common())


def _rates(sessions: Sessions) -> list[tuple[int, str, bool, float]]:
    pool = sessions.pool
    codes = dict(Item.objects.filter(pk__in=pool.item_ids.tolist()).values_list("pk", "code"))
    given = np.bincount(sessions.items[sessions.items >= 0], minlength=pool.n_items)
    rates = given / sessions.n_sessions
    order = np.lexsort((pool.item_ids, -rates))
    return [
        (item_id, codes[item_id], bool(pool.operational[index]), _round(rates[index]))
        for index in order
        for item_id in [int(pool.item_ids[index])]
    ]


def _broken_constraints(*studies: Study) -> dict[Constraint, int]:
    """{constraint: sessions that broke it} in all studies together."""
    counts: Counter[Constraint] = Counter()
    for one in studies:
        found = one.violations
        counts.update(dict(zip(found.constraints, found.sessions.tolist(), strict=True)))
    return {constraint: n for constraint, n in counts.items() if n}


def _subject(constraint: Constraint) -> str:
    return "" if constraint.subject is None else str(constraint.subject)


def _classes(version: TestVersion, population: Study) -> Classes | None:
    """True level by the level that the reported estimate reaches."""
    found = population.classification
    if found is None:
        return None
    return Classes(
        cuts=version.cut_scores,
        levels=version.level_names,
        table=found.table.tolist(),
        accuracy=_round(found.accuracy),
        consistency=_round_finite(found.consistency),
    )


def _differences(found: Comparison) -> dict[str, tuple[float, float]]:
    overall = found.overall
    named = {
        "bias": overall.bias,
        "rmse": overall.rmse,
        "standard_error": overall.standard_error,
        "length": overall.length,
        "overlap": found.overlap,
    }
    return {name: _difference(one) for name, one in named.items() if np.isfinite(one.value).all()}


def _difference(one: Difference) -> tuple[float, float]:
    return _round(one.value[0]), _round(one.error[0])


def _target(version: TestVersion) -> float | None:
    """The share of sessions that no item should exceed, where the version has one."""
    rates = [] if version.exposure_method == ExposureMethod.NONE else [version.exposure_rate]
    return min([*rates, *filter(None, [version.cap_rate])], default=None)


def _blocks(version: TestVersion) -> Blocks | None:
    by_eligibility = version.exposure_method == ExposureMethod.ELIGIBILITY
    if version.cap_rate is None and not by_eligibility:
        return None
    return Blocks(size=BLOCK, cap=version.cap_rate, minimum=version.cap_minimum)


def _reliability(sessions: Sessions) -> float | None:
    if min(np.ptp(sessions.theta), np.ptp(sessions.true_theta)) == 0:
        return None
    return _round(np.corrcoef(sessions.theta, sessions.true_theta)[0, 1] ** 2)


def _round(value: float | np.floating) -> float:
    return round(float(value), DIGITS)


def _round_finite(value: float | np.floating) -> float | None:
    return _round(value) if math.isfinite(value) else None
