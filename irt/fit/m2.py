"""M2: fit of the whole model to the first- and second-order margins.

Maydeu-Olivares & Joe (2006) for dichotomous items; for polytomous ones M2*, with margins of scores
in the place of those of categories (Cai & Hansen 2013). Of several groups, margins by group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.calibration.blocks import Block, item_blocks
from irt.calibration.population import Normal
from irt.calibration.priors import Priors
from irt.fit.chi_square import rmsea, rmsea_interval, upper_tail
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitError, FittedModel
from irt.fit.margins import MarginResiduals, Margins, quadratic_form, quadratic_form_of_groups
from irt.fit.score_matrices import answered_items, complete_score_matrices
from irt.models.category_sums import score_moments
from irt.models.curves import category_probabilities
from irt.responses import Responses

# The covariance of the margins of so many items takes a gigabyte.
MAX_ITEMS = 150

# Of several groups one with fewer persons does not count: the margins of so few are not normal.
FEWEST_IN_A_GROUP = 50


@dataclass(frozen=True, eq=False)
class M2:
    """M2 of a model and what is derived from it.

    statistic, df, p; rmsea with its 90% interval, of G groups sqrt(G) times the root mean square
    misfit of one (Steiger 1998); srmsr, the root mean square of the residual_correlations (I, I) of
    pairs, observed minus expected, of groups their mean weighted by persons; cfi and tli against
    the model of independent items, whose M2 is null_statistic with null_df. items (J,) tells the I
    items that took part, n_persons how many answered all that their group answered, n_groups how
    many groups these are of.
    """

    statistic: float
    df: int
    p: float
    rmsea: float
    rmsea_lower: float
    rmsea_upper: float
    srmsr: float
    cfi: float
    tli: float
    null_statistic: float
    null_df: int
    residual_correlations: FloatArray
    items: BoolArray
    n_persons: int
    n_groups: int = 1


@dataclass(frozen=True, eq=False)
class _Part:
    """The I items of one group: observed (I + 1, I + 1) and expected margins of n_persons."""

    model: FittedModel
    items: BoolArray
    observed: FloatArray
    margins: Margins
    n_persons: int

    @property
    def residual(self) -> FloatArray:
        return np.asarray(self.observed[self.margins.pairs] - self.margins.expected)

    @property
    def residual_correlations(self) -> FloatArray:
        """(I, I)."""
        return _correlations(self.observed) - _correlations(_second_moments(self.margins))


def m2(responses: Responses, model: Fitted) -> M2:
    """M2 of the items with parameters and responses, from the persons who answered all of these.

    The margins' residuals are weighted by their covariance, less what estimation took out: one
    degree of freedom for each direction in which the estimated parameters and moments move the
    margins. Priors do not change it. Several groups have each its own margins, of the items that
    anybody of the group answered; groups with fewer than `FEWEST_IN_A_GROUP` such persons do not
    count, nor items on which a group has one score. Raises `FitError` where responses and model do
    not fit together, nobody answered every item, an item has constant scores, or no degrees of
    freedom are left.
    """
    model.check(responses)
    parts = _parts(responses, model)
    statistic, df = quadratic_form_of_groups(_residuals(parts))
    items, n_persons = _union(parts), sum(part.n_persons for part in parts)
    if df <= 0:
        n_margins = sum(len(part.residual) for part in parts)
        raise FitError(
            f"M2 has no degrees of freedom: {n_margins} margins of {items.sum()} items cannot "
            "tell as many estimated parameters; it takes more items"
        )
    null = [_independence(part.observed, part.n_persons) for part in parts]
    null_statistic, null_df = sum(own for own, _ in null), sum(own for _, own in null)
    of_groups = len(parts) ** 0.5
    lower, upper = rmsea_interval(statistic, df, n_persons)
    return M2(
        statistic=statistic,
        df=df,
        p=float(upper_tail(statistic, df)),
        rmsea=of_groups * float(rmsea(statistic, df, n_persons)),
        rmsea_lower=of_groups * lower,
        rmsea_upper=of_groups * upper,
        srmsr=_srmsr(parts),
        cfi=_cfi(statistic - df, null_statistic - null_df),
        tli=(null_statistic / null_df - statistic / df) / (null_statistic / null_df - 1.0),
        null_statistic=null_statistic,
        null_df=null_df,
        residual_correlations=_mean_correlations(parts, items),
        items=items,
        n_persons=n_persons,
        n_groups=len(parts),
    )


def _parts(responses: Responses, model: Fitted) -> list[_Part]:
    """The groups that count. Raises `FitError` where none does."""
    groups = list(model.parts(responses))
    if len(groups) == 1:
        return [_only_part(*groups[0])]
    parts = [part for group in groups if (part := _part_of_several(*group))]
    if not parts:
        raise FitError(
            f"M2 of several groups needs one with {FEWEST_IN_A_GROUP} persons who answered every "
            "item that anybody of the group answered, and there is none"
        )
    return parts


def _only_part(responses: Responses, model: FittedModel) -> _Part:
    items = answered_items(responses) & model.has_parameters
    observed, n_persons = _observed(responses, items)
    if n_persons == 0:
        raise FitError("M2 needs persons who answered every item, and there are none")
    for place in np.flatnonzero(_is_constant(observed, n_persons)).tolist():
        item = int(np.flatnonzero(items)[place])
        raise FitError(f"item {item}: everybody has the same score; leave it out to compute M2")
    return _Part(model, items, observed, _margins(model, items), n_persons)


def _part_of_several(responses: Responses, model: FittedModel) -> _Part | None:
    """The items that vary in the group; None where persons or items are too few."""
    items = answered_items(responses) & model.has_parameters
    if items.sum() < 2:
        return None
    observed, n_persons = _observed(responses, items)
    if n_persons < FEWEST_IN_A_GROUP:
        return None
    varies = ~_is_constant(observed, n_persons)
    if varies.sum() < 2:
        return None
    kept = np.concatenate([[True], varies])
    items[items] = varies
    return _Part(model, items, observed[np.ix_(kept, kept)], _margins(model, items), n_persons)


def _observed(responses: Responses, items: BoolArray) -> tuple[FloatArray, int]:
    """(I + 1, I + 1) mean products of the scores, the constant first, and how many persons."""
    n_items = int(items.sum())
    if not 2 <= n_items <= MAX_ITEMS:
        raise FitError(
            f"M2 takes 2 to {MAX_ITEMS} items with parameters and responses, not {n_items}"
        )
    products, n_persons = np.zeros((n_items + 1, n_items + 1)), 0
    for scores in complete_score_matrices(responses, items):
        with_constant = np.column_stack([np.ones(len(scores)), scores.astype(float)])
        products += with_constant.T @ with_constant
        n_persons += len(scores)
    return products / max(n_persons, 1), n_persons


def _is_constant(observed: FloatArray, n_persons: int) -> BoolArray:
    """(I,) items on which everybody has the same score."""
    variance = np.diagonal(observed) - observed[0] ** 2
    return np.asarray(variance[1:] * n_persons <= 0.5 * (1 - 1 / n_persons))


def _margins(model: FittedModel, items: BoolArray) -> Margins:
    probability = category_probabilities(model.parameters.take(np.flatnonzero(items)), model.nodes)
    mean = np.einsum("k,jkq->jq", np.arange(float(probability.shape[1])), probability)
    variance = score_moments(probability)[1]
    constant = np.ones((1, len(model.nodes)))
    return Margins(
        np.concatenate([constant, mean]),
        np.concatenate([0.0 * constant, variance]),
        model.ability.weights,
    )


def _residuals(parts: Sequence[_Part]) -> list[MarginResiduals]:
    """Of each part, with the derivatives by all that was estimated: items, then moments."""
    blocks = _estimated_blocks(parts)
    by_items = [_by_parameters(part, blocks) for part in parts]
    by_moments = [_by_moments(part) for part in parts]
    residuals = []
    for own, part in enumerate(parts):
        moments = [
            by_moments[own] if at == own else np.zeros((len(part.residual), other.shape[1]))
            for at, other in enumerate(by_moments)
        ]
        derivative = np.concatenate([by_items[own], *moments], axis=1)
        residuals.append(MarginResiduals(part.margins, derivative, part.residual, part.n_persons))
    return residuals


def _estimated_blocks(parts: Sequence[_Part]) -> tuple[Block, ...]:
    """The items of any part whose parameters were estimated."""
    model = parts[0].model
    names, widths = model.parameters.model.tolist(), model.parameters.n_categories
    return item_blocks(names, widths, model.estimated & _union(parts), Priors())


def _union(parts: Sequence[_Part]) -> BoolArray:
    """(J,) the items of any part."""
    return np.asarray(np.any([part.items for part in parts], axis=0))


def _by_parameters(part: _Part, blocks: Sequence[Block]) -> FloatArray:
    """(S, P) derivatives of the expected margins with respect to the items' parameters."""
    place, margins = np.cumsum(part.items), part.margins
    columns = [np.zeros((len(margins.expected), 0))]
    for block in blocks:
        own = np.zeros((len(margins.expected), block.n_free))
        slopes = _slopes_of_means(block, part.model)
        for item, index, of_mean in zip(block.items, block.index, slopes, strict=True):
            if part.items[item]:
                free = index >= 0
                rows, values = margins.derivative(int(place[item]), of_mean[free])
                own[rows[:, None], index[free]] += values
        columns.append(own)
    return np.concatenate(columns, axis=1)


def _by_moments(part: _Part) -> FloatArray:
    """(S, p) derivatives with respect to those moments of ability that were estimated."""
    model, normal = part.model, Normal()
    moments = normal.from_irt(np.array([[model.mean, model.variance]]))
    scores = normal.scores(moments, model.nodes)[0, :, 0]
    return part.margins.derivative_of_weights(scores[[model.free_mean, model.free_variance]])


def _slopes_of_means(block: Block, model: FittedModel) -> FloatArray:
    """(n, p, Q) derivatives of the expected scores with respect to a block's coordinates."""
    system, nodes = block.coordinates, model.nodes
    x = system.from_irt(system.irt_of(model.parameters.take(block.items)))
    by_category = system.scores(x, nodes) * np.exp(system.log_probabilities(x, nodes))[:, None]
    scores = np.arange(float(system.n_categories))
    return np.asarray(np.einsum("k,npkq->npq", scores, by_category))


def _independence(observed: FloatArray, n_persons: int) -> tuple[float, int]:
    """The statistic and degrees of freedom of independent items with the observed margins."""
    mean = observed[0][:, None]
    variance = np.diagonal(observed)[:, None] - mean**2
    variance[0] = 0.0
    margins = Margins(mean, variance, np.ones(1))
    derivative = np.zeros((len(margins.expected), len(mean) - 1))
    for item in range(1, len(mean)):
        rows, values = margins.derivative(item, np.ones((1, 1)))
        derivative[rows, item - 1] = values[:, 0]
    residual = observed[margins.pairs] - margins.expected
    return quadratic_form(margins, derivative, residual, n_persons)


def _second_moments(margins: Margins) -> FloatArray:
    """(I + 1, I + 1) expected products, squares on the diagonal."""
    moments = (margins.mean * margins.weights) @ margins.mean.T
    moments[np.diag_indices(len(moments))] += margins.variance @ margins.weights
    return np.asarray(moments)


def _correlations(moments: FloatArray) -> FloatArray:
    """(I, I) of the items, given (I + 1, I + 1) moments with the constant first."""
    covariance = moments[1:, 1:] - np.outer(moments[0, 1:], moments[0, 1:])
    deviation = np.sqrt(np.diagonal(covariance))
    return np.asarray(covariance / np.outer(deviation, deviation))


def _srmsr(parts: Sequence[_Part]) -> float:
    """Over the pairs of each part, every part by its persons."""
    squares = [
        np.mean(part.residual_correlations[np.triu_indices(int(part.items.sum()), 1)] ** 2)
        for part in parts
    ]
    return float(np.sqrt(np.average(squares, weights=[part.n_persons for part in parts])))


def _mean_correlations(parts: Sequence[_Part], items: BoolArray) -> FloatArray:
    """(I, I) residual correlations of `items`, NaN for pairs that no part has."""
    total, persons = np.zeros((2, len(items), len(items)))
    for part in parts:
        own = np.ix_(part.items, part.items)
        total[own] += part.n_persons * part.residual_correlations
        persons[own] += part.n_persons
    mean = np.divide(total, persons, out=np.full_like(total, np.nan), where=persons > 0)
    return np.asarray(mean[np.ix_(items, items)])


def _cfi(excess: float, null_excess: float) -> float:
    """1 - max(0, M2 - df) over the same of the independent items (Bentler 1990)."""
    if excess <= 0.0:
        return 1.0
    return max(0.0, 1.0 - excess / null_excess) if null_excess > 0.0 else 0.0
