"""Items of one family with their priors: the unit in which parameters are estimated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.dichotomous import Logistic, LogisticWithAsymptotes
from irt.calibration.families import Family, NewtonTerms
from irt.calibration.polytomous import Graded, PartialCredit
from irt.calibration.population import UNIT_SLOPE, Normal, Population
from irt.calibration.priors import Prior, Priors
from irt.models.parameters import POLYTOMOUS, WITH_LOWER_ASYMPTOTE, Model
from irt.responses import ResponseError

FIXED = -1


@dataclass(frozen=True, eq=False)
class Block:
    """n items (or groups of persons) of one family, with coordinates x (n, p).

    items   (n,) indices among the J items; for groups, J and on
    rows    (n, K) places of their categories among the C stacked ones
    index   (n, p) place of each coordinate among the block's free parameters; `FIXED` where it is
            not estimated, the same throughout column 0 where the slope is common
    priors  (column of x, prior)
    """

    family: Family
    items: IntArray
    rows: IntArray
    index: IntArray
    priors: tuple[tuple[int, Prior], ...] = ()

    @cached_property
    def free(self) -> BoolArray:
        """(n, p) coordinates that are estimated."""
        return np.asarray(self.index != FIXED)

    @cached_property
    def n_free(self) -> int:
        return int(self.index.max(initial=FIXED)) + 1

    @cached_property
    def has_common_slope(self) -> bool:
        return len(self.index) > 1 and bool((self.index[:, 0] == 0).all())

    def log_prior(self, x: FloatArray) -> FloatArray:
        """(n,) log prior density."""
        return self._sum_of_priors(x, lambda prior, column: prior.log_density(column))

    def newton_terms(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> NewtonTerms:
        """Expected complete-data log-posterior given counts (n, K, Q), with derivatives.

        At the counts' own x the gradient is also that of the marginal log-posterior (Fisher's
        identity). Priors count in the information where they are concave.
        """
        terms = self.family.newton_terms(x, counts, theta)
        value, gradient, information = terms.value, terms.gradient, terms.information
        for column, prior in self.priors:
            share = self._share(column)
            value = value + share * prior.log_density(x[:, column])
            gradient[:, column] += share * prior.gradient(x[:, column])
            curvature = np.maximum(prior.curvature(x[:, column]), 0.0)
            information[:, column, column] += share * curvature
        return NewtonTerms(value, gradient, information)

    def pack(self, x: FloatArray) -> FloatArray:
        """(n_free,) the free parameters of x."""
        flat = np.empty(self.n_free)
        flat[self.index[self.free]] = x[self.free]
        return flat

    def pack_gradient(self, gradient: FloatArray) -> FloatArray:
        """(n_free,) gradient with respect to the free parameters of one by x."""
        flat = np.zeros(self.n_free)
        np.add.at(flat, self.index[self.free], gradient[self.free])
        return flat

    def unpack(self, flat: FloatArray, x: FloatArray) -> FloatArray:
        """x with the free parameters `flat`."""
        result = x.copy()
        result[self.free] = flat[self.index[self.free]]
        return result

    def _share(self, column: int) -> float:
        """A common slope has its prior once, spread over its items."""
        return 1.0 / len(self.index) if column == 0 and self.has_common_slope else 1.0

    def _sum_of_priors(
        self, x: FloatArray, term: Callable[[Prior, FloatArray], FloatArray]
    ) -> FloatArray:
        parts = (self._share(column) * term(prior, x[:, column]) for column, prior in self.priors)
        return sum(parts, np.zeros(len(x)))


def item_blocks(
    models: Sequence[str],
    n_categories: IntArray,
    estimated: BoolArray,
    priors: Priors,
) -> tuple[Block, ...]:
    """Group the `estimated` (J,) items by model and number of categories.

    Raises `ResponseError` for a dichotomous model with more than two categories.
    """
    offsets = np.concatenate([[0], np.cumsum(n_categories)])
    names = np.array(list(models), dtype=str)
    for item in np.flatnonzero(~np.isin(names, POLYTOMOUS) & (n_categories > 2)).tolist():
        raise ResponseError(f"model {models[item]} is for scores 0 and 1", item)
    kinds = sorted(set(zip(names[estimated], n_categories[estimated].tolist(), strict=True)))
    blocks = []
    for model, width in kinds:
        items = np.flatnonzero((names == model) & (n_categories == width) & estimated)
        family = family_of(model, width)
        rows = offsets[items][:, None] + np.arange(width)
        index = _free_index(model, len(items), width + family.n_asymptotes)
        blocks.append(Block(family, items, rows, index, _placed(model, family, priors)))
    return tuple(blocks)


def group_block(population: Population, n_categories: IntArray, nodes: FloatArray) -> Block:
    """The groups of persons as items with one category each, stacked after those of the items."""
    n_items, groups = len(n_categories), np.arange(population.n_groups)
    free = np.column_stack([population.free_mean, population.free_variance])
    index = np.where(free, np.cumsum(free).reshape(free.shape) - 1, FIXED)
    rows = int(n_categories.sum()) + groups[:, None]
    family = Normal(lowest=float(nodes[0]), highest=float(nodes[-1]))
    return Block(family, n_items + groups, rows, index)


def family_of(model: str, n_categories: int) -> Family:
    """The family of an item; categories count for polytomous items alone."""
    if model == Model.GRADED:
        return Graded(n_categories)
    if model in POLYTOMOUS:
        return PartialCredit(n_categories)
    if model in WITH_LOWER_ASYMPTOTE:
        return LogisticWithAsymptotes(2 if model == Model.FOUR_PL else 1)
    return Logistic()


def _free_index(model: str, n_items: int, size: int) -> IntArray:
    if model in UNIT_SLOPE:
        index = np.arange(n_items * (size - 1)).reshape(n_items, size - 1)
        return np.pad(index, ((0, 0), (1, 0)), constant_values=FIXED)
    if model == Model.ONE_PL:
        return np.column_stack([np.zeros(n_items, dtype=np.int64), 1 + np.arange(n_items)])
    return np.arange(n_items * size).reshape(n_items, size)


def _placed(model: str, family: Family, priors: Priors) -> tuple[tuple[int, Prior], ...]:
    slope_has_prior = model not in UNIT_SLOPE and (
        priors.every_slope or model in WITH_LOWER_ASYMPTOTE
    )
    asymptotes = (priors.lower_asymptote, priors.upper_asymptote)[: family.n_asymptotes]
    placed = ((0, priors.discrimination if slope_has_prior else None), *enumerate(asymptotes, 2))
    return tuple((column, prior) for column, prior in placed if prior is not None)
