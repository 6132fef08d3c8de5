"""Sampling covariances of items' parameters, whichever way a calibration states them."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.result import COMMON_SLOPE_OWNER, Covariance, StandardErrors
from irt.models.parameter_derivatives import parameter_column, parameter_columns
from irt.models.parameters import COMMON_SLOPE

# Standard errors alone say nothing about covariances: these are taken as 0. Parameters without an
# error, and all of them where there is None, are taken as known.
Uncertainty = Covariance | StandardErrors | None


@dataclass(frozen=True, eq=False)
class ItemCovariance:
    """Covariances of the parameters of J items in the P columns of `parameter_derivatives`.

    index (J, P) each parameter's row of matrix (R + 1, R + 1), whose last row and column are 0:
    there are the parameters that are known. Parameters of one common value share a row.
    undetermined (J,) items with a parameter that the responses do not determine.
    """

    index: IntArray
    matrix: FloatArray
    undetermined: BoolArray

    @classmethod
    def of(cls, uncertainty: Uncertainty, model: np.ndarray, n_steps: int) -> "ItemCovariance":
        """Of items of `model` (J,), to which the indices or rows of `uncertainty` refer."""
        if isinstance(uncertainty, Covariance):
            return cls._of_covariance(uncertainty, model, n_steps)
        index = np.zeros((len(model), n_steps + 3), dtype=np.int64)
        if uncertainty is None:
            return cls(index, np.zeros((1, 1)), np.zeros(len(model), dtype=bool))
        return cls._of_errors(uncertainty, index)

    @classmethod
    def _of_errors(cls, errors: StandardErrors, index: IntArray) -> "ItemCovariance":
        given = parameter_columns(
            errors.discrimination, errors.difficulty, errors.lower_asymptote, errors.upper_asymptote
        )
        values = np.full_like(index, np.nan, dtype=float)
        width = min(given.shape[1], index.shape[1])
        values[:, : width - 2] = given[:, : width - 2]
        values[:, -2:] = given[:, -2:]
        known = ~np.isfinite(values)
        n_rows = int((~known).sum())
        index[~known] = np.arange(n_rows)
        index[known] = n_rows
        variances = np.append(values[~known] ** 2, 0.0)
        return cls(index, np.diag(variances), np.zeros(len(index), dtype=bool))

    @classmethod
    def _of_covariance(
        cls, covariance: Covariance, model: np.ndarray, n_steps: int
    ) -> "ItemCovariance":
        n_rows = len(covariance.names)
        index = np.full((len(model), n_steps + 3), n_rows)
        for row, (item, name) in enumerate(covariance.names):
            if item >= 0:
                index[item, parameter_column(name, n_steps)] = row
            elif item == COMMON_SLOPE_OWNER:
                index[np.isin(model, COMMON_SLOPE), 0] = row
        matrix = np.pad(covariance.matrix, (0, 1))
        hopeless = ~np.isfinite(np.diagonal(matrix))
        matrix[hopeless] = 0.0
        matrix[:, hopeless] = 0.0
        return cls(index, matrix, hopeless[index].any(axis=1))

    def blocks(self) -> FloatArray:
        """(J, P, P) covariances within each item."""
        return np.asarray(self.matrix[self.index[:, :, None], self.index[:, None, :]])

    def along(self, gradient: FloatArray) -> FloatArray:
        """(2, J, P) covariances of the parameters with two functions of gradient (2, J, P)."""
        return np.asarray((self._by_row(gradient) @ self.matrix)[:, self.index])

    def quadratic(self, gradient: FloatArray) -> FloatArray:
        """(2, 2) covariance of the two functions."""
        rows = self._by_row(gradient)
        return np.asarray(rows @ self.matrix @ rows.T)

    def _by_row(self, gradient: FloatArray) -> FloatArray:
        flat, size = self.index.ravel(), len(self.matrix)
        return np.stack([np.bincount(flat, part.ravel(), size) for part in gradient])
