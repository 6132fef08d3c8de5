"""The standard error of what holds a block of items to the others.

A person (or a common item) with information I and I' about the place of either side tells the
distance between them with information I I' / (I + I'): the two places are estimated apart, and
their errors add. Abilities are taken at EAP, slopes as they are: where the persons of both sides
differ much and common items have slopes of their own, the error is larger.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.common_scale.linkage import Linkage, Tie, find_linkage
from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.models.information import item_information
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid, normal_grid
from irt.responses import MISSING, Responses, sparse_responses

# Of more persons, so many stand for all.
_MOST_PERSONS = 3000
# Abilities are integrated so far from their mean.
_NODES, _SDS, _LEAST_SD = 121, 6.0, 0.1


@dataclass(frozen=True, eq=False)
class Links:
    """Which items hang together, and the standard error of each tie."""

    linkage: Linkage
    errors: list[float]

    @property
    def is_sound(self) -> bool:
        return self.linkage.is_linked and not self.linkage.ties


def judge_links(
    responses: Responses,
    parameters: ItemParameters,
    anchored: BoolArray,
    mean: ArrayLike = 0.0,
    variance: ArrayLike = 1.0,
) -> Links:
    """Of the items that have parameters (NaN for the others), by ability in G groups (G,)."""
    means, variances = np.atleast_1d(mean), np.atleast_1d(variance)
    center = float(means.mean())
    sd = max(float(np.sqrt(variances.mean() + means.var())), _LEAST_SD)
    prior = normal_grid(_NODES, abs(center) + _SDS * sd, center, sd)
    linkage = find_linkage(responses, anchored, np.isfinite(parameters.discrimination))
    errors = [link_error(tie, responses, parameters, anchored, prior) for tie in linkage.ties]
    return Links(linkage, errors)


def link_error(
    tie: Tie, responses: Responses, parameters: ItemParameters, anchored: BoolArray, prior: Grid
) -> float:
    """Standard error of the place of the tie's block on the scale of the others, in units of theta.

    parameters and anchored of all J items; infinite where the tie tells nothing.
    """
    if tie.is_one_sided:
        return np.inf
    usable = np.isfinite(parameters.discrimination)
    inside = np.zeros(len(usable), dtype=bool)
    inside[tie.items] = True
    if tie.common_persons.size:
        own, share = _information(tie.common_persons, responses, parameters, usable, prior)
        here, there = own[:, inside].sum(axis=1), own[:, ~inside].sum(axis=1)
        return _error(share * _in_series(here, there).sum())
    common = np.zeros_like(inside)
    common[tie.common_items] = True
    person, item, _ = responses.long()
    others = np.setdiff1d(person[~(inside | common)[item] & usable[item]], tie.persons)
    both = [
        _information_on(side, tie.common_items, responses, parameters, usable & ~common, prior)
        for side in (tie.persons, others)
    ]
    both[1][anchored[tie.common_items]] = np.inf
    return _error(_in_series(*both).sum())


def _information(
    persons: IntArray,
    responses: Responses,
    parameters: ItemParameters,
    usable: BoolArray,
    prior: Grid,
) -> tuple[FloatArray, float]:
    """(n, J) information of each answer of some of the persons, and how many each stands for."""
    chosen = persons[:: -(-len(persons) // _MOST_PERSONS)] if persons.size else persons
    if not chosen.size:
        return np.zeros((0, len(usable))), 0.0
    items = np.flatnonzero(usable)
    part = responses.take(chosen)
    theta = expected_a_posteriori(_restricted(part, items), parameters.take(items), prior).theta
    person, item, _ = part.long()
    answered = np.zeros((len(chosen), len(usable)))
    answered[person, item] = 1.0
    answered[:, items] *= item_information(parameters.take(items), theta).T
    answered[:, ~usable] = 0.0
    return answered, len(persons) / len(chosen)


def _information_on(
    persons: IntArray,
    items: IntArray,
    responses: Responses,
    parameters: ItemParameters,
    others: BoolArray,
    prior: Grid,
) -> FloatArray:
    """(m,) information about the places of the items relative to the `others` (J,) by the persons.

    None about an item of which these persons have one score only.
    """
    usable = others.copy()
    usable[items] = True
    own, share = _information(persons, responses, parameters, usable, prior)
    rest = own[:, others].sum(axis=1)
    found = share * _in_series(own[:, items], rest[:, None]).sum(axis=0)
    _, item, score = responses.take(persons).long()
    seen = [len(np.unique(score[item == one])) for one in items.tolist()]
    return np.where(np.array(seen) > 1, found, 0.0)


def _restricted(responses: Responses, items: IntArray) -> Responses:
    """The responses to the items alone."""
    person, item, score = responses.long()
    place = np.full(responses.n_items, MISSING)
    place[items] = np.arange(len(items))
    kept = place[item] != MISSING
    return sparse_responses(
        person[kept],
        place[item[kept]],
        score[kept],
        n_persons=responses.n_persons,
        n_items=len(items),
        n_categories=responses.n_categories[items],
    )


def _in_series(first: FloatArray, second: FloatArray) -> FloatArray:
    """What two pieces of information about two places say about their distance."""
    first, second = np.broadcast_arrays(first, second)
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / (1.0 / first + 1.0 / second))


def _error(information: float) -> float:
    return float(information**-0.5) if information > 0 else np.inf
