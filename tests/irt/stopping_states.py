"""States of examinees who answered given items, for the tests of stopping rules."""

import numpy as np

from irt.ability import Ability
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Policy
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.state import State, examinees, fresh_state, record_answers


def mixed_pool(n_items=40, seed=7, **attributes):
    """2PL, 3PL and graded items in turn."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n_items):
        a = rng.lognormal(0.2, 0.3)
        if item % 5 == 4:
            rows.append((Model.GRADED, a, np.sort(rng.normal(size=3)), 0, 1))
        elif item % 5 == 3:
            rows.append((Model.THREE_PL, a, rng.normal(), 0.2, 1))
        else:
            rows.append((Model.TWO_PL, a, rng.normal(), 0, 1))
    return pool_of(ItemParameters.from_rows(rows), **attributes)


def pool_of(parameters, **attributes):
    return build_pool(
        np.arange(parameters.n_items), parameters, normal_grid(), Attributes(**attributes)
    )


def state_of(pool, items, scores, seconds=0.0, before=None) -> State:
    """Each examinee answered items (N, L) with scores (N, L), -1 left out; -1 items: fewer.

    before: theta and standard error at the last answer, (N,) or a number each.
    """
    table, given = np.atleast_2d(items), np.atleast_2d(scores)
    n = len(table)
    theta, error = (np.broadcast_to(value, n) for value in before or (0.0, 1.0))
    state = fresh_state(pool, examinees(Policy(), np.arange(n)))
    for item, score in zip(table.T, given.T, strict=True):
        spent = np.full(n, seconds)
        state = record_answers(pool, state, item, score, spent, Ability(theta, error))
    return state


def ability_of(theta, standard_error):
    return Ability(np.atleast_1d(np.asarray(theta, float)), np.atleast_1d(standard_error))
