"""Sessions simulated by several processes are those that one process simulates."""

import numpy as np
import pytest

from scoring.irt.constraints.blueprint import AreaBound, Blueprint, Method
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.policy import Policy
from scoring.irt.pool import Attributes, build_pool
from scoring.irt.quadrature import normal_grid
from scoring.irt.simulation.parallel import simulate_in_parallel
from scoring.irt.simulation.sessions import joined, simulate_sessions
from scoring.irt.stopping.rules import Stopping


def pool_and_policy():
    rng = np.random.default_rng(2)
    items = ItemParameters.from_rows((Model.TWO_PL, 1.2, b, 0, 1) for b in rng.normal(size=40))
    is_algebra = np.arange(40) < 20
    pool = build_pool(
        np.arange(40), items, normal_grid(), Attributes(categories={"algebra": is_algebra})
    )
    blueprint = Blueprint(Method.SHADOW_TEST, (AreaBound("algebra", 2, 3),))
    return pool, Policy(blueprint=blueprint, stopping=Stopping(max_items=6))


def test_several_processes_simulate_what_one_does():
    pool, policy = pool_and_policy()
    theta = np.linspace(-2, 2, 23)
    alone = simulate_sessions(pool, policy, theta, 5)
    together = joined(list(simulate_in_parallel(pool, policy, theta, 5, processes=2)))
    assert together.pool is pool
    for name in ("seed", "true_theta", "theta", "standard_error", "stop", "items", "scores"):
        assert getattr(together, name).tolist() == getattr(alone, name).tolist()


def test_no_process_is_refused():
    pool, policy = pool_and_policy()
    with pytest.raises(ValueError, match="1 or more processes"):
        next(simulate_in_parallel(pool, policy, [0.0], 1, processes=0))
