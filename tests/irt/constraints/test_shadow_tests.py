import numpy as np
import pytest

from irt.constraints.integer_program import RELATIVE_GAP
from irt.constraints.priority import content_priority
from irt.constraints.satisfaction import minimums_met, violations
from irt.constraints.shadow_test import shadow_tests
from irt.constraints.vetoes import content_vetoes
from irt.models.information import item_information
from irt.policy.blueprint import AreaBound, Method, SetBound
from tests.irt.constraints.pools import (
    answers,
    enemies_of,
    members,
    policy_with,
    pool_of,
    realistic_policy,
    realistic_pool,
    whole_tests,
)


def shadow_test(pool, policy, session, criterion):
    available = np.ones((1, pool.n_items), dtype=bool)
    state = answers(pool, session)
    return np.flatnonzero(shadow_tests(pool, policy, state, criterion[None, :], available)[0])


def tiny_case(rng):
    leaf = rng.integers(0, 4, 9)
    pool = pool_of(
        9,
        stimulus=np.where(leaf >= 2, 5 + rng.integers(0, 2, 9), -1),
        words=rng.integers(1, 9, 9),
        enemies=enemies_of(9, rng.choice(9, 3, replace=False)),
        categories={"x": leaf < 2, "y": leaf % 2 == 0},
    )
    policy = policy_with(
        5,
        5,
        method=Method.SHADOW_TEST,
        areas=(AreaBound("x", 1, int(rng.integers(1, 4))), AreaBound("y", 1, 3)),
        sets=(SetBound(None, 2, 3),),
        max_words=int(rng.integers(18, 30)),
    )
    return pool, policy


@pytest.mark.slow
def test_a_shadow_test_is_the_best_of_all_tests():
    rng = np.random.default_rng(5)
    compared = infeasible = 0
    for _ in range(40):
        pool, policy = tiny_case(rng)
        session = []
        while len(session) < 5:
            criterion = rng.random(9)
            worth = [
                criterion[[i for i in test if i not in session]].sum()
                for test in whole_tests(pool, policy, session)
            ]
            chosen = shadow_test(pool, policy, session, criterion)
            assert (len(chosen) > 0) == (len(worth) > 0)
            if not worth:
                infeasible += 1
                break
            item = chosen[criterion[chosen].argmax()]
            best_with_it = max(
                criterion[[i for i in test if i not in session]].sum()
                for test in whole_tests(pool, policy, session, [item])
            )
            assert best_with_it >= max(worth) * (1 - RELATIVE_GAP)
            session.append(int(item))
            compared += 1
    assert compared > 60
    assert infeasible > 3


def test_a_shadow_test_of_single_items_is_the_best_ones():
    pool = pool_of(6, categories={"algebra": members(6, 0, 1)})
    policy = policy_with(3, 3, method=Method.SHADOW_TEST, areas=(AreaBound("algebra", 2),))
    criterion = np.array([1.0, 2.0, 3.0, 9.0, 4.0, 5.0])
    assert shadow_test(pool, policy, (), criterion).tolist() == [0, 1, 3]
    assert shadow_test(pool, policy, (5,), criterion).tolist() == [0, 1]
    assert shadow_test(pool, policy, (5, 4), criterion).tolist() == []


def test_target_shares_become_counts_where_they_can():
    pool = pool_of(8, categories={"algebra": members(8, 0, 1, 2, 3)})
    policy = policy_with(5, 5, method=Method.SHADOW_TEST, areas=(AreaBound("algebra", share=0.4),))
    criterion = np.arange(8.0)
    assert shadow_test(pool, policy, (), criterion).tolist() == [2, 3, 5, 6, 7]
    without = np.ones((1, 8), dtype=bool)
    without[0, [5, 6, 7]] = False
    chosen = shadow_tests(pool, policy, answers(pool, ()), criterion[None, :], without)
    assert np.flatnonzero(chosen[0]).tolist() == [0, 1, 2, 3, 4]


def test_a_begun_set_goes_on_before_anything_else():
    pool = pool_of(6, stimulus=[7, 7, 7, -1, -1, -1])
    policy = policy_with(4, 4, method=Method.SHADOW_TEST, sets=(SetBound(None, 2, 2),))
    criterion = np.array([1.0, 2.0, 3.0, 9.0, 8.0, 7.0])
    assert shadow_test(pool, policy, (), criterion).tolist() == [1, 2, 3, 4]
    assert shadow_test(pool, policy, (1,), criterion).tolist() == [2]
    assert shadow_test(pool, policy, (1, 2), criterion).tolist() == [3, 4]


def test_a_criterion_below_zero_ranks_tests_as_well():
    pool = pool_of(5, categories={"algebra": members(5, 0, 1)})
    policy = policy_with(2, 3, areas=(AreaBound("algebra", 1),))
    criterion = np.array([-5.0, -4.0, -1.0, -2.0, -3.0])
    assert shadow_test(pool, policy, (), criterion).tolist() == [1, 2, 3]


def sessions_of(pool, policy, theta, items_for):
    """Sessions at known thetas; the item is the most informative one of those that may be."""
    state = answers(pool, *[()] * len(theta))
    information = np.ascontiguousarray(item_information(pool.parameters, theta).T)
    rows = np.arange(len(theta))
    for _ in range(policy.stopping.max_items):
        criterion, free = items_for(state, information)
        ranked = np.where(free, criterion, -1)
        item = np.where(free.any(axis=1), ranked.argmax(axis=1), -1)
        state.items = np.column_stack([state.items, item])
        state.administered[rows[item >= 0], item[item >= 0]] = True
    total = (information * state.administered * pool.operational).sum(axis=1)
    return state, total


@pytest.mark.slow
def test_shadow_tests_keep_every_constraint_and_know_more_than_the_priority_index():
    pool = realistic_pool(200, seed=6)
    theta = np.linspace(-2, 2, 12)
    limits = {"max_words": 800, "max_seconds": 1100}
    shadow, priority = realistic_policy(Method.SHADOW_TEST, **limits), realistic_policy(**limits)

    def by_shadow_test(state, information):
        everything = np.ones_like(state.administered)
        return information, shadow_tests(pool, shadow, state, information, everything)

    def by_priority(state, information):
        codes = content_vetoes(pool, priority, state)
        free = (codes == 0) & pool.operational & ~state.administered
        return information * content_priority(pool, priority, state), free

    best, most = sessions_of(pool, shadow, theta, by_shadow_test)
    balanced, known = sessions_of(pool, priority, theta, by_priority)
    for policy, state in ((shadow, best), (priority, balanced)):
        assert violations(pool, policy, state.items).total == 0
        assert minimums_met(pool, policy, state).all()
    assert (best.items >= 0).all()
    assert most.mean() > known.mean()


def test_a_shadow_test_leads_out_of_a_dead_end_of_the_priority_method():
    # Every item of y is an enemy of one of x: counting relies on none of them.
    pool = pool_of(
        6,
        categories={"x": members(6, 0, 1, 2), "y": members(6, 3, 4, 5)},
        enemies=enemies_of(6, [0, 3], [1, 4], [2, 5]),
    )
    policy = policy_with(3, 3, areas=(AreaBound("x", 2), AreaBound("y", 1)))
    session = []
    for expected, passing in (([1, 2, 3], []), ([1, 2], []), ([1], [1])):
        codes = content_vetoes(pool, policy, answers(pool, session))[0]
        assert [i for i in range(6) if codes[i] == 0 and i not in session] == passing
        chosen = shadow_test(pool, policy, session, np.array([1.0, 2, 3, 9, 4, 5]))
        assert chosen.tolist() == expected
        session.append(int(chosen[-1]))
    assert session == [3, 2, 1]
