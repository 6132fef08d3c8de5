"""Pretest slots: seeded, never scored, always reached."""

from dataclasses import replace

import numpy as np
import pytest

from irt.adaptive import advance, start
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import PretestSlots
from irt.policy.stopping_rules import StopReason
from irt.pool import Attributes, Veto, build_pool
from irt.pretest import slot_positions
from irt.quadrature import normal_grid
from irt.simulation.responses import simulate_responses
from irt.simulation.sessions import simulate_sessions
from irt.state import examinees
from tests.irt.policies import policy_of

N_OPERATIONAL, N_PRETEST = 60, 12
PRETEST = np.arange(N_OPERATIONAL, N_OPERATIONAL + N_PRETEST)


def pool_of(**attributes):
    rng = np.random.default_rng(2)
    rows = [
        (Model.TWO_PL, a, b, 0, 1)
        for a, b in zip(rng.lognormal(0.2, 0.3, 72), rng.normal(size=72), strict=True)
    ]
    operational = np.arange(72) < N_OPERATIONAL
    parameters = ItemParameters.from_rows(rows)
    given = Attributes(operational=operational, **attributes)
    return build_pool(np.arange(72), parameters, normal_grid(), given)


def with_slots(count, positions=(), **lengths):
    return replace(policy_of(**lengths), pretest=PretestSlots(count, positions))


def run(pool, policy, starting, responses, **kwargs):
    """(items, is_pretest, theta) step by step, each (N, L) with what nobody reached masked."""
    n = len(starting.seed)
    items, flags, thetas = [], [], []
    everyone, step = np.arange(n), start(pool, policy, starting, **kwargs)
    final = np.empty(n)
    while everyone.size:
        final[everyone] = step.theta
        going = np.flatnonzero(step.stop == StopReason.CONTINUE)
        everyone, item = everyone[going], step.item[going]
        items.append(np.full(n, -1))
        flags.append(np.zeros(n, dtype=bool))
        thetas.append(np.full(n, np.nan))
        items[-1][everyone], flags[-1][everyone] = item, step.is_pretest[going]
        thetas[-1][everyone] = step.theta[going]
        if everyone.size:
            step = advance(
                pool, policy, step.state.take(going), item, responses[everyone, item], **kwargs
            )
    return np.array(items).T, np.array(flags).T, np.array(thetas).T, final


def everyone_lists(policy, n, items=PRETEST):
    return examinees(policy, np.arange(n), pretest=np.tile(items, (n, 1)))


def test_pretest_items_are_given_at_their_positions_and_change_nothing_else():
    pool = pool_of()
    rng = np.random.default_rng(4)
    responses = simulate_responses(pool.parameters, rng.standard_normal(200), rng)
    plain = policy_of(max_items=12)
    slotted = with_slots(3, (1, 5, 9), max_items=12)
    without = run(pool, plain, examinees(plain, np.arange(200)), responses)
    items, is_pretest, _, theta = run(pool, slotted, everyone_lists(slotted, 200), responses)
    assert is_pretest.sum(axis=0).tolist()[:15] == [
        200 if p in (1, 5, 9) else 0 for p in range(1, 16)
    ]
    assert np.isin(items[is_pretest], PRETEST).all()
    assert (
        items[:, :15][~is_pretest[:, :15]].reshape(200, 12).tolist() == without[0][:, :12].tolist()
    )
    assert theta.tolist() == without[3].tolist()


def test_an_answer_to_a_pretest_item_leaves_likelihood_length_and_changes_alone():
    pool, policy = pool_of(), with_slots(1, (1,))
    step = start(pool, policy, everyone_lists(policy, 1))
    assert step.is_pretest.tolist() == [True]
    after = advance(pool, policy, step.state, step.item, 1)
    assert (after.state.log_likelihood == 0).all()
    assert (after.state.length.tolist(), after.state.position.tolist()) == ([0], [1])
    assert np.isnan(after.state.theta).all()
    assert (after.theta.tolist(), after.is_pretest.tolist()) == (step.theta.tolist(), [False])


def test_the_pretest_item_nearest_to_theta_comes_first_and_none_twice():
    pool, policy = pool_of(), with_slots(4, (2, 3, 4, 5), max_items=6)
    responses = np.ones((1, 72), dtype=int)
    items, is_pretest, theta, _ = run(pool, policy, everyone_lists(policy, 1), responses)
    difficulty = pool.parameters.difficulty[:, 0]
    left = set(PRETEST.tolist())
    for item, at in zip(items[is_pretest], theta[is_pretest], strict=True):
        assert item == min(left, key=lambda index: abs(difficulty[index] - at))
        left.remove(item)


def test_drawn_positions_vary_and_are_always_reached():
    policy = with_slots(3, min_items=5, max_items=20, standard_error=10.0)
    positions = slot_positions(policy, np.arange(4000, dtype=np.uint64))
    assert (np.diff(positions, axis=1) > 0).all()
    assert np.bincount(positions.ravel())[1:] / 4000 == pytest.approx(3 / 7, abs=0.04)
    responses = np.zeros((300, 72), dtype=int)
    items, is_pretest, _, _ = run(pool_of(), policy, everyone_lists(policy, 300), responses)
    assert is_pretest.sum(axis=1).tolist() == [3] * 300
    assert ((items >= 0).sum(axis=1) == 8).all()
    where = [(np.flatnonzero(row) + 1).tolist() for row in is_pretest]
    assert where == positions[:300].tolist()


def test_a_slot_without_a_candidate_is_filled_operationally():
    pool, policy = pool_of(), with_slots(2, (1, 2), max_items=5)
    responses = np.ones((1, 72), dtype=int)
    nobody = examinees(policy, [1])
    items, is_pretest, _, _ = run(pool, policy, nobody, responses)
    assert (is_pretest.sum(), (items >= 0).sum()) == (0, 5)
    one = everyone_lists(policy, 1, PRETEST[:1])
    items, is_pretest, _, _ = run(pool, policy, one, responses)
    assert is_pretest[0].tolist()[:3] == [True, False, False]
    assert (items >= 0).sum() == 6
    listed_but_operational = everyone_lists(policy, 1, np.array([3, -1]))
    assert not run(pool, policy, listed_but_operational, responses)[1].any()


def test_a_pretest_item_that_is_vetoed_or_an_enemy_is_not_given():
    enemies = np.zeros((72, 72), dtype=bool)
    first = int(start(pool_of(), policy_of(), examinees(policy_of(), 1)).item[0])
    enemies[first, PRETEST[:6]] = enemies[PRETEST[:6], first] = True
    pool, policy = pool_of(enemies=enemies), with_slots(12, tuple(range(2, 14)), max_items=20)
    vetoes = np.where(np.arange(72) == PRETEST[8], Veto.WITHDRAWN, Veto.NONE).astype(np.uint8)
    responses = np.ones((1, 72), dtype=int)
    items, is_pretest, _, _ = run(pool, policy, everyone_lists(policy, 1), responses, vetoes=vetoes)
    assert items[0, 0] == first
    assert sorted(items[is_pretest]) == [item for item in PRETEST[6:] if item != PRETEST[8]]


def test_a_simulation_spreads_the_pretest_items_over_the_examinees():
    rows = [(Model.TWO_PL, 1.0, 0.0, 0, 1)] * 30
    pool = build_pool(
        np.arange(30),
        ItemParameters.from_rows(rows),
        normal_grid(),
        Attributes(operational=np.arange(30) < 20),
    )
    sessions = simulate_sessions(pool, with_slots(2, max_items=5), np.zeros(1000), 1)
    given = np.bincount(sessions.items[sessions.items >= 20] - 20, minlength=10)
    assert given.sum() == 2000
    assert (abs(given - 200) < 5 * np.sqrt(200 * 0.8)).all()
