"""The number of successes in independent trials of unequal probability."""

import numpy as np

from irt.arrays import FloatArray


def upper_tails(probability: FloatArray) -> FloatArray:
    """(P, n + 1) P(X >= m), m = 0, ..., n, of P sums of n trials; probability (P, n).

    By exact convolution, one trial at a time. Tails are summed from the far end, so that small
    ones keep their relative precision. A trial of probability 0 changes nothing.
    """
    n_sums, n_trials = probability.shape
    mass = np.zeros((n_trials + 1, n_sums))
    mass[0] = 1.0
    for trial, success in enumerate(probability.T, 1):
        moved = mass[:trial] * success
        mass[:trial] -= moved
        mass[1 : trial + 1] += moved
    return np.asarray(np.minimum(mass[::-1].cumsum(axis=0)[::-1].T, 1.0))
