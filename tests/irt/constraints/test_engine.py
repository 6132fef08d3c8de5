"""The constraints through the engine that delivers and simulates."""

from dataclasses import replace

import numpy as np
import pytest

from irt.constraints.satisfaction import violations
from irt.policy.blueprint import AreaBound, Method
from irt.policy.policy import FirstItem, PretestSlots, Selection
from irt.policy.stopping_rules import StandardError, Stopping, StopReason
from irt.simulation.sessions import simulate_sessions
from tests.irt.constraints.pools import (
    enemies_of,
    members,
    policy_with,
    pool_of,
    realistic_policy,
    realistic_pool,
)

POOL = realistic_pool(150, seed=3)


@pytest.mark.parametrize(("method", "n"), [(Method.PRIORITY, 500), (Method.SHADOW_TEST, 20)])
@pytest.mark.slow
def test_simulated_sessions_keep_their_constraints_with_pretest_items_and_early_stops(method, n):
    policy = replace(
        realistic_policy(method, max_words=700, max_seconds=1000),
        stopping=Stopping(10, 14, StandardError(0.48)),
        pretest=PretestSlots(2),
    )
    theta = np.random.default_rng(1).standard_normal(n)
    sessions = simulate_sessions(POOL, policy, theta, 2)
    assert violations(POOL, policy, sessions.items).total == 0
    assert sessions.length.min() >= 10
    assert (sessions.stop == StopReason.STANDARD_ERROR).any()
    assert (~POOL.operational[sessions.items] & (sessions.items >= 0)).any()


def test_dead_ends_of_the_priority_method_are_left_by_shadow_tests():
    pool = pool_of(
        12,
        categories={"x": members(12, *range(6)), "y": members(12, *range(6, 12))},
        enemies=enemies_of(12, *([item, item + 6] for item in range(6))),
    )
    policy = policy_with(6, 6, areas=(AreaBound("x", 3), AreaBound("y", 3)))
    sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, 10), 3)
    assert violations(pool, policy, sessions.items).total == 0
    assert sessions.length.tolist() == [6] * 10


def test_a_test_ends_where_no_word_is_left_once_it_may():
    pool = pool_of(20, words=[10] * 10 + [60] * 10)
    policy = policy_with(3, 15, max_words=100)
    sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, 20), 4)
    assert violations(pool, policy, sessions.items).total == 0
    assert sessions.length.min() >= 3
    assert set(sessions.stop.tolist()) == {StopReason.NO_ITEM_LEFT}


@pytest.mark.parametrize(("method", "n"), [(Method.PRIORITY, 50), (Method.SHADOW_TEST, 5)])
def test_items_of_unknown_time_are_not_given_under_a_limit_unless_they_are_pretest_items(method, n):
    seconds = np.where(np.arange(30) % 3 == 0, np.nan, 40.0)
    pool = pool_of(30, operational=np.arange(30) < 27, seconds=seconds)
    policy = policy_with(5, 8, method=method, max_seconds=400.0)
    policy = replace(policy, pretest=PretestSlots(1, (2,)))
    sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, n), 5)
    scored = sessions.items[:, [0, *range(2, 9)]]
    assert np.isfinite(seconds[scored]).all()
    assert (sessions.items[:, 1] >= 27).all()
    assert sessions.length.tolist() == [8] * n


@pytest.mark.parametrize("method", Method)
def test_a_pretest_item_never_takes_away_what_the_blueprint_needs(method):
    hostile, friendly = 28, 29
    pool = pool_of(
        30,
        operational=np.arange(30) < hostile,
        categories={"x": members(30, 0, 1, 2)},
        enemies=enemies_of(30, [hostile, 0], [hostile, 1]),
    )
    for count, given in ((2, {friendly}), (1, {friendly})):
        policy = policy_with(6, 6, method=method, areas=(AreaBound("x", 2),))
        policy = replace(policy, pretest=PretestSlots(count, tuple(range(1, count + 1))))
        sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, 6), 5)
        assert violations(pool, policy, sessions.items).total == 0
        assert sessions.length.tolist() == [6] * 6
        assert set(sessions.items[sessions.items >= hostile].tolist()) == given


@pytest.mark.parametrize("method", Method)
def test_a_pretest_item_waits_for_the_end_of_a_passage_that_the_blueprint_needs(method):
    pool = pool_of(
        30,
        operational=np.arange(30) < 28,
        categories={"reading": members(30, 0, 1, 2)},
        stimulus=np.where(np.arange(30) < 3, 7, -1),
    )
    policy = policy_with(6, 6, method=method, areas=(AreaBound("reading", 3),))
    begins_with_it = Selection(first=FirstItem.FIXED, first_item=0)
    policy = replace(policy, pretest=PretestSlots(2, (2, 3)), selection=begins_with_it)
    sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, 6), 5)
    assert violations(pool, policy, sessions.items).total == 0
    assert sessions.length.tolist() == [6] * 6
    assert (sessions.items >= 28).sum(axis=1).tolist() == [2] * 6
