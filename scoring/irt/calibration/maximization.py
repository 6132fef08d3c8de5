"""M-step: damped Newton steps on the expected complete-data log-posterior, all items at once."""

import numpy as np

from scoring.irt.arrays import FloatArray
from scoring.irt.calibration.blocks import ItemBlock

_NEWTON_STEPS = 2
_HALVINGS = 12


def maximize(block: ItemBlock, x: FloatArray, counts: FloatArray, theta: FloatArray) -> FloatArray:
    """(n, p) coordinates with an objective no lower than at x; counts (n, K, Q).

    Fisher scoring (Newton with the expected Hessian, which never points downhill; for the 2PL
    the two coincide). A few steps suffice: EM needs ascent, not the maximum (Lange 1995).
    """
    value = block.objective(x, counts, theta)
    for _ in range(_NEWTON_STEPS):
        information = _expected_information(block, x, counts, theta)
        gradient = block.gradient(x, counts, theta)
        step = np.asarray(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], dtype=float)
        x, value = _ascend(block, x, value, step, counts, theta)
    return x


def _expected_information(
    block: ItemBlock, x: FloatArray, counts: FloatArray, theta: FloatArray
) -> FloatArray:
    """(n, p, p) complete-data information, with the priors where they are concave."""
    scores = block.family.scores(x, theta)
    weight = np.exp(block.family.log_probabilities(x, theta)) * counts.sum(axis=1, keepdims=True)
    weighted = scores * weight[:, None]
    n_items, size = x.shape
    information = weighted.reshape(n_items, size, -1) @ scores.reshape(n_items, size, -1).transpose(
        0, 2, 1
    )
    diagonal = np.arange(size)
    information[:, diagonal, diagonal] += np.maximum(block.prior_curvature(x), 0.0)
    # A ridge of relative size 1e-10 keeps the matrix invertible where an item carries nothing.
    trace = information[:, diagonal, diagonal].sum(axis=1, keepdims=True)
    information[:, diagonal, diagonal] += 1e-10 * trace + np.finfo(float).tiny
    return np.asarray(information)


def _ascend(
    block: ItemBlock,
    x: FloatArray,
    value: FloatArray,
    step: FloatArray,
    counts: FloatArray,
    theta: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Take each item's step, halved until it does not lower the item's objective."""
    scale = np.ones(len(x))
    for _ in range(_HALVINGS):
        trial = x + scale[:, None] * step
        trial_value = _objective_or_minus_infinity(block, trial, counts, theta)
        worse = trial_value < value
        if not worse.any():
            return trial, trial_value
        scale[worse] *= 0.5
    return np.where(worse[:, None], x, trial), np.where(worse, value, trial_value)


def _objective_or_minus_infinity(
    block: ItemBlock, x: FloatArray, counts: FloatArray, theta: FloatArray
) -> FloatArray:
    with np.errstate(
        invalid="ignore", divide="ignore", over="ignore"
    ):  # inadmissible trials are masked below
        value = block.objective(x, counts, theta)
    return np.where(block.family.admissible(x) & ~np.isnan(value), value, -np.inf)
