"""Items of one model with their priors: the unit in which parameters are estimated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.population import Normal, Population
from irt.calibration.priors import Prior, Priors
from irt.models.coordinates import CoordinateSystem, NewtonTerms
from irt.models.parameters import Model, Slope
from irt.responses import ResponseError

FIXED = -1


@dataclass(frozen=True, eq=False)
class Block:
    """n items (or groups of persons) in one coordinate system, at x (n, p).

    items   (n,) indices among the J items; for groups, J and on
    rows    (n, K) places of their categories among the C stacked ones
    index   (n, p) place of each coordinate among the block's free parameters; `FIXED` where it is
            not estimated, the same throughout column 0 where the slope is common
    priors  (column of x, prior)
    """

    coordinates: CoordinateSystem
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
        terms = self.coordinates.newton_terms(x, counts, theta)
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

    Raises `ResponseError` for an unknown model, and for a dichotomous one with more than two
    categories.
    """
    _check(models, n_categories)
    offsets = np.concatenate([[0], np.cumsum(n_categories)])
    names = np.array(list(models), dtype=str)
    kinds = sorted(set(zip(names[estimated], n_categories[estimated].tolist(), strict=True)))
    blocks = []
    for name, width in kinds:
        items = np.flatnonzero((names == name) & (n_categories == width) & estimated)
        model = Model(name)
        coordinates = model.coordinates(width)
        rows = offsets[items][:, None] + np.arange(width)
        index = _free_index(model.slope, len(items), len(coordinates.names))
        places = coordinates.names.index
        held = tuple((places(name), prior) for name, prior in priors.of_model(model))
        blocks.append(Block(coordinates, items, rows, index, held))
    return tuple(blocks)


def group_block(population: Population, n_categories: IntArray, nodes: FloatArray) -> Block:
    """The groups of persons as items with one category each, stacked after those of the items."""
    n_items, groups = len(n_categories), np.arange(population.n_groups)
    free = np.column_stack([population.free_mean, population.free_variance])
    index = np.where(free, np.cumsum(free).reshape(free.shape) - 1, FIXED)
    rows = int(n_categories.sum()) + groups[:, None]
    normal = Normal(lowest=float(nodes[0]), highest=float(nodes[-1]))
    return Block(normal, n_items + groups, rows, index)


def _check(models: Sequence[str], n_categories: IntArray) -> None:
    for item, (name, width) in enumerate(zip(models, n_categories.tolist(), strict=True)):
        try:
            model = Model(name)
        except ValueError as error:
            raise ResponseError(str(error), item) from None
        if width > 2 and not model.is_polytomous:
            raise ResponseError(f"model {model} is for scores 0 and 1", item)


def _free_index(slope: Slope, n_items: int, size: int) -> IntArray:
    if slope is Slope.FREE:
        return np.arange(n_items * size).reshape(n_items, size)
    others = np.arange(n_items * (size - 1)).reshape(n_items, size - 1)
    if slope is Slope.UNIT:
        return np.pad(others, ((0, 0), (1, 0)), constant_values=FIXED)
    return np.pad(1 + others, ((0, 0), (1, 0)))
