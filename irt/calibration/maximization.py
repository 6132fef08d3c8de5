"""M-step: a damped Newton step on the expected complete-data log-posterior, all items at once."""

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.calibration.blocks import Block
from irt.models.coordinates import NewtonTerms

_HALVINGS = 12
# Where the expected Hessian is nearly singular a full step would leap out of every curve.
LONGEST_STEP = 4.0
# An objective lower by less than this share of it is no evidence of a descent.
_ROUNDING = 1e-12


def maximize(
    block: Block, x: FloatArray, terms: NewtonTerms, counts: FloatArray, theta: FloatArray
) -> FloatArray:
    """(n, p) coordinates with an objective no lower than at x, where it has `terms`.

    One step of Fisher scoring (Newton with the expected Hessian, which never points downhill; for
    the 2PL the two coincide) suffices: EM needs ascent, not the maximum (Lange 1995).
    counts (n, K, Q).
    """
    step = _common_slope_step(block, terms) if block.has_common_slope else _step(block, terms)
    scale = _within_reach(block, step)
    for _ in range(_HALVINGS):
        trial = x + scale[:, None] * step
        worse = _is_worse(block, _objective(block, trial, counts, theta), terms.value)
        if not worse.any():
            return trial
        scale[worse] *= 0.5
    return np.where(worse[:, None], x, trial)


def _within_reach(block: Block, step: FloatArray) -> FloatArray:
    """(n,) shares of the items' steps that are no longer than the longest allowed."""
    share = LONGEST_STEP / np.maximum(np.abs(step).max(axis=1), LONGEST_STEP)
    return np.full_like(share, share.min()) if block.has_common_slope else share


def _step(block: Block, terms: NewtonTerms) -> FloatArray:
    """(n, p) each item's own step; 0 in coordinates that are not free."""
    return _solve(*_free_part(block, terms))


def _common_slope_step(block: Block, terms: NewtonTerms) -> FloatArray:
    """(n, p) the joint step of the common slope and each item's other coordinates.

    The other coordinates are eliminated item by item (Schur complement); what is left is one
    equation for the slope.
    """
    gradient, information = _free_part(block, terms)
    own, coupling = information[:, 1:, 1:], information[:, 1:, 0]
    own_step, own_slope = _solve(gradient[:, 1:], own), _solve(coupling, own)
    complement = (information[:, 0, 0] - (coupling * own_slope).sum(axis=1)).sum()
    slope_gradient = (gradient[:, 0] - (coupling * own_step).sum(axis=1)).sum()
    slope_step = slope_gradient / max(complement, np.finfo(float).tiny)
    return np.column_stack([np.full(len(own), slope_step), own_step - own_slope * slope_step])


def _free_part(block: Block, terms: NewtonTerms) -> tuple[FloatArray, FloatArray]:
    """Gradient and information with fixed coordinates decoupled."""
    free = block.free
    gradient = np.where(free, terms.gradient, 0.0)
    information = np.where(free[:, :, None] & free[:, None, :], terms.information, 0.0)
    diagonal = np.arange(free.shape[1])
    # A ridge of relative size 1e-10 keeps the matrix invertible where an item carries nothing.
    trace = information[:, diagonal, diagonal].sum(axis=1, keepdims=True)
    information[:, diagonal, diagonal] += 1e-10 * trace + np.where(free, np.finfo(float).tiny, 1.0)
    return gradient, information


def _solve(right: FloatArray, matrices: FloatArray) -> FloatArray:
    """(n, p) solutions of n systems with right-hand sides (n, p)."""
    return np.asarray(np.linalg.solve(matrices, right[:, :, None])[:, :, 0], dtype=float)


def _objective(block: Block, x: FloatArray, counts: FloatArray, theta: FloatArray) -> FloatArray:
    """(n,) NaN or minus infinity outside the parameter space."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        value = block.coordinates.value(x, counts, theta) + block.log_prior(x)
    return np.where(block.coordinates.admissible(x), value, -np.inf)


def _is_worse(block: Block, value: FloatArray, before: FloatArray) -> BoolArray:
    """(n,) items whose step must be shortened; with a common slope all of them or none."""
    if block.has_common_slope:
        value, before = (np.full(len(value), part.sum()) for part in (value, before))
    return ~(value >= before - _ROUNDING * np.abs(before))
