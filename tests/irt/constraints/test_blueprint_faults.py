import numpy as np
import pytest

from irt.constraints.feasibility import blueprint_faults
from irt.faults import Fault
from irt.policy.blueprint import AreaBound, Blueprint, Method, SetBound
from tests.irt.constraints.pools import (
    enemies_of,
    members,
    policy_with,
    pool_of,
    realistic_policy,
    realistic_pool,
)


@pytest.mark.parametrize("method", Method)
def test_a_bank_that_fills_the_blueprint_has_no_faults(method):
    pool = realistic_pool(150, seed=3)
    assert blueprint_faults(pool, realistic_policy(method, max_words=800)) == []
    assert blueprint_faults(pool, policy_with(5, 10, method=method)) == []


def test_bounds_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="algebra: the minimum 3 is above the maximum 2"):
        AreaBound("algebra", 3, 2)
    with pytest.raises(ValueError, match=r"the share 1\.5 must lie between 0 and 1"):
        AreaBound("algebra", share=1.5)
    with pytest.raises(ValueError, match="the minimum must not be negative"):
        AreaBound("algebra", -1)
    with pytest.raises(ValueError, match="gives at least 1 item"):
        SetBound(None, 0)
    with pytest.raises(ValueError, match="sets: the minimum 3 is above the maximum 2"):
        SetBound(None, 3, 2)
    with pytest.raises(ValueError, match="bounds the area algebra twice"):
        Blueprint(areas=(AreaBound("algebra"), AreaBound("algebra", 1)))
    with pytest.raises(ValueError, match="bounds a stimulus set twice"):
        Blueprint(sets=(SetBound(None), SetBound(None, 2)))
    with pytest.raises(ValueError, match="bounds a stimulus set twice"):
        Blueprint(sets=(SetBound(4), SetBound(4, 2)))
    with pytest.raises(ValueError, match="limit of words"):
        Blueprint(max_words=0)
    with pytest.raises(ValueError, match="limit of seconds"):
        Blueprint(max_seconds=0)


def test_an_unknown_area_and_an_unknown_stimulus_are_named():
    pool = pool_of(4, categories={"algebra": members(4, 0)}, stimulus=[1, 1, -1, -1])
    policy = policy_with(1, 2, areas=(AreaBound("algebr", 1),), sets=(SetBound(2),))
    assert blueprint_faults(pool, policy) == [
        Fault.of("unknown_area", area="algebr", known="algebra"),
        Fault.of("unknown_set", stimulus=2),
    ]


def test_an_area_with_too_few_items_is_counted():
    pool = pool_of(
        20,
        categories={"algebra": members(20, *range(10))},
        operational=[False] + [True] * 19,
    )
    policy = policy_with(12, 15, areas=(AreaBound("algebra", 12),))
    assert blueprint_faults(pool, policy) == [
        Fault.of("area_too_few_items", area="algebra", needed=12, available=9)
    ]


def test_enemies_that_leave_too_few_are_counted():
    pool = pool_of(
        10, categories={"algebra": members(10, 0, 1, 2, 3)}, enemies=enemies_of(10, [0, 1, 2])
    )
    policy = policy_with(5, 6, areas=(AreaBound("algebra", 3),))
    assert blueprint_faults(pool, policy) == [
        Fault.of("area_too_few_together", area="algebra", needed=3, available=4, together=2)
    ]


def test_minimums_above_the_length_are_added_up():
    pool = pool_of(9, categories={"x": members(9, 0, 1, 2, 3), "y": members(9, 4, 5, 6)})
    policy = policy_with(3, 5, areas=(AreaBound("x", 3), AreaBound("y", 3)))
    assert blueprint_faults(pool, policy) == [Fault.of("minimums_above_length", needed=6, length=5)]


def test_maximums_that_cannot_fill_the_test_are_added_up():
    pool = pool_of(9, categories={"x": members(9, *range(5)), "y": members(9, *range(5, 9))})
    policy = policy_with(6, 7, areas=(AreaBound("x", 0, 2), AreaBound("y", 0, 3)))
    assert blueprint_faults(pool, policy) == [
        Fault.of("maximums_below_length", allowed=5, length=6)
    ]


def test_nested_areas_that_contradict_each_other_are_named():
    categories = {"math": members(9, *range(8)), "x": members(9, 0, 1, 2), "y": members(9, 3, 4)}
    pool = pool_of(9, categories=categories)
    policy = policy_with(
        3, 6, areas=(AreaBound("math", 0, 3), AreaBound("x", 2), AreaBound("y", 2))
    )
    assert blueprint_faults(pool, policy) == [
        Fault.of("nested_minimums_above_maximum", area="math", maximum=3, needed=4)
    ]
    pool = pool_of(9, categories=categories | {"math": members(9, *range(5))})
    policy = policy_with(
        3, 6, areas=(AreaBound("math", 4), AreaBound("x", 0, 2), AreaBound("y", 0, 1))
    )
    assert blueprint_faults(pool, policy) == [
        Fault.of("nested_maximums_below_minimum", area="math", minimum=4, allowed=3)
    ]


def test_shares_must_fit_their_bounds_and_each_other():
    pool = pool_of(40, categories={"x": members(40, *range(20)), "y": members(40, *range(20, 40))})
    policy = policy_with(5, 10, areas=(AreaBound("x", 0, 3, 0.5), AreaBound("y", share=0.6)))
    assert blueprint_faults(pool, policy) == [
        Fault.of("share_outside_bounds", area="x", share=0.5, length=10, wanted=5.0),
        Fault.of("shares_above_one", total=1.1),
    ]


def test_sets_too_small_for_their_minimum_are_named():
    pool = pool_of(8, stimulus=[5, 5, 6, 6, 6, -1, -1, -1])
    policy = policy_with(2, 4, sets=(SetBound(None, 3),))
    assert blueprint_faults(pool, policy) == [
        Fault.of("set_too_small", stimulus=5, available=2, needed=3)
    ]
    assert blueprint_faults(pool, policy_with(1, 2, sets=(SetBound(None, 2), SetBound(6, 3)))) == [
        Fault.of("set_longer_than_test", stimulus=6, needed=3, length=2)
    ]


def test_limits_that_the_shortest_items_exceed_are_added_up():
    pool = pool_of(
        6,
        words=[100, 100, 100, 10, 10, 10],
        seconds=[5.5] * 6,
        categories={"x": members(6, 0, 1, 2)},
    )
    policy = policy_with(3, 4, areas=(AreaBound("x", 2),), max_words=200, max_seconds=15)
    assert blueprint_faults(pool, policy) == [
        Fault.of("too_many_words", count=3, load=210.0, limit=200.0),
        Fault.of("too_many_seconds", count=3, load=16.5, limit=15.0),
    ]


def test_what_the_priority_method_cannot_plan_is_refused():
    pool = pool_of(
        6,
        categories={"x": members(6, 0, 1, 2), "y": members(6, 2, 3)},
        stimulus=[-1, 9, -1, 9, -1, -1],
    )
    areas = (AreaBound("x", 1), AreaBound("y", 1))
    assert blueprint_faults(pool, policy_with(2, 3, areas=areas)) == [
        Fault.of("areas_cross", first="x", second="y"),
        Fault.of("set_across_areas", stimulus=9),
    ]
    assert blueprint_faults(pool, policy_with(2, 3, areas=areas, method=Method.SHADOW_TEST)) == []


def test_constraints_that_only_together_are_too_much_are_named_and_no_others():
    pool = pool_of(
        8,
        categories={"x": members(8, 0, 1, 2), "y": members(8, 3, 4, 5), "z": members(8, 6, 7)},
        enemies=enemies_of(8, [0, 3], [0, 4], [1, 3], [1, 4], [2, 3], [2, 4], [2, 5], [1, 5]),
    )
    areas = (AreaBound("x", 2), AreaBound("y", 1), AreaBound("z", 0, 2))
    assert blueprint_faults(pool, policy_with(3, 5, areas=areas)) == [
        Fault.of("cannot_hold_together", constraints="x >= 2, y >= 1")
    ]


def test_words_and_seconds_that_only_together_are_too_much_are_named():
    pool = pool_of(4, words=[10, 10, 90, 90], seconds=[90, 90, 10, 10])
    policy = policy_with(2, 2, max_words=95, max_seconds=95)
    assert blueprint_faults(pool, policy) == [
        Fault.of("cannot_hold_together", constraints="length >= 2, words <= 95, seconds <= 95")
    ]


def test_a_shadow_test_needs_items_for_the_greatest_length():
    pool = pool_of(6)
    assert blueprint_faults(pool, policy_with(3, 8, method=Method.SHADOW_TEST)) == [
        Fault.of("shadow_test_too_few_items", needed=8, available=6)
    ]
    assert blueprint_faults(pool, policy_with(3, 8)) == []


def test_a_fault_carries_its_numbers_for_every_language():
    pool = pool_of(4, categories={"algebra": members(4, 0)})
    fault = blueprint_faults(pool, policy_with(2, 3, areas=(AreaBound("algebra", 2),)))[0]
    assert fault.code == "area_too_few_items"
    assert dict(fault.values) == {"area": "algebra", "needed": 2, "available": 1}


def test_a_realistic_blueprint_that_words_make_impossible_is_told_by_words():
    pool = realistic_pool(150, seed=3)
    faults = blueprint_faults(pool, realistic_policy(max_words=200))
    assert [fault.code for fault in faults] == ["too_many_words"]
    values = dict(faults[0].values)
    assert values["count"] == 10
    assert values["load"] > np.sort(pool.words[pool.operational])[:10].sum()
