"""Curves of the eight models, written for these references: nothing of `irt` is used.

An item is its model and its coordinates: the slope a, the intercepts d_1, ..., d_m and, where the
model has them, the logits of the lower and the upper asymptote. With z_k = a theta + d_k:

    rasch, 1pl, 2pl, 3pl, 4pl   P(1) = c + (u - c) sigma(z_1)
    grm                         P(X >= k) = sigma(z_k), d_1 > d_2 > ...
    pcm, gpcm                   P(k) ~ exp(k a theta + d_k), d_0 = 0

All is written for complex arguments: the imaginary part of f(x + ih) / h is the derivative at x to
the last digit, without a formula of its own (Squire & Trapp 1998).
"""

import numpy as np

N_ASYMPTOTES = {"3pl": 1, "4pl": 2}
PARTIAL_CREDIT = ("pcm", "gpcm")
STEP = 1e-30


def probabilities(model, x, theta):
    """(K, ..., Q) P(X = k | theta) of items with coordinates x (p, ...) at theta (Q,)."""
    x = np.asarray(x)[..., None]
    n_asymptotes = N_ASYMPTOTES.get(model, 0)
    a, d = x[0], x[1 : len(x) - n_asymptotes]
    if model in PARTIAL_CREDIT:
        z = np.multiply.outer(np.arange(len(d) + 1), a * theta)
        z[1:] = z[1:] + d
        shares = np.exp(z - z.real.max(axis=0))
        return shares / shares.sum(axis=0)
    z = a * theta + d
    if model == "grm":
        return _graded(z, d)
    asymptotes = sigma(x[len(x) - n_asymptotes :])
    c = asymptotes[0] if n_asymptotes else 0.0
    u = asymptotes[1] if n_asymptotes > 1 else 1.0
    return np.concatenate([(1 - u) + (u - c) * sigma(-z), c + (u - c) * sigma(z)])


def _graded(z, d):
    """sigma(x) - sigma(y) = sigma(x) sigma(-y) (1 - exp(y - x)), which cancels nothing."""
    ones = np.ones_like(z[:1])
    one = np.ones_like(d[:1])
    apart = np.concatenate([one, 1 - np.exp(np.diff(d, axis=0)), one])
    return np.concatenate([ones, sigma(z)]) * np.concatenate([sigma(-z), ones]) * apart


def sigma(z):
    """1 / (1 + exp(-z)), which overflows nowhere."""
    rising = np.real(z) >= 0
    small = np.exp(np.where(rising, -z, z))
    return np.where(rising, 1.0, small) / (1 + small)


def slopes_by_theta(model, x, theta):
    """(K, Q) dP / dtheta."""
    return probabilities(model, x, theta + 1j * STEP).imag / STEP


def log_slopes(model, x, theta):
    """(K, n, p, Q) log P's derivatives by each coordinate of n items with coordinates x (p, n)."""
    shifted = x[:, :, None] + 1j * STEP * np.eye(len(x))[:, None, :]
    return np.log(probabilities(model, shifted, theta)).imag / STEP


# Of order 8: of a function with a derivative of order 9 near 1 the error is near 1e-15.
_STENCIL = np.array([4 / 5, -1 / 5, 4 / 105, -1 / 280])
_WIDTH = 0.02


def derivative(function, theta):
    """Of a function of theta (Q,) that has no complex step left, by central differences."""
    return (
        sum(
            share * (function(theta + k * _WIDTH) - function(theta - k * _WIDTH))
            for k, share in enumerate(_STENCIL, 1)
        )
        / _WIDTH
    )
