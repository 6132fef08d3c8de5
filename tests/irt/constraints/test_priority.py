"""The priority index of the content."""

import numpy as np

from irt.constraints.priority import LOWEST, content_priority
from irt.policy.blueprint import AreaBound
from tests.irt.constraints.pools import answers, members, policy_with, pool_of

N_ITEMS = 12
AREAS = {"x": members(N_ITEMS, *range(6)), "y": members(N_ITEMS, *range(4, 10))}


def priority_after(session, *areas):
    pool = pool_of(N_ITEMS, categories=AREAS)
    return content_priority(pool, policy_with(4, 10, areas=areas), answers(pool, session))[0]


def test_while_minimums_are_open_the_index_is_their_open_share_and_others_come_last():
    priority = priority_after([0], AreaBound("x", 4), AreaBound("y", 2))
    assert priority[[0, 4, 8]].tolist() == [0.75, 0.75, 1.0]
    assert priority[10:].tolist() == [LOWEST] * 2


def test_after_the_minimums_the_index_is_the_open_share_of_the_maximums():
    priority = priority_after([0, 4], AreaBound("x", 1, 4), AreaBound("y", 1, 2))
    assert priority[[0, 5, 8, 10]].tolist() == [0.5, 0.25, 0.5, 1.0]


def test_a_target_share_is_a_quota_of_the_longest_test():
    priority = priority_after([0], AreaBound("x", share=0.5), AreaBound("y", share=0.2))
    assert priority[[0, 5, 8, 10]].tolist() == [0.8, 0.8, 1.0, 1.0]


def test_an_area_that_wants_nothing_comes_last_from_the_first_item_on():
    priority = priority_after([], AreaBound("x", share=0.0), AreaBound("y", share=0.2))
    assert priority[[0, 4, 8]].tolist() == [LOWEST, LOWEST, 1.0]


def test_items_of_the_same_areas_have_the_same_priority_alone_and_among_others():
    rng = np.random.default_rng(1)
    area = rng.integers(0, 20, 301)
    leaves = {f"area {n}": area == n for n in range(20)}
    above = {f"below {n}": area < n for n in range(3, 20)}
    pool = pool_of(301, categories=leaves | above)
    leaf_bounds = [AreaBound(name, 0, 7, share=0.05) for name in leaves]
    bounds = [AreaBound(name, 0, 30 + n, share=0.9) for n, name in enumerate(above)]
    policy = policy_with(25, 60, areas=(*leaf_bounds, *bounds))
    sessions = [rng.choice(301, 7, replace=False) for _ in range(30)]
    together = content_priority(pool, policy, answers(pool, *sessions))
    assert (together == together[:, [np.flatnonzero(area == n)[0] for n in area]]).all()
    alone = [content_priority(pool, policy, answers(pool, session))[0] for session in sessions]
    assert (together == alone).all()
