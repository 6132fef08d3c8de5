"""Small studies for the tests of the library."""

import numpy as np

import irt


def bank_of(n_items=8, seed=1, model="2pl"):
    rng = np.random.default_rng(seed)
    return irt.item_bank(
        model,
        discrimination=rng.lognormal(0.2, 0.3, n_items).round(2),
        difficulty=rng.normal(0.0, 1.0, n_items).round(2),
    )


def persons_of(n, seed=2, mean=0.0, sd=1.0):
    return np.random.default_rng(seed).normal(mean, sd, n)


def responses_of(bank, n=600, seed=2, **population):
    return bank.simulate(persons_of(n, seed, **population), seed=seed)
