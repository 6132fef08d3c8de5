"""The simulated sets of these references, made anew from their seeds: NumPy and nothing of `irt`.

Items have a ~ lognormal(0.2, 0.3) and b ~ N(0, 1). The order in which a set draws its random
numbers is part of it. `random` of PCG64 has been the same in every NumPy so far; should it change,
the test of this module says so and the shipped responses still hold.
"""

import numpy as np


def choice_set(n_persons, n_items, seed, *, lower=None, mean=0.0, sd=1.0):
    """(N, J) responses to 2PL items, or 3PL ones with c uniform in `lower`, and their (a, b, c)."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.normal(0.0, 1.0, n_items)
    c = rng.uniform(*lower, n_items) if lower else np.zeros(n_items)
    theta = mean + sd * rng.standard_normal(n_persons)
    correct = c + (1 - c) / (1 + np.exp(-a * (theta[:, None] - b)))
    return (rng.random(correct.shape) < correct).astype(np.int64), (a, b, c)


def rating_set(n_persons, n_items, n_categories, seed):
    """(N, J) responses to graded items, thresholds ~ N(0, 1.2^2) and 0.3 apart, and (a, b)."""
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0.2, 0.3, n_items)
    b = np.sort(rng.normal(0.0, 1.2, (n_items, n_categories - 1)), axis=1)
    for step in range(1, n_categories - 1):
        b[:, step] = np.maximum(b[:, step], b[:, step - 1] + 0.3)
    theta = rng.standard_normal(n_persons)
    scores = np.empty((n_persons, n_items), np.int64)
    for item in range(n_items):
        at_least = 1 / (1 + np.exp(-a[item] * (theta[:, None] - b[item])))
        scores[:, item] = (rng.random(n_persons)[:, None] < at_least).sum(axis=1)
    return scores, (a, b)


SETS = {
    "ref_3pl": lambda: choice_set(3000, 40, 202, lower=(0.10, 0.30)),
    "ref_anchor": lambda: choice_set(2000, 40, 203, mean=0.5, sd=1.2),
    "ref_graded": lambda: rating_set(2000, 20, 5, 205),
    "choice": lambda: choice_set(600, 32, 211, lower=(0.05, 0.25)),
    "rating": lambda: rating_set(392, 4, 4, 213),
}
