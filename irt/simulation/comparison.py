"""Two policies compared on the same simulated examinees."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.simulation.groups import Groups, one_group
from irt.simulation.sessions import Sessions
from irt.simulation.study import Study
from irt.stopping.classification import level_of


@dataclass(frozen=True, eq=False)
class Difference:
    """Second minus first, and its Monte-Carlo standard error; each (G,), NaN for an empty group."""

    value: FloatArray
    error: FloatArray


@dataclass(frozen=True, eq=False)
class Differences:
    """Of bias, RMSE, mean standard error and mean length in G groups."""

    bias: Difference
    rmse: Difference
    standard_error: Difference
    length: Difference


@dataclass(frozen=True, eq=False)
class Comparison:
    """A second study minus a first one.

    overall, conditional  by all (one group) and by the groups of the first
    accuracy              of the levels, None where the policies have not the same cut scores
    overlap               of the tests; its error takes sessions as independent of each other
    maximum_exposure, n_unused   differences without an error
    """

    overall: Differences
    conditional: Differences
    accuracy: Difference | None
    overlap: Difference
    maximum_exposure: float
    n_unused: int


def compare(first: Study, second: Study) -> Comparison:
    """Compare studies of the same examinees, who should have had the same seed.

    Differences are taken examinee by examinee, so that what the two simulations share (abilities,
    and with one seed the luck of the answers, as far as the tests are alike) cancels out: common
    random numbers. Raises ValueError where the abilities differ.
    """
    a, b = first.sessions, second.sessions
    if not np.array_equal(a.true_theta, b.true_theta):
        raise ValueError("studies compare on the same abilities only: simulate one of them anew")
    everyone, cuts = one_group(a.n_sessions), first.policy.cuts
    return Comparison(
        overall=_differences(a, b, everyone),
        conditional=_differences(a, b, first.groups),
        accuracy=_mean_difference(everyone, _correct(a, cuts), _correct(b, cuts))
        if cuts and cuts == second.policy.cuts
        else None,
        overlap=Difference(
            np.array([second.exposure.overlap - first.exposure.overlap]),
            everyone.errors(_overlap_influence(second) - _overlap_influence(first)),
        ),
        maximum_exposure=second.exposure.maximum - first.exposure.maximum,
        n_unused=second.exposure.n_unused - first.exposure.n_unused,
    )


def _differences(a: Sessions, b: Sessions, groups: Groups) -> Differences:
    error_a, error_b = a.theta - a.true_theta, b.theta - b.true_theta
    return Differences(
        bias=_mean_difference(groups, error_a, error_b),
        rmse=_root_difference(groups, error_a**2, error_b**2),
        standard_error=_mean_difference(groups, a.standard_error, b.standard_error),
        length=_mean_difference(groups, a.length.astype(float), b.length.astype(float)),
    )


def _mean_difference(groups: Groups, a: FloatArray, b: FloatArray) -> Difference:
    return Difference(groups.means(b - a), groups.errors(b - a))


def _root_difference(groups: Groups, a: FloatArray, b: FloatArray) -> Difference:
    """Of the roots of the means of a and b (N,), its error by the delta method."""
    root_a, root_b = np.sqrt(groups.means(a)), np.sqrt(groups.means(b))
    with np.errstate(divide="ignore", invalid="ignore"):  # estimates without any error
        influence = b / (2 * root_b[groups.index]) - a / (2 * root_a[groups.index])
    return Difference(root_b - root_a, groups.errors(influence))


def _correct(sessions: Sessions, cuts: tuple[float, ...]) -> FloatArray:
    return np.asarray(sessions.level == level_of(sessions.true_theta, cuts), dtype=float)


def _overlap_influence(study: Study) -> FloatArray:
    """(N,) what each session adds to the overlap sum r^2 / sum r, to first order."""
    sessions, rates = study.sessions, study.exposure.rates
    shared = np.bincount(sessions.person, rates[sessions.item], sessions.n_sessions)
    mean_length, squares = rates.sum(), (rates * rates).sum()
    return np.asarray(2 * shared / mean_length - squares * sessions.length / mean_length**2)
