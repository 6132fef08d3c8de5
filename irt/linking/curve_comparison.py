"""Curves of the same items on two scales, compared on one of them, as least squares sees it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import FloatArray
from irt.linking.change_of_scale import derivatives_by_link, inverse_by_link, scale_factors
from irt.linking.link import Link
from irt.models.curves import category_probabilities
from irt.models.parameter_derivatives import probability_gradient
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid


@dataclass(frozen=True, eq=False)
class CurveComparison(ABC):
    """n items `fixed` on their scale against `moved` ones that a change of scale brings there.

    The residuals are sqrt(w_q) times a linear function of P fixed - P moved (n, K, Q). The change
    is the link, or its inverse where `inverted`.
    """

    fixed: ItemParameters
    moved: ItemParameters
    grid: Grid
    inverted: bool

    @abstractmethod
    def compare(self, difference: FloatArray) -> FloatArray:
        """(..., Q) what is squared, from differences (n, K, Q)."""

    @abstractmethod
    def spread(self, residual: FloatArray, width: int) -> FloatArray:
        """The transpose of `compare`: residuals as (n or 1, K, Q)."""

    def residuals(self, link: Link) -> FloatArray:
        moved = category_probabilities(self._change(link).parameters(self.moved), self.grid.nodes)
        return np.asarray(self.compare(self._probabilities - moved) * self._root_weights)

    def jacobian(self, link: Link) -> FloatArray:
        """(2, ...) derivatives of the residuals with respect to slope and intercept."""
        change = self._change(link)
        gradient = probability_gradient(change.parameters(self.moved), self.grid.nodes)
        by_change = np.einsum("xjp,jpkq->xjkq", derivatives_by_link(change, self.moved), gradient)
        if self.inverted:
            by_change = np.einsum("xy,xjkq->yjkq", inverse_by_link(link), by_change)
        return np.stack([-self.compare(part) * self._root_weights for part in by_change])

    def cross_products(self, link: Link, jacobian: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(2, n, P) products of `jacobian` with the residuals' derivatives by item parameters.

        For the fixed items, then for the moved ones.
        """
        change = self._change(link)
        by_fixed = probability_gradient(self.fixed, self.grid.nodes)
        by_moved = probability_gradient(change.parameters(self.moved), self.grid.nodes)
        by_moved *= -scale_factors(change, by_moved.shape[1])[:, None, None]
        spread = np.stack(
            [self.spread(row * self._root_weights, by_fixed.shape[2]) for row in jacobian]
        )
        wide = np.broadcast_to(spread, (2, len(by_fixed), *spread.shape[2:]))
        fixed, moved = (
            np.einsum("xjkq,jpkq->xjp", wide, gradient) for gradient in (by_fixed, by_moved)
        )
        return fixed, moved

    def _change(self, link: Link) -> Link:
        return link.inverse if self.inverted else link

    @cached_property
    def _probabilities(self) -> FloatArray:
        return category_probabilities(self.fixed, self.grid.nodes)

    @cached_property
    def _root_weights(self) -> FloatArray:
        return np.asarray(np.sqrt(self.grid.weights))


class ItemCurves(CurveComparison):
    """Every category of every item by itself (Haebara 1980)."""

    def compare(self, difference: FloatArray) -> FloatArray:
        return difference

    def spread(self, residual: FloatArray, width: int) -> FloatArray:
        return residual


class TestCurve(CurveComparison):
    """The expected score on all items (Stocking & Lord 1983)."""

    def compare(self, difference: FloatArray) -> FloatArray:
        scores = np.arange(float(difference.shape[1]))
        return np.asarray(np.einsum("k,jkq->q", scores, difference))

    def spread(self, residual: FloatArray, width: int) -> FloatArray:
        return np.asarray(np.arange(float(width))[None, :, None] * residual)
