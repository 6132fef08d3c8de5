import numpy as np
import pytest

from irt.constraints.priority import content_priority
from irt.constraints.satisfaction import minimums_met, violations
from irt.constraints.vetoes import content_vetoes
from irt.policy.blueprint import AreaBound, Method, SetBound
from irt.pool import Veto
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


def vetoes_after(pool, policy, *session):
    return content_vetoes(pool, policy, answers(pool, session))[0].tolist()


def test_a_test_without_constraints_costs_nothing():
    assert content_vetoes(pool_of(4), policy_with(1, 4), answers(pool_of(4), ())) is None


def test_enemies_do_not_meet_and_pretest_items_are_enemies_too():
    pool = pool_of(
        5, enemies=enemies_of(5, [0, 1], [2, 3, 4]), operational=[True, True, True, True, False]
    )
    policy = policy_with(1, 4)
    assert vetoes_after(pool, policy, 0) == [0, Veto.ENEMY, 0, 0, 0]
    assert vetoes_after(pool, policy, 4) == [0, 0, Veto.ENEMY, Veto.ENEMY, 0]


def test_an_area_gives_no_item_beyond_its_maximum():
    pool = pool_of(4, categories={"algebra": members(4, 0, 1, 2)})
    policy = policy_with(1, 3, areas=(AreaBound("algebra", maximum=1),))
    assert vetoes_after(pool, policy, 0) == [0, Veto.CONTENT, Veto.CONTENT, 0]


def test_the_last_places_are_kept_for_the_minimums():
    pool = pool_of(5, categories={"algebra": members(5, 0, 1), "geometry": members(5, 2, 3)})
    policy = policy_with(3, 3, areas=(AreaBound("algebra", 1), AreaBound("geometry", 1)))
    assert vetoes_after(pool, policy, 4) == [0, 0, 0, 0, 0]
    assert vetoes_after(pool, policy, 4, 0) == [0, Veto.CONTENT, 0, 0, 0]


def test_an_area_counts_the_items_of_the_areas_below():
    pool = pool_of(5, categories={"algebra": members(5, 0, 1, 2), "linear": members(5, 0)})
    policy = policy_with(2, 2, areas=(AreaBound("algebra", 0, 2), AreaBound("linear", 1)))
    assert vetoes_after(pool, policy, 1) == [0, 0, *[Veto.CONTENT] * 3]


def test_a_set_is_delivered_together_to_its_maximum():
    pool = pool_of(6, stimulus=[7, 7, 7, -1, -1, -1])
    policy = policy_with(1, 5, sets=(SetBound(None, 1, 2),))
    assert vetoes_after(pool, policy, 3) == [0] * 6
    assert vetoes_after(pool, policy, 3, 1) == [0, 0, 0, *[Veto.STIMULUS] * 3]
    assert vetoes_after(pool, policy, 3, 1, 2)[0] == Veto.CONTENT
    assert vetoes_after(pool, policy, 3, 1, 2)[4:] == [0, 0]


def test_a_set_that_was_left_is_closed():
    pool = pool_of(6, stimulus=[7, 7, 7, -1, -1, -1])
    policy = policy_with(1, 5, sets=(SetBound(None, 1, 2),))
    assert vetoes_after(pool, policy, 0, 1, 3)[2] == Veto.STIMULUS


def test_a_set_is_not_entered_where_its_minimum_has_no_place_any_more():
    pool = pool_of(6, stimulus=[7, 7, 7, -1, -1, -1])
    policy = policy_with(1, 4, sets=(SetBound(None, 3),))
    assert vetoes_after(pool, policy, 3) == [0] * 6
    assert vetoes_after(pool, policy, 3, 4) == [*[Veto.STIMULUS] * 3, 0, 0, 0]


def test_items_that_are_withdrawn_are_not_counted_on():
    pool = pool_of(4, categories={"algebra": members(4, 0, 1)})
    policy = policy_with(3, 3, areas=(AreaBound("algebra", 1),))
    state = answers(pool, (2,))
    available = ~members(4, 0)[None, :]
    given = content_vetoes(pool, policy, state, available=available)
    assert given[0].tolist() == [0, 0, 0, 0]
    available[0, 1] = False
    given = content_vetoes(pool, policy, state, available=available)
    assert given[0, 3] == Veto.CONTENT


def test_an_item_must_leave_words_for_the_shortest_test():
    pool = pool_of(4, words=[10, 20, 30, 60])
    policy = policy_with(3, 4, max_words=100)
    assert vetoes_after(pool, policy, 3) == [0, 0, 0, 0]
    assert vetoes_after(pool, policy, 3, 0) == [0, 0, 0, 0]
    assert vetoes_after(pool, policy, 3, 1) == [0, 0, Veto.LENGTH, 0]


def test_items_of_unknown_seconds_are_not_given_under_a_limit_of_seconds():
    pool = pool_of(
        5, seconds=[10, 10, np.nan, 10, np.nan], operational=[True, True, True, True, False]
    )
    limited, free = policy_with(2, 3, max_seconds=30), policy_with(2, 3, max_words=30)
    assert vetoes_after(pool, limited, 4, 0) == [0, 0, Veto.LENGTH, 0, 0]
    assert vetoes_after(pool, free, 4, 0) == [0] * 5


def test_a_passage_is_not_interrupted_by_a_pretest_item():
    pool = pool_of(5, stimulus=[7, 7, 7, -1, -1], operational=[True, True, False, False, True])
    policy = policy_with(1, 4, sets=(SetBound(None, 2),))
    assert vetoes_after(pool, policy, 4) == [0, 0, Veto.STIMULUS, 0, 0]
    assert vetoes_after(pool, policy, 0) == [0, 0, 0, Veto.STIMULUS, Veto.STIMULUS]


def test_shadow_tests_hold_the_constraints_themselves():
    pool = pool_of(6, stimulus=[7, 7, 7, -1, -1, -1], categories={"algebra": members(6, 3, 4)})
    policy = policy_with(
        1, 5, method=Method.SHADOW_TEST, areas=(AreaBound("algebra", 0, 1),), sets=(SetBound(),)
    )
    assert vetoes_after(pool, policy, 3, 0) == [0] * 6
    assert vetoes_after(pool, policy, 0, 3) == [*[Veto.STIMULUS] * 3, 0, 0, 0]


def tiny_pool(rng, enemies):
    leaf = rng.integers(0, 4, 9)
    return pool_of(
        9,
        stimulus=np.where(leaf == 2, 5 + rng.integers(0, 2, 9), -1),
        words=rng.integers(1, 9, 9),
        enemies=enemies_of(9, rng.choice(9, 2, replace=False)) if enemies else None,
        categories={"x": leaf < 2, "y": leaf == 0, "z": leaf == 2},
    )


def tiny_policy(rng, words):
    return policy_with(
        3,
        5,
        areas=(
            AreaBound("x", 1, int(rng.integers(1, 5))),
            AreaBound("y", int(rng.integers(0, 2)), 2),
            AreaBound("z", int(rng.integers(0, 3)), 3),
        ),
        sets=(SetBound(None, 2, int(rng.integers(2, 4))),),
        max_words=int(rng.integers(12, 25)) if words else None,
    )


def can_complete(pool, policy, session, item):
    return next(whole_tests(pool, policy, session, [item]), None) is not None


def walk(pool, policy, rng):
    """Sessions of passing items, with what the vetoes say before each."""
    session = []
    while len(session) < policy.stopping.max_items:
        codes = content_vetoes(pool, policy, answers(pool, session))[0]
        passing = [i for i in range(pool.n_items) if codes[i] == 0 and i not in session]
        yield list(session), passing
        if not passing:
            return
        session.append(int(rng.choice(passing)))


@pytest.mark.slow
def test_on_a_tree_without_enemies_an_item_passes_if_and_only_if_the_test_can_be_completed():
    rng = np.random.default_rng(1)
    compared = 0
    for round_ in range(60):
        pool, policy = tiny_pool(rng, enemies=False), tiny_policy(rng, words=round_ % 2)
        for session, passing in walk(pool, policy, rng):
            current = pool.stimulus[session[-1]] if session else -1
            within = [item for item in passing if current >= 0 and pool.stimulus[item] == current]
            for item in range(pool.n_items):
                if item in session or (within and item not in within):
                    continue
                begun = [*session, item]
                runs = [pool.stimulus[i] for i in begun]
                left = set(runs[:-1]) - {-1, runs[-1]}
                again = runs[-1] != current and runs[-1] >= 0 and runs[-1] in runs[:-1]
                short = any(runs.count(s) < 2 for s in left)
                possible = not again and not short
                possible = possible and can_complete(pool, policy, session, item)
                assert (item in passing) == possible
                compared += 1
    assert compared > 500


def test_with_enemies_an_item_passes_only_if_the_test_can_be_completed():
    rng = np.random.default_rng(2)
    passed = 0
    for _ in range(40):
        pool, policy = tiny_pool(rng, enemies=True), tiny_policy(rng, words=True)
        for session, passing in walk(pool, policy, rng):
            passed += len(passing)
            assert all(can_complete(pool, policy, session, item) for item in passing)
    assert passed > 200


@pytest.mark.slow
def test_no_constraint_is_broken_in_ten_thousand_sessions():
    pool, policy = realistic_pool(150, seed=3), realistic_policy(max_words=650)
    n = 10_000
    rng = np.random.default_rng(4)
    worth = rng.random((n, pool.n_items))
    state = answers(pool, *[()] * n)
    rows = np.arange(n)
    for _ in range(policy.stopping.max_items):
        codes = content_vetoes(pool, policy, state)
        free = (codes == Veto.NONE) & pool.operational & ~state.administered
        ranked = np.where(free, worth * content_priority(pool, policy, state), -1)
        item = np.where(free.any(axis=1), ranked.argmax(axis=1), -1)
        state.items = np.column_stack([state.items, item])
        state.administered[rows[item >= 0], item[item >= 0]] = True
    given = (state.items >= 0).sum(axis=1)
    assert violations(pool, policy, state.items).total == 0
    assert minimums_met(pool, policy, state).all()
    assert given.min() >= policy.stopping.min_items
    assert (given < policy.stopping.max_items).any()


def test_a_session_is_judged_alike_alone_and_among_others():
    pool, policy = realistic_pool(150, seed=3), realistic_policy(max_words=650)
    reading = np.flatnonzero(pool.stimulus == 1001)
    sessions = [(), (reading[0],), (0, 5), (reading[0], reading[1])]
    together = content_vetoes(pool, policy, answers(pool, *sessions))
    for row, session in enumerate(sessions):
        alone = content_vetoes(pool, policy, answers(pool, session))
        assert together[row].tolist() == alone[0].tolist()
