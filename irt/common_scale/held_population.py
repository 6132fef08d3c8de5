"""How far anchored items put ability from the moments at which a calibration held it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population
from irt.models.parameters import ItemParameters
from irt.responses import ResponseError, Responses, sparse_responses

# A gap of more standard errors than this is no chance.
_NO_CHANCE = 2.5


@dataclass(frozen=True, eq=False)
class HeldPopulation:
    """Moments (G,) of ability by the anchored items alone, with their standard errors.

    mean, variance  NaN where a group has no response to an anchored item
    held_mean, held_variance  what they were held at, NaN where they were estimated
    """

    mean: FloatArray
    mean_se: FloatArray
    variance: FloatArray
    variance_se: FloatArray
    held_mean: FloatArray
    held_variance: FloatArray

    @property
    def is_off(self) -> BoolArray:
        """(G,) groups whose held mean or variance the anchored items contradict."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.abs(self.mean - self.held_mean) > _NO_CHANCE * self.mean_se
            spread = np.abs(np.log(self.variance / self.held_variance))
            return mean | (spread > _NO_CHANCE * self.variance_se / self.variance)


def held_population(
    responses: Responses,
    models: Sequence[str],
    anchors: ItemParameters,
    population: Population,
    nodes: FloatArray | None = None,
) -> HeldPopulation:
    """Estimate each group with all moments free and the anchored items fixed, by these alone.

    anchors (J,) and nodes as in `calibrate`; population is what the calibration assumed.
    """
    n_groups = population.n_groups
    moments = np.full((4, n_groups), np.nan)
    item = np.flatnonzero(np.isfinite(anchors.discrimination))
    persons, part = _answers_to(responses, item)
    member = population.membership(responses.n_persons)[persons]
    present = np.unique(member)
    if present.size:
        moments[:, present] = _moments(
            part,
            [models[at] for at in item.tolist()],
            anchors.take(item),
            _free(population, present, np.searchsorted(present, member)),
            nodes,
        )
    mean, mean_se, variance, variance_se = moments
    return HeldPopulation(
        mean=mean,
        mean_se=mean_se,
        variance=variance,
        variance_se=variance_se,
        held_mean=np.where(population.free_mean, np.nan, population.mean),
        held_variance=np.where(population.free_variance, np.nan, population.variance),
    )


def _answers_to(responses: Responses, items: IntArray) -> tuple[IntArray, Responses]:
    """The persons who answered one of the items, and their responses to these."""
    person, item, score = responses.long()
    place = np.full(responses.n_items, -1)
    place[items] = np.arange(len(items))
    kept = place[item] >= 0
    persons, number = np.unique(person[kept], return_inverse=True)
    return persons, sparse_responses(
        number,
        place[item[kept]],
        score[kept],
        n_persons=len(persons),
        n_items=len(items),
        n_categories=responses.n_categories[items],
    )


def _free(population: Population, groups: IntArray, member: IntArray) -> Population:
    free = np.ones(len(groups), dtype=bool)
    return replace(
        population,
        mean=population.mean[groups],
        variance=population.variance[groups],
        free_mean=free,
        free_variance=free,
        group=member,
    )


def _moments(
    responses: Responses,
    models: Sequence[str],
    anchors: ItemParameters,
    population: Population,
    nodes: FloatArray | None,
) -> FloatArray:
    """(4, G) mean, its error, variance, its error; NaN where the answers do not hold them."""
    try:
        found = calibrate(responses, models, nodes=nodes, population=population, anchors=anchors)
    except ResponseError:
        return np.full((4, population.n_groups), np.nan)
    moments = np.array(
        [found.group_mean, found.group_mean_se, found.group_variance, found.group_variance_se]
    )
    return moments if found.converged else np.full_like(moments, np.nan)
