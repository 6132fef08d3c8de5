"""The covariance of estimates as the inverse of their observed information."""

import numpy as np
from scipy.linalg import lapack

from irt.arrays import BoolArray, FloatArray

# Directions with less information than this share of the largest are not determined at all.
_NO_INFORMATION = 1e-12
# A parameter with more than this share of itself in such directions has no standard error.
_LEVERAGE = 1e-8


def covariance(information: FloatArray, without: BoolArray | None = None) -> FloatArray:
    """(P, P) inverse of the information; NaN in rows and columns of undetermined parameters.

    The information is scaled to a unit diagonal first, so that units do not matter. The parameters
    `without` (P,) marks are taken for known.
    """
    if not information.size:
        return information
    if without is not None and without.any():
        return _invert_without(information, without)
    diagonal = np.diagonal(information)
    if not (np.isfinite(information).all() and (diagonal > 0).all()):
        return _invert_without(information, ~(np.isfinite(diagonal) & (diagonal > 0)))
    scale = 1.0 / np.sqrt(diagonal)
    scaled = information * scale[:, None] * scale
    root, not_positive = lapack.dpotrf(scaled.T, lower=1, clean=1)
    if not_positive:
        return _generalized_inverse(scaled) * scale[:, None] * scale
    lower, _ = lapack.dpotri(root, lower=1, overwrite_c=1)
    inverse = lower + lower.T
    np.fill_diagonal(inverse, np.diagonal(lower))
    return np.asarray(inverse * scale[:, None] * scale)


def _generalized_inverse(scaled: FloatArray) -> FloatArray:
    """Inverse in the directions that carry information."""
    values, vectors = np.linalg.eigh(scaled)
    informative = values > _NO_INFORMATION * values.max()
    kept = vectors[:, informative] / np.sqrt(values[informative])
    result = kept @ kept.T
    undetermined = (vectors[:, ~informative] ** 2).sum(axis=1) > _LEVERAGE
    result[undetermined] = np.nan
    result[:, undetermined] = np.nan
    return np.asarray(result)


def _invert_without(information: FloatArray, hopeless: np.ndarray) -> FloatArray:
    """The covariance when some parameters have no information of their own."""
    if not hopeless.any() or hopeless.all():
        return np.full_like(information, np.nan)
    kept = np.flatnonzero(~hopeless)
    result = np.full_like(information, np.nan)
    result[np.ix_(kept, kept)] = covariance(information[np.ix_(kept, kept)])
    return result
