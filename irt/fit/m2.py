"""M2: fit of the whole model to the first- and second-order margins.

Maydeu-Olivares & Joe (2006) for dichotomous items; for polytomous ones M2*, with margins of scores
in the place of those of categories (Cai & Hansen 2013).
"""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.calibration.blocks import Block, item_blocks
from irt.calibration.population import Normal
from irt.calibration.priors import Priors
from irt.fit.chi_square import rmsea, rmsea_interval, upper_tail
from irt.fit.fitted_model import FitError, FittedModel
from irt.fit.margins import Margins, quadratic_form
from irt.fit.score_matrices import answered_items, complete_score_matrices
from irt.models.category_sums import score_moments
from irt.models.curves import category_probabilities
from irt.responses import Responses

# The covariance of the margins of so many items takes a gigabyte.
MAX_ITEMS = 150


@dataclass(frozen=True, eq=False)
class M2:
    """M2 of a model and what is derived from it.

    statistic, df, p; rmsea with its 90% interval; srmsr, the root mean square of the
    residual_correlations (I, I) of pairs, observed minus expected; cfi and tli against the model of
    independent items, whose M2 is null_statistic with null_df. items (J,) tells the I items that
    took part, n_persons how many answered them all.
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


def m2(responses: Responses, model: FittedModel) -> M2:
    """M2 of the items with parameters and responses, from the persons who answered all of these.

    The margins' residuals are weighted by their covariance, less what estimation took out: one
    degree of freedom for each direction in which the estimated parameters and moments move the
    margins. Priors do not change it. Raises `FitError` where responses and model do not fit
    together, nobody answered every item, an item has constant scores, or no degrees of freedom are
    left.
    """
    model.check(responses)
    items = answered_items(responses) & model.has_parameters
    observed, n_persons = _observed(responses, items)
    margins = _margins(model, items)
    first, second = margins.pairs
    residual = observed[first, second] - margins.expected
    statistic, df = quadratic_form(margins, _derivative(model, margins, items), residual, n_persons)
    if df <= 0:
        raise FitError(
            f"M2 has no degrees of freedom: {len(residual)} margins of {items.sum()} items cannot "
            "tell as many estimated parameters; it takes more items"
        )
    correlations = _correlations(observed) - _correlations(_second_moments(margins))
    null_statistic, null_df = _independence(observed, n_persons)
    lower, upper = rmsea_interval(statistic, df, n_persons)
    return M2(
        statistic=statistic,
        df=df,
        p=float(upper_tail(statistic, df)),
        rmsea=float(rmsea(statistic, df, n_persons)),
        rmsea_lower=lower,
        rmsea_upper=upper,
        srmsr=float(np.sqrt(np.mean(correlations[np.triu_indices(len(correlations), 1)] ** 2))),
        cfi=_cfi(statistic - df, null_statistic - null_df),
        tli=(null_statistic / null_df - statistic / df) / (null_statistic / null_df - 1.0),
        null_statistic=null_statistic,
        null_df=null_df,
        residual_correlations=correlations,
        items=items,
        n_persons=n_persons,
    )


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
    if n_persons == 0:
        raise FitError("M2 needs persons who answered every item, and there are none")
    products /= n_persons
    variance = np.diagonal(products) - products[0] ** 2
    for place in np.flatnonzero(variance[1:] * n_persons <= 0.5 * (1 - 1 / n_persons)).tolist():
        item = int(np.flatnonzero(items)[place])
        raise FitError(f"item {item}: everybody has the same score; leave it out to compute M2")
    return products, n_persons


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


def _derivative(model: FittedModel, margins: Margins, items: BoolArray) -> FloatArray:
    """(S, P) derivatives of the expected margins with respect to what was estimated."""
    place = np.cumsum(items)
    parameters = model.parameters
    blocks = item_blocks(
        parameters.model.tolist(), parameters.n_categories, model.estimated & items, Priors()
    )
    columns = []
    for block in blocks:
        own = np.zeros((len(margins.expected), block.n_free))
        slopes = _slopes_of_means(block, model)
        for item, index, of_mean in zip(block.items, block.index, slopes, strict=True):
            free = index >= 0
            rows, values = margins.derivative(int(place[item]), of_mean[free])
            own[rows[:, None], index[free]] += values
        columns.append(own)
    moments = np.array([[model.mean, model.variance]])
    normal = Normal()
    scores = normal.scores(normal.from_irt(moments), model.nodes)[0, :, 0]
    columns.append(margins.derivative_of_weights(scores[[model.free_mean, model.free_variance]]))
    return np.concatenate(columns, axis=1)


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


def _cfi(excess: float, null_excess: float) -> float:
    """1 - max(0, M2 - df) over the same of the independent items (Bentler 1990)."""
    if excess <= 0.0:
        return 1.0
    return max(0.0, 1.0 - excess / null_excess) if null_excess > 0.0 else 0.0
