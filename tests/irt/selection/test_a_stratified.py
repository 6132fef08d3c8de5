import numpy as np
import pytest

from irt.ability import Ability
from irt.adaptive import advance, start
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Draw, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.selection.a_stratified import strata
from irt.selection.criteria import criterion_values
from irt.selection.urry import mean_difficulty
from irt.simulation.responses import simulate_responses
from irt.state import examinees
from tests.irt.selection.states import dichotomous_pool, fresh, mixed_pool


def policy_of(*, n_strata=4, b_blocking=True, max_items=20, draw=Draw.BEST):
    return Policy(
        selection=Selection(
            criterion=Criterion.A_STRATIFIED,
            strata=n_strata,
            b_blocking=b_blocking,
            draw=draw,
            among=3,
        ),
        stopping=Stopping(max_items=max_items),
    )


def correlated_pool(n_items):
    """Steep items are difficult, as in real pools."""
    rng = np.random.default_rng(9)
    b = rng.normal(size=n_items)
    a = np.exp(0.3 * b + rng.normal(0, 0.2, n_items))
    rows = [(Model.TWO_PL, slope, where, 0, 1) for slope, where in zip(a, b, strict=True)]
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid())


def items_of_sessions(pool, policy, n_examinees):
    """(N, L) items given to simulated examinees."""
    rng = np.random.default_rng(4)
    scores = simulate_responses(pool.parameters, rng.standard_normal(n_examinees), rng)
    step = start(pool, policy, examinees(policy, np.arange(n_examinees)))
    for _ in range(policy.stopping.max_items):
        step = advance(
            pool, policy, step.state, step.item, scores[np.arange(n_examinees), step.item]
        )
    return step.state.items


def test_strata_rise_in_slope_and_are_equally_large():
    pool = dichotomous_pool(100)
    slope, stratum = pool.parameters.discrimination, strata(pool, 4, False)
    assert np.bincount(stratum).tolist() == [25, 25, 25, 25]
    for low in range(3):
        assert slope[stratum == low].max() <= slope[stratum == low + 1].min()


def test_with_b_blocking_every_stratum_has_the_difficulties_of_the_pool():
    pool = correlated_pool(400)
    difficulty, slope = pool.parameters.difficulty[:, 0], pool.parameters.discrimination
    blocked, plain = strata(pool, 4, True), strata(pool, 4, False)
    assert np.bincount(blocked).tolist() == [100, 100, 100, 100]
    means = [difficulty[blocked == k].mean() for k in range(4)]
    assert means == pytest.approx([difficulty.mean()] * 4, abs=0.03)
    assert np.ptp([difficulty[plain == k].mean() for k in range(4)]) > 1
    slopes = [slope[blocked == k].mean() for k in range(4)]
    assert slopes == sorted(slopes)
    in_order = np.argsort(difficulty)
    for first in range(0, 400, 4):
        block = in_order[first : first + 4]
        assert blocked[block[np.argsort(slope[block])]].tolist() == [0, 1, 2, 3]


def test_pretest_items_have_no_stratum_and_small_pools_few():
    rows = [(Model.TWO_PL, a, 0.0, 0, 1) for a in (2.0, 1.0, 0.5, 1.5)]
    pool = build_pool(
        np.arange(4),
        ItemParameters.from_rows(rows),
        normal_grid(),
        Attributes(operational=[True, True, False, True]),
    )
    assert strata(pool, 3, False).tolist() == [2, 0, -1, 1]
    assert strata(pool, 6, True).tolist() == [4, 0, -1, 2]


def test_the_difficulty_of_polytomous_items_is_the_mean_of_their_steps():
    pool = mixed_pool(160)
    difficulty, slope = mean_difficulty(pool), pool.parameters.discrimination
    in_order = np.argsort(difficulty, kind="stable")
    blocked = strata(pool, 4, True)
    for first in range(0, 160, 4):
        block = np.sort(in_order[first : first + 4])
        assert blocked[block[np.argsort(slope[block], kind="stable")]].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("b_blocking", [True, False])
@pytest.mark.parametrize("draw", Draw)
def test_sessions_use_the_strata_from_low_to_high_slopes(b_blocking, draw):
    pool = dichotomous_pool(200)
    policy = policy_of(b_blocking=b_blocking, draw=draw)
    stratum = strata(pool, 4, b_blocking)
    expected = np.repeat(np.arange(4), 5)
    given = items_of_sessions(pool, policy, 60)
    assert (stratum[given] == expected).all()
    slopes = pool.parameters.discrimination[given].mean(axis=0).reshape(4, 5).mean(axis=1)
    assert slopes.tolist() == sorted(slopes)


def test_stages_of_a_test_that_does_not_divide_evenly_differ_by_one_item():
    pool = dichotomous_pool(200)
    given = items_of_sessions(pool, policy_of(n_strata=3, max_items=11), 20)
    used = [np.bincount(row, minlength=3).tolist() for row in strata(pool, 3, True)[given]]
    assert used == [[4, 4, 3]] * 20


def test_within_the_stratum_the_closest_difficulty_is_best():
    pool = dichotomous_pool(80, Model.THREE_PL)
    policy = policy_of()
    theta = np.array([0.37])
    values = criterion_values(pool, policy, fresh(pool, policy), Ability(theta, np.ones(1)))[0]
    distance = np.abs(pool.parameters.difficulty[:, 0] - 0.37)
    lowest = np.flatnonzero(strata(pool, 4, True) == 0)
    assert values.argmax() == lowest[distance[lowest].argmin()]
    ranked = np.argsort(-values)
    assert strata(pool, 4, True)[ranked].tolist() == sorted(strata(pool, 4, True))


def test_where_a_stratum_has_no_item_left_the_nearest_other_one_follows():
    pool = dichotomous_pool(20)
    policy = policy_of(max_items=20)
    stratum = strata(pool, 4, True)
    vetoes = np.where(stratum == 0, np.uint8(3), np.uint8(0))
    step = start(pool, policy, examinees(policy, [1, 2, 3]), vetoes=vetoes)
    assert stratum[step.item].tolist() == [1, 1, 1]


def test_a_pool_as_long_as_the_test_is_used_up():
    pool = dichotomous_pool(20)
    given = items_of_sessions(pool, policy_of(n_strata=3, max_items=20), 10)
    assert np.sort(given, axis=1).tolist() == [list(range(20))] * 10
