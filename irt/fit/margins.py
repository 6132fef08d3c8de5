"""Means and products of item scores: what the model expects of them, and how they vary.

The first- and second-order margins are treated alike. With a constant item that everybody scores 1
on, the mean of X_i is that of the product of X_i with the constant, so that all margins are pairs
(i, j) of J + 1 items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from irt.arrays import FloatArray, IntArray
from irt.fit.fitted_model import FitError

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Margins:
    """S = J (J + 1) / 2 margins of J items whose scores are independent given ability.

    mean, variance (J + 1, Q) of each score at the nodes, the constant item (1 and 0) first;
    weights (Q,) of the nodes.
    """

    mean: FloatArray
    variance: FloatArray
    weights: FloatArray

    @cached_property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """(S,) and (S,) the items of each margin, 0 being the constant."""
        first, second = np.triu_indices(len(self.mean), 1)
        return first, second

    @cached_property
    def place(self) -> IntArray:
        """(J + 1, J + 1) the margin of two items."""
        result = np.zeros((len(self.mean),) * 2, dtype=np.int64)
        first, second = self.pairs
        result[first, second] = result[second, first] = np.arange(len(first))
        return result

    @cached_property
    def products(self) -> FloatArray:
        """(S, Q) expected products at the nodes."""
        first, second = self.pairs
        return np.asarray(self.mean[first] * self.mean[second])

    @cached_property
    def expected(self) -> FloatArray:
        """(S,)."""
        return np.asarray(self.products @ self.weights)

    def partners(self, item: int) -> IntArray:
        """(J,) all other items, the constant among them."""
        return np.delete(np.arange(len(self.mean)), item)

    def covariance(self) -> FloatArray:
        """(S, S) covariance of one person's products (Maydeu-Olivares & Joe 2006, eq. 5).

        Given ability two products vary together only where they share an item i: by V_i E_j E_k,
        and a product with itself by V_i V_j more.
        """
        result = (self.products * self.weights) @ self.products.T
        result -= np.outer(self.expected, self.expected)
        for item in range(1, len(self.mean)):
            others = self.partners(item)
            shared = self.place[item, others]
            spread = self.mean[others] * (self.weights * self.variance[item])
            result[np.ix_(shared, shared)] += spread @ self.mean[others].T
        first, second = self.pairs
        diagonal = np.arange(len(first))
        result[diagonal, diagonal] += (self.variance[first] * self.variance[second]) @ self.weights
        return np.asarray(result)

    def derivative(self, item: int, of_mean: FloatArray) -> tuple[IntArray, FloatArray]:
        """The margins (J,) that item takes part in, and (J, p) their derivatives.

        of_mean (p, Q) are derivatives of the item's expected score at the nodes.
        """
        others = self.partners(item)
        return self.place[item, others], self.mean[others] @ (of_mean * self.weights).T

    def derivative_of_weights(self, scores: FloatArray) -> FloatArray:
        """(S, p) derivatives, given those of the log weights (p, Q)."""
        return np.asarray(self.products @ (scores * self.weights).T)


@dataclass(frozen=True, eq=False)
class MarginResiduals:
    """What is left of the margins of n_persons.

    residual (S,) observed minus expected margins, derivative Delta (S, P) of the latter with
    respect to what was estimated.
    """

    margins: Margins
    derivative: FloatArray
    residual: FloatArray
    n_persons: int

    def whitened(self) -> FloatArray:
        """(S, 1 + P) sqrt(N) L^-1 of residual and derivative, L L' the margins' covariance.

        Raises `FitError` where the covariance has no inverse.
        """
        covariance = self.margins.covariance()
        scale = 1.0 / np.sqrt(np.diagonal(covariance))
        try:
            root = linalg.cholesky(
                covariance * scale[:, None] * scale, lower=True, overwrite_a=True
            )
        except linalg.LinAlgError as error:
            raise FitError(
                "M2 cannot be computed: the margins of some items are bound to each other, as "
                "those of items that nearly everybody answers alike"
            ) from error
        columns = np.column_stack([self.residual, self.derivative]) * scale[:, None]
        return np.asarray(self.n_persons**0.5 * linalg.solve_triangular(root, columns, lower=True))


def quadratic_form(
    margins: Margins, derivative: FloatArray, residual: FloatArray, n_persons: int
) -> tuple[float, int]:
    """M2 and its degrees of freedom, of one group: see `quadratic_form_of_groups`."""
    return quadratic_form_of_groups([MarginResiduals(margins, derivative, residual, n_persons)])


def quadratic_form_of_groups(groups: Sequence[MarginResiduals]) -> tuple[float, int]:
    """M2 and its degrees of freedom (Maydeu-Olivares & Joe 2006).

    The groups' derivatives have the same P columns: what was estimated moves the margins of each.
    N r' C r with C = Xi^-1 - Xi^-1 Delta (Delta' Xi^-1 Delta)^-1 Delta' Xi^-1 and Xi = L L' is N
    times the residual sum of squares of L^-1 r on L^-1 Delta; margins of different persons do not
    vary together, so that groups stand below one another, each by its N. A degree of freedom is
    lost for each direction in which the margins can be moved. Raises `FitError` where a covariance
    has no inverse.
    """
    whitened = np.concatenate([group.whitened() for group in groups])
    target, moved = whitened[:, 0], whitened[:, 1:]
    length = np.linalg.norm(moved, axis=0)
    basis, values, _ = np.linalg.svd(moved / np.where(length > 0, length, 1.0), full_matrices=False)
    basis = basis[:, values > _RANK_TOLERANCE * values.max(initial=0.0)]
    left = target - basis @ (basis.T @ target)
    return float(left @ left), len(target) - basis.shape[1]
