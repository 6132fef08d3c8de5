"""The multiple-group model with items that have parameters of their own in each group.

A freed item becomes one item a group, to which the responses of the others are missing (Bock &
Zimowski 1997).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population, standard_population
from irt.calibration.result import Calibration, ItemStatus
from irt.dif.tables import group_counts
from irt.models.curves import expected_score
from irt.models.parameters import ItemParameters
from irt.quadrature import normal_weights
from irt.responses import MISSING, DenseResponses, Responses, dense_responses, sparse_responses

# What has no estimate in `Calibration.parameters`, or none that could be compared.
_UNUSABLE = (ItemStatus.EMPTY_CATEGORY, ItemStatus.STEEP, ItemStatus.UNDETERMINED)


@dataclass(frozen=True, eq=False)
class GroupedData:
    """Responses with the models (J,) of their items and the group (N,) of each person."""

    responses: Responses
    models: Sequence[str]
    group: IntArray
    n_groups: int

    def counts(self) -> FloatArray:
        """(J, G, K) responses by item, group and category."""
        return group_counts(self.responses, self.group, self.n_groups)


@dataclass(frozen=True, eq=False)
class GroupFit:
    """A calibration in which item j of group g is its item columns[j, g]; columns (J, G)."""

    calibration: Calibration
    columns: IntArray

    def parameters(self, group: int) -> ItemParameters:
        """The J items as they are in one group."""
        return self.calibration.parameters.take(self.columns[:, group])

    @property
    def usable(self) -> BoolArray:
        """(J,) items with finite, sensible parameters in all groups."""
        unusable = np.isin(self.calibration.status, _UNUSABLE)
        return np.asarray(~unusable[self.columns].any(axis=1))


def score_differences(
    parameters: Sequence[ItemParameters], mean: FloatArray, variance: FloatArray, nodes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Signed and unsigned item difference (G - 1, J) in the focal population (Meade 2010).

    The mean over each focal group's ability, normal with mean and variance (G,), of the expected
    score at its parameters less that at the reference's, in score points, and the mean of its size.
    parameters are G sets of J items; the difference is NaN where a set lacks them.
    """
    slopes = np.array([part.discrimination for part in parameters])
    known = np.asarray(np.isfinite(slopes).all(axis=0))
    expected = np.array([expected_score(part.take(known), nodes) for part in parameters])
    gap = expected[1:] - expected[0]
    moments = zip(mean[1:].tolist(), np.sqrt(variance[1:]).tolist(), strict=True)
    weights = np.array([normal_weights(nodes, *moment) for moment in moments])[:, :, None]
    signed, unsigned = np.full((2, len(gap), len(known)), np.nan)
    signed[:, known] = (gap @ weights)[:, :, 0]
    unsigned[:, known] = (np.abs(gap) @ weights)[:, :, 0]
    return signed, unsigned


def fit_groups(
    data: GroupedData,
    freed: BoolArray,
    *,
    start: GroupFit | None = None,
    population: Population | None = None,
    nodes: FloatArray | None = None,
    with_covariance: bool = False,
) -> GroupFit:
    """Calibrate with the items that `freed` (J,) marks free in each group, the others alike.

    The reference group sets the scale and the moments of the others are estimated, unless a
    population is given. Raises `ResponseError` as `calibrate` does.
    """
    columns = _columns(freed, data.n_groups)
    owner = np.empty(columns.max() + 1, dtype=np.int64)
    owner[columns] = np.arange(len(columns))[:, None]
    models = [data.models[item] for item in owner.tolist()]
    calibration = calibrate(
        _split(data, columns, owner),
        models,
        nodes=nodes,
        population=population or _population(data, start),
        start=None if start is None else _start(start, columns, owner),
        with_standard_errors=with_covariance,
        with_covariance=with_covariance,
    )
    return GroupFit(calibration, columns)


def _columns(freed: BoolArray, n_groups: int) -> IntArray:
    """(J, G): an item keeps its place in the reference group, freed ones get more at the end."""
    columns = np.repeat(np.arange(len(freed))[:, None], n_groups, axis=1)
    added = np.arange(freed.sum() * (n_groups - 1)).reshape(-1, n_groups - 1)
    columns[freed, 1:] = len(freed) + added
    return columns


def _split(data: GroupedData, columns: IntArray, owner: IntArray) -> Responses:
    responses = data.responses
    if len(owner) == responses.n_items:
        return responses
    person, item, score = responses.long()
    own = columns[item, data.group[person]]
    categories = responses.n_categories[owner]
    if isinstance(responses, DenseResponses):
        scores = np.full((responses.n_persons, len(owner)), MISSING, dtype=np.int8)
        scores[person, own] = score
        return dense_responses(scores, categories)
    return sparse_responses(
        person,
        own,
        score,
        n_persons=responses.n_persons,
        n_items=len(owner),
        n_categories=categories,
    )


def _population(data: GroupedData, start: GroupFit | None) -> Population:
    population = standard_population(data.models, group=data.group)
    if start is None:
        return population
    return replace(
        population, mean=start.calibration.group_mean, variance=start.calibration.group_variance
    )


def _start(start: GroupFit, columns: IntArray, owner: IntArray) -> ItemParameters:
    """Parameters of the earlier fit for the columns of the next one."""
    source = np.empty(len(owner), dtype=np.int64)
    # The reference comes last: a column that all groups share starts from its parameters.
    source[columns[:, ::-1]] = start.columns[:, ::-1]
    return start.calibration.parameters.take(source)
