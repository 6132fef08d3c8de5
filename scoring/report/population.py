"""The ability of those who answered, group by group, with the items fixed."""

from dataclasses import replace

import numpy as np

from common.files.csv_files import DataError
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population, standard_population
from irt.estimation.expected_a_posteriori import normal_a_posteriori
from irt.models.parameters import ItemParameters
from irt.responses import ResponseError, Responses

# A group so far beyond the outermost items, or beyond this, is not determined by the responses.
_BEYOND_ITEMS, _LEAST_LIMIT = 3.0, 6.0
# Of several groups, fewer persons tell no distribution: theirs is that of all others together.
FEWEST_IN_A_GROUP = 30
_WIDE_SD = 3.0


def given_population(normal: tuple[float, float], member: IntArray) -> Population:
    """N(mean, sd^2) in every group, nothing of it estimated."""
    n_groups = int(member.max(initial=0)) + 1
    fixed = np.zeros(n_groups, dtype=np.bool_)
    mean, sd = normal
    return Population(
        np.full(n_groups, mean), np.full(n_groups, sd**2), fixed, fixed, _groups(member)
    )


def estimated_population(
    responses: Responses, parameters: ItemParameters, member: IntArray, *, is_known: bool
) -> tuple[Population, BoolArray]:
    """The moments of each group, and which of them cost a degree of freedom.

    And which groups (G,) have those of all others together, because their own cannot be told.

    At parameters that were calibrated from the same responses and groups this gives back the
    population of that calibration, whose first group was the reference. Raises `DataError` where
    no group's ability can be estimated.
    """
    models = parameters.model.tolist()
    moments = group_moments(responses, parameters, member)
    if np.isnan(moments[:, 0]).all():
        limit = _limit(parameters)
        raise DataError(
            f"the ability of the group cannot be estimated: it lies beyond {-limit:g} to "
            f"{limit:g} on the scale of the items, or the responses do not determine it; "
            "give --population"
        )
    paid = standard_population(models, group=_groups(member), free=is_known, anchored=is_known)
    mean, variance = _with_those_of_all(moments, member)
    population = Population(mean, variance, paid.free_mean, paid.free_variance, paid.group)
    return population, np.isnan(moments[:, 0])


def group_moments(responses: Responses, parameters: ItemParameters, member: IntArray) -> FloatArray:
    """(G, 2) mean and variance of ability in each group of member (N,).

    NaN where the responses do not tell them, or lie beyond the nodes. Of several groups one with
    fewer than `FEWEST_IN_A_GROUP` persons is not asked. Raises `DataError` where responses and
    parameters do not fit together.
    """
    n_persons = np.bincount(member)
    moments = np.full((len(n_persons), 2), np.nan)
    several = len(n_persons) > 1
    asked = n_persons >= FEWEST_IN_A_GROUP if several else n_persons > 0
    if not asked.any():
        asked = n_persons == n_persons.max()
    while asked.any():
        found, is_found = _estimate(responses, parameters, member, asked)
        if is_found.all():
            moments[asked] = found
            break
        asked[asked] = is_found
    return moments


def _estimate(
    responses: Responses, parameters: ItemParameters, member: IntArray, asked: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """(g, 2) moments of the g groups that are `asked` (G,), and whether each was found."""
    place = np.cumsum(asked) - 1
    persons = np.flatnonzero(asked[member])
    everybody = len(persons) == responses.n_persons
    own = responses if everybody else responses.take(persons)
    group = place[member[persons]]
    models = parameters.model.tolist()
    free = standard_population(models, group=_groups(group), free=True, anchored=True)
    mean, variance = _start(own, parameters, group)
    try:
        found = calibrate(
            own,
            models,
            population=replace(free, mean=mean, variance=variance),
            anchors=parameters,
            with_standard_errors=False,
        )
    except ResponseError as error:
        raise DataError(f"the ability of the group cannot be estimated: {error.reason}") from error
    within = np.abs(found.group_mean) <= _limit(parameters)
    if within.all() and not found.converged:
        # One group's search may fail for the others: only what failed alone is not known.
        within = within & (len(mean) > 1)
        worst = np.argmax(np.abs(np.log(found.group_variance)))
        within[worst] = False
    return np.column_stack([found.group_mean, found.group_variance]), within


def _limit(parameters: ItemParameters) -> float:
    """How far from 0 the mean of a group may lie."""
    farthest = float(np.nanmax(np.abs(parameters.difficulty)))
    return max(float(np.ceil(farthest + _BEYOND_ITEMS)), _LEAST_LIMIT)


def _start(
    responses: Responses, parameters: ItemParameters, group: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance (G,) by EAP with a wide prior.

    The search may not find a group far away when it starts from N(0, 1).
    """
    wide = normal_a_posteriori(responses, parameters, sd=_WIDE_SD)
    persons = np.bincount(group)
    mean = np.bincount(group, wide.theta) / persons
    spread = np.square(wide.theta - mean[group]) + np.square(wide.standard_error)
    return mean, np.bincount(group, spread) / persons


def _with_those_of_all(moments: FloatArray, member: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance (G,); groups without get those of the others together."""
    known = np.isfinite(moments[:, 0])
    share = np.bincount(member, minlength=len(moments))[known].astype(float)
    share /= share.sum()
    mean, variance = moments[known].T
    together = share @ mean
    spread = share @ (variance + mean**2) - together**2
    return np.where(known, moments[:, 0], together), np.where(known, moments[:, 1], spread)


def _groups(member: IntArray) -> IntArray | None:
    """The groups as a population has them: None where there is one."""
    return member if member.any() else None
