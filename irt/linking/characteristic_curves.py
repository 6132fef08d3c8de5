"""Linking by characteristic curves: Haebara (1980), Stocking & Lord (1983).

Both minimise a weighted sum, over a grid of abilities, of squared differences between what the two
scales say. Haebara compares item by item and category by category, Stocking & Lord the expected
score on all items; polytomous and mixed items as in Kim & Lee (2006), each category with weight 1.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from irt.arrays import FloatArray
from irt.linking.common_items import CommonItems, LinkingError
from irt.linking.curve_comparison import CurveComparison, ItemCurves, TestCurve
from irt.linking.link import EstimatedLink, Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid, normal_grid

# Least squares stops where no step changes anything in double precision.
_EXACT = 1e-15


class Direction(StrEnum):
    """Where the curves are compared: on the target scale at abilities of its population, on the
    source scale at abilities of that one, or on both with the two sums added, so that exchanging
    the scales inverts the link.
    """

    TARGET = "target"
    SOURCE = "source"
    SYMMETRIC = "symmetric"


def haebara(
    target: ItemParameters,
    source: ItemParameters,
    *,
    direction: Direction = Direction.SYMMETRIC,
    target_grid: Grid | None = None,
    source_grid: Grid | None = None,
    slope: float | None = None,
    among: ArrayLike | None = None,
) -> EstimatedLink:
    """Minimise sum_q w_q sum_jk (P_jk target - P_jk linked)^2 (Haebara 1980).

    target_grid and source_grid are abilities on either scale, weighted by its population; default
    N(0, 1) on 61 nodes over -6..6. With a `slope` only the shift is estimated, with 1 as Rasch and
    PCM items ask for. among (J,) bool says which items may link, default all.

    Raises `LinkingError` when the items differ in number, fewer than two may link, or there is no
    minimum.
    """
    items = CommonItems.match(target, source, among)
    grids = target_grid or normal_grid(), source_grid or normal_grid()
    return _minimize(items, _comparisons(ItemCurves, items, direction, grids), slope)


def stocking_lord(
    target: ItemParameters,
    source: ItemParameters,
    *,
    direction: Direction = Direction.SYMMETRIC,
    target_grid: Grid | None = None,
    source_grid: Grid | None = None,
    slope: float | None = None,
    among: ArrayLike | None = None,
) -> EstimatedLink:
    """Minimise sum_q w_q (sum_j E_j target - sum_j E_j linked)^2, E_j the expected item score.

    Stocking & Lord (1983). Arguments and errors as `haebara`.
    """
    items = CommonItems.match(target, source, among)
    grids = target_grid or normal_grid(), source_grid or normal_grid()
    return _minimize(items, _comparisons(TestCurve, items, direction, grids), slope)


def _comparisons(
    kind: type[CurveComparison],
    items: CommonItems,
    direction: Direction,
    grids: tuple[Grid, Grid],
) -> list[CurveComparison]:
    chosen = np.flatnonzero(items.used)
    target, source = items.target.take(chosen), items.source.take(chosen)
    both = {
        Direction.TARGET: kind(target, source, grids[0], inverted=False),
        Direction.SOURCE: kind(source, target, grids[1], inverted=True),
    }
    return list(both.values()) if direction == Direction.SYMMETRIC else [both[direction]]


def _minimize(
    items: CommonItems, comparisons: Sequence[CurveComparison], slope: float | None
) -> EstimatedLink:
    """Levenberg-Marquardt in (log A, B), or in B where the slope is given."""

    def link_at(x: FloatArray) -> Link:
        return Link(float(np.exp(x[0])) if slope is None else slope, float(x[-1]))

    def residuals(x: FloatArray) -> FloatArray:
        link = link_at(x)
        return np.concatenate([part.residuals(link).ravel() for part in comparisons])

    def jacobian(x: FloatArray) -> FloatArray:
        link = link_at(x)
        by_link = np.concatenate(
            [part.jacobian(link).reshape(2, -1) for part in comparisons], axis=1
        ).T
        return by_link * [link.slope, 1.0] if slope is None else by_link[:, 1:]

    starts = [
        np.array([link.intercept] if slope else [np.log(link.slope), link.intercept])
        for link in _starting_links(items, slope)
    ]
    best = min(starts, key=lambda x: float((residuals(x) ** 2).sum()))
    found = least_squares(
        residuals, best, jacobian, method="lm", ftol=_EXACT, xtol=_EXACT, gtol=_EXACT
    )
    if not (found.success and np.isfinite(found.x).all()):
        raise LinkingError("the curves of the common items determine no link")
    return _attach_gradients(items, comparisons, link_at(found.x), is_shift=slope is not None)


def _starting_links(items: CommonItems, slope: float | None) -> list[Link]:
    links: list[Link] = [mean_mean(items.target, items.source, slope=slope, among=items.used)]
    if slope is None:
        try:
            links.append(mean_sigma(items.target, items.source, among=items.used))
        except LinkingError:  # items of one difficulty: their slopes link
            return links
    return links


def _attach_gradients(
    items: CommonItems, comparisons: Sequence[CurveComparison], link: Link, *, is_shift: bool
) -> EstimatedLink:
    """Implicit differentiation of the minimum (Ogasawara 2001).

    With residuals r, d(A, B)/dp = -(J'J)^-1 J' dr/dp, J = dr/d(A, B): terms of the size of the
    residuals, which vanish with growing samples, are left out.
    """
    chosen = np.flatnonzero(items.used)
    shape = (2, items.target.n_items, items.target.difficulty.shape[1] + 3)
    target_cross, source_cross, normal = np.zeros(shape), np.zeros(shape), np.zeros((2, 2))
    for part in comparisons:
        jacobian = part.jacobian(link)
        flat = jacobian.reshape(2, -1)
        normal += flat @ flat.T
        fixed, moved = part.cross_products(link, jacobian)
        target_cross[:, chosen] += moved if part.inverted else fixed
        source_cross[:, chosen] += fixed if part.inverted else moved
    inverse = np.zeros((2, 2))
    if is_shift:
        inverse[1, 1] = 1.0 / normal[1, 1]
    else:
        inverse[:] = np.linalg.inv(normal)
    return EstimatedLink(
        slope=link.slope,
        intercept=link.intercept,
        used=items.used,
        target_gradient=-np.einsum("xy,yjp->xjp", inverse, target_cross),
        source_gradient=-np.einsum("xy,yjp->xjp", inverse, source_cross),
    )
