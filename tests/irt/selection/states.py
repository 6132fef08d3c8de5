"""Pools and examinees who have answered something, for the tests of selection."""

import numpy as np

from irt.ability import Ability, eap
from irt.models.parameters import ItemParameters, Model
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.state import examinees, fresh_state, record_answers


def mixed_pool(n_items, grid=None):
    """Every model in turn."""
    rng = np.random.default_rng(5)
    rows = []
    for item in range(n_items):
        model = list(Model)[item % len(Model)]
        a = 1.0 if model in (Model.RASCH, Model.PCM) else rng.lognormal(0.1, 0.3)
        polytomous = model in (Model.GRADED, Model.PCM, Model.GPCM)
        b = np.sort(rng.normal(size=1 + item % 4 if polytomous else 1))
        c = 0.2 if model in (Model.THREE_PL, Model.FOUR_PL) else 0.0
        rows.append((model, a, b, c, 0.96 if model == Model.FOUR_PL else 1.0))
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), grid or normal_grid())


def dichotomous_pool(n_items, model=Model.TWO_PL):
    rng = np.random.default_rng(6)
    a = np.ones(n_items) if model == Model.RASCH else rng.lognormal(0.1, 0.4, n_items)
    c = 0.2 if model == Model.THREE_PL else 0.0
    rows = [(model, a[item], b, c, 1.0) for item, b in enumerate(rng.normal(size=n_items))]
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid())


def fresh(pool, policy, n_examinees=1, **given):
    seeds = np.arange(1000, 1000 + n_examinees, dtype=np.uint64)
    return fresh_state(pool, examinees(policy, seeds, **given))


def after(pool, state, answers):
    """The state after the same answers, pairs of item and score, of everybody."""
    n = len(state.position)
    before = Ability(np.zeros(n), np.ones(n))
    for item, score in answers:
        state = record_answers(
            pool, state, np.full(n, item), np.full(n, score), np.zeros(n), before
        )
    return state


def eap_of(pool, state):
    given = state.examinees
    parts = [
        eap(state.log_likelihood[[n]], normal_grid(len(pool.nodes), pool.nodes[-1], mean, sd))
        for n, (mean, sd) in enumerate(zip(given.prior_mean, given.prior_sd, strict=True))
    ]
    return Ability(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.standard_error for part in parts]),
    )
