"""S-X2: observed and expected answers at each summed score (Orlando & Thissen 2000, 2003).

For dichotomous items and, with cells merged across categories, for polytomous ones (Kang & Chen
2008). Needs persons who answered every item; in adaptive data summed scores mean nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.blocks import item_blocks
from irt.calibration.priors import Priors
from irt.fit.chi_square import rmsea, upper_tail
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitStatus, FittedModel
from irt.fit.rest_scores import rest_scores
from irt.fit.score_matrices import answered_items, complete_score_matrices
from irt.fit.sparse_cells import merge_sparse_cells
from irt.models.curves import category_probabilities
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class SX2:
    """S-X2 of J items.

    statistic, df, p, rmsea (J,), NaN (df 0) where status (J,) is not "ok". n_persons answered every
    item that has parameters and responses; nobody else counts.
    """

    statistic: FloatArray
    df: IntArray
    p: FloatArray
    rmsea: FloatArray
    status: NDArray[np.str_]
    n_persons: int


def s_x2(responses: Responses, model: Fitted, *, minimum_expected: float = 1.0) -> SX2:
    """S-X2 of each item with its p-value and RMSEA.

    Summed scores 0 and the highest are left out, cells with an expected frequency below
    `minimum_expected` are merged (see `merge_sparse_cells`). Degrees of freedom are cells minus
    rows minus the item's estimated parameters and the group's free moments. Several groups have
    each a table of its own, of the items that anybody of the group answered, and the statistic is
    their sum; their moments are not paid for: given the sum they hardly matter, and twice as many
    items would be rejected. Raises `FitError` where responses and model do not fit together.
    """
    model.check(responses)
    answered = answered_items(responses)
    statistic = np.zeros(responses.n_items)
    df = np.zeros(responses.n_items, dtype=np.int64)
    n_persons = 0
    for own, of_group in model.parts(responses):
        usable = answered_items(own) & of_group.has_parameters
        observed, n_own = _observed(own, usable)
        n_persons += n_own
        items = np.flatnonzero(usable)
        for place, expected in _expected(of_group, items) if n_own else ():
            table = observed[place]
            merged = merge_sparse_cells(
                table, expected * table.sum(axis=1, keepdims=True), minimum_expected
            )
            chi_square, n_free_cells = _chi_square(*merged)
            statistic[items[place]] += chi_square
            df[items[place]] += n_free_cells
    n_free = _free_parameters(model, responses.n_categories)
    if isinstance(model, FittedModel):
        n_free += model.n_free_moments
    df = np.maximum(df - n_free, 0)
    statistic[df == 0] = np.nan
    status = _status(model, answered, n_persons, df)
    return SX2(
        statistic,
        df,
        upper_tail(statistic, df),
        rmsea(statistic, df, n_persons),
        status,
        n_persons,
    )


def _free_parameters(model: Fitted, n_categories: IntArray) -> IntArray:
    """(J,) how many parameters of each item were estimated; a common slope counts for each."""
    free = np.zeros(len(n_categories), dtype=np.int64)
    estimated = model.estimated & model.has_parameters
    for block in item_blocks(model.parameters.model.tolist(), n_categories, estimated, Priors()):
        free[block.items] = block.free.sum(axis=1)
    return free


def _observed(responses: Responses, items: BoolArray) -> tuple[list[FloatArray], int]:
    """For each of the `items` (S - 1, K_j) persons by summed score 1, ..., S - 1 and category."""
    n_categories = responses.n_categories[items]
    n_sums, n_cells = int((n_categories - 1).sum()) + 1, int(n_categories.sum())
    first = np.concatenate([[0], np.cumsum(n_categories)])
    counts, n_persons = np.zeros(n_sums * n_cells), 0
    for scores in complete_score_matrices(responses, items):
        total = scores.sum(axis=1, dtype=np.int64)
        cell = total[:, None] * n_cells + first[:-1] + scores
        counts += np.bincount(cell.ravel(), minlength=len(counts))
        n_persons += len(scores)
    inner = counts.reshape(n_sums, n_cells)[1:-1]
    return np.split(inner, first[1:-1], axis=1), n_persons


def _expected(model: FittedModel, items: IntArray) -> Iterator[tuple[int, FloatArray]]:
    """The place of each item with (S - 1, K_j) P(X_j = k | sum = s); NaN where k cannot be."""
    parameters = model.parameters.take(items)
    curves = category_probabilities(parameters, model.nodes)
    categories = [own[:width] for own, width in zip(curves, parameters.n_categories, strict=True)]
    for place, rest in rest_scores(categories):
        joint = rest @ (categories[place] * model.ability.weights).T
        n_rest, width = joint.shape
        table = np.full((n_rest + width - 1, width), np.nan)
        for category in range(width):
            table[category : category + n_rest, category] = joint[:, category]
        total = np.nansum(table, axis=1, keepdims=True)
        reached = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
        yield place, reached[1:-1]


def _chi_square(observed: FloatArray, expected: FloatArray) -> tuple[float, int]:
    """The statistic, and its cells minus its rows."""
    cells = expected > 0
    deviation = observed[cells] - expected[cells]
    return float((deviation**2 / expected[cells]).sum()), int(cells.sum()) - len(expected)


def _status(model: Fitted, answered: BoolArray, n_persons: int, df: IntArray) -> NDArray[np.str_]:
    status = np.full(len(df), FitStatus.OK.value, dtype="U21")
    status[df == 0] = FitStatus.NO_DEGREES_OF_FREEDOM
    if n_persons == 0:
        status[:] = FitStatus.TOO_FEW_PERSONS
    status[~answered] = FitStatus.NO_RESPONSES
    status[~model.has_parameters] = FitStatus.NO_PARAMETERS
    return status
