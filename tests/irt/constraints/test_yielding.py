"""Minimums yield to what vetoes from outside leave of the pool, and to nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from irt.adaptive import advance, next_step, start
from irt.constraints.satisfaction import minimums_met, violations
from irt.constraints.shadow_test import shadow_tests
from irt.policy.blueprint import AreaBound, Method, SetBound
from irt.policy.policy import Exposure, ExposureMethod, FirstItem, Selection
from irt.policy.stopping_rules import InformationLeft, StandardError, Stopping, StopReason
from irt.pool import Veto
from irt.state import examinees
from tests.irt.constraints.pools import (
    answers,
    enemies_of,
    members,
    policy_with,
    pool_of,
    realistic_policy,
    realistic_pool,
)

PASSAGE = pool_of(40, stimulus=np.where(np.arange(40) < 4, 7, -1))
ALGEBRA = pool_of(40, categories={"algebra": members(40, 0, 1, 2), "rest": np.arange(40) >= 3})


def beginning_with(policy, item):
    return replace(policy, selection=Selection(first=FirstItem.FIXED, first_item=item))


def vetoing(pool, items, veto=Veto.WITHDRAWN):
    return np.where(np.isin(np.arange(pool.n_items), items), veto, Veto.NONE).astype(np.uint8)


def session(pool, policy, vetoes_at):
    """Items and stop reason of a session under the vetoes `vetoes_at(position)`."""
    step, items = start(pool, policy, examinees(policy, 1), vetoes=vetoes_at(0)), []
    while step.stop[0] == StopReason.CONTINUE:
        items.append(int(step.item[0]))
        vetoes = vetoes_at(len(items))
        step = advance(pool, policy, step.state, step.item, [len(items) % 2], vetoes=vetoes)
    return items, step.stop[0]


def after_first(pool, *items):
    return lambda position: vetoing(pool, items) if position else None


def broken_by(pool, policy, items):
    found = violations(pool, policy, np.array([items]))
    return [str(found.constraints[i]) for i in np.flatnonzero(found.broken[0])]


@pytest.mark.parametrize("method", Method)
def test_a_session_goes_on_where_the_rest_of_its_passage_is_withdrawn(method):
    policy = beginning_with(policy_with(8, 8, method=method, sets=(SetBound(None, 3),)), 0)
    items, stop = session(PASSAGE, policy, after_first(PASSAGE, 1, 2, 3))
    assert (len(items), stop) == (8, StopReason.MAXIMUM_LENGTH)
    assert min(items[1:]) >= 4
    assert broken_by(PASSAGE, policy, items) == ["set minimum of 7"]


@pytest.mark.parametrize("method", Method)
def test_what_is_left_of_a_passage_is_given_before_anything_else(method):
    policy = beginning_with(policy_with(8, 8, method=method, sets=(SetBound(None, 3),)), 0)
    items, stop = session(PASSAGE, policy, after_first(PASSAGE, 1, 3))
    assert items[:2] == [0, 2]
    assert (len(items), stop) == (8, StopReason.MAXIMUM_LENGTH)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("veto", [Veto.WITHDRAWN, Veto.CAPPED, Veto.SEEN])
def test_a_session_goes_on_where_an_area_has_too_few_items_left(method, veto):
    policy = policy_with(
        8, 8, method=method, areas=(AreaBound("algebra", 3), AreaBound("rest", 2, 6))
    )
    items, stop = session(ALGEBRA, policy, lambda _: vetoing(ALGEBRA, [0, 1], veto))
    assert 2 in items
    assert (len(items), stop) == (7, StopReason.NO_ITEM_LEFT)
    assert broken_by(ALGEBRA, policy, items) == ["area minimum of algebra"]


@pytest.mark.parametrize("method", Method)
def test_other_minimums_and_maximums_hold_where_one_yields(method):
    pool = realistic_pool(150, seed=3)
    policy = realistic_policy(method, max_words=700, max_seconds=1000)
    circles = np.flatnonzero(pool.categories["circles"])
    items, stop = session(pool, policy, after_first(pool, *circles))
    assert 10 <= len(items) <= 14
    assert stop in (StopReason.MAXIMUM_LENGTH, StopReason.NO_ITEM_LEFT)
    assert set(broken_by(pool, policy, items)) <= {"area minimum of circles"}


@pytest.mark.parametrize("method", Method)
def test_no_more_is_given_up_than_the_parts_of_an_area_lack(method):
    # Without x the area above it can give 2, what y allows, and z need not yield.
    x, y, z = members(30, *range(5)), members(30, *range(5, 15)), members(30, *range(15, 30))
    pool = pool_of(30, categories={"x": x, "y": y, "x or y": x | y, "z": z})
    areas = (AreaBound("x", 2), AreaBound("y", 0, 2), AreaBound("x or y", 5), AreaBound("z", 4))
    policy = policy_with(10, 10, method=method, areas=areas)
    items, stop = session(pool, policy, lambda _: vetoing(pool, range(5)))
    assert (len(items), stop) == (10, StopReason.MAXIMUM_LENGTH)
    assert (y[items].sum(), z[items].sum()) == (2, 8)


@pytest.mark.parametrize("method", Method)
def test_enemies_and_words_never_yield(method):
    pool = pool_of(
        12,
        words=[10] * 6 + [40] * 6,
        categories={"x": members(12, 0, 1, 2, 3)},
        enemies=enemies_of(12, [2, 3]),
    )
    policy = policy_with(4, 6, method=method, areas=(AreaBound("x", 3),), max_words=100)
    items, stop = session(pool, policy, lambda _: vetoing(pool, [0, 1, 4, 5]))
    assert stop == StopReason.NO_ITEM_LEFT
    assert set(items) & {2, 3}
    assert broken_by(pool, policy, items) == ["area minimum of x"]
    assert len(items) == 3


@pytest.mark.parametrize("method", Method)
def test_a_session_ends_where_nothing_is_left(method):
    policy = policy_with(8, 8, method=method, areas=(AreaBound("algebra", 3),))
    items, stop = session(ALGEBRA, policy, lambda _: vetoing(ALGEBRA, range(4, 40)))
    assert (sorted(items), stop) == ([0, 1, 2, 3], StopReason.NO_ITEM_LEFT)


@pytest.mark.parametrize("method", Method)
def test_a_minimum_that_nothing_can_serve_any_more_does_not_hold_back_a_stopping_rule(method):
    stopping = Stopping(5, 20, StandardError(5.0))
    areas, sets = (AreaBound("algebra", 3),), (SetBound(None, 3),)
    for pool, part in ((ALGEBRA, {"areas": areas}), (PASSAGE, {"sets": sets})):
        policy = beginning_with(policy_with(5, 20, method=method, **part), 0)
        policy = replace(policy, stopping=stopping)
        items, stop = session(pool, policy, after_first(pool, 1, 2, 3))
        assert (len(items), stop) == (5, StopReason.STANDARD_ERROR)


@pytest.mark.parametrize("method", Method)
def test_information_is_looked_for_outside_of_a_passage_that_was_taken_away(method):
    policy = beginning_with(policy_with(1, 8, method=method, sets=(SetBound(None, 3),)), 0)
    policy = replace(policy, stopping=Stopping(1, 8, InformationLeft(0.001)))
    items, stop = session(PASSAGE, policy, after_first(PASSAGE, 1, 2, 3))
    assert (len(items), stop) == (8, StopReason.MAXIMUM_LENGTH)


def test_a_minimum_is_waited_for_while_something_can_serve_it():
    policy = policy_with(1, 9, areas=(AreaBound("algebra", 3),))
    state = answers(ALGEBRA, (0, 5), (0, 1), (0, 1, 2))
    everything = ~state.administered
    assert minimums_met(ALGEBRA, policy, state, everything).tolist() == [False, False, True]
    without = everything & ~members(40, 2)
    assert minimums_met(ALGEBRA, policy, state, without).tolist() == [False, True, True]


@pytest.mark.parametrize("method", Method)
@pytest.mark.slow
def test_whatever_is_withdrawn_only_minimums_break_and_only_a_test_without_items_ends(method):
    pool = realistic_pool(150, seed=3)
    policy = realistic_policy(method, max_words=700, max_seconds=1000)
    yielded = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        gone_at = np.where(rng.random(150) > 0.6 * rng.random(), rng.integers(0, 4, 150), 99)

        def withdrawn(position, gone_at=gone_at):
            return vetoing(pool, np.flatnonzero(gone_at <= position))

        items, stop = session(pool, policy, withdrawn)
        broken = broken_by(pool, policy, items)
        yielded += len(broken)
        assert all("minimum" in constraint for constraint in broken)
        if stop == StopReason.MAXIMUM_LENGTH:
            continue
        free = (gone_at > len(items)) & pool.operational & (pool.stimulus < 0)
        for item in np.setdiff1d(np.flatnonzero(free), items):
            assert any("minimum" not in name for name in broken_by(pool, policy, [*items, item]))
    assert yielded > 5


@pytest.mark.parametrize("method", Method)
def test_eligibility_is_ignored_before_content_yields(method):
    policy = policy_with(6, 6, method=method, areas=(AreaBound("algebra", 3),))
    vetoes = vetoing(ALGEBRA, [0, 1], Veto.INELIGIBLE)
    step = start(ALGEBRA, policy, examinees(policy, 1), vetoes=vetoes)
    assert step.stop[0] == StopReason.NO_ITEM_LEFT
    early = replace(policy, stopping=Stopping(1, 6, StandardError(5.0)))
    begun = advance(ALGEBRA, early, step.state, [2], [1], vetoes=vetoes)
    assert begun.stop[0] == StopReason.NO_ITEM_LEFT


@pytest.mark.parametrize("method", Method)
def test_exposure_control_is_kept_where_lifting_it_would_save_no_minimum(method):
    withheld = members(40, *range(20, 40))
    pool = replace(ALGEBRA, exposure=np.where(withheld, 0.0, 1.0)[:, None])
    policy = policy_with(6, 6, method=method, areas=(AreaBound("algebra", 3),))
    policy = replace(policy, exposure=Exposure(ExposureMethod.SYMPSON_HETTER))
    items, stop = session(pool, policy, lambda _: vetoing(pool, [0, 1]))
    assert (len(items), stop) == (6, StopReason.MAXIMUM_LENGTH)
    assert 2 in items
    assert max(items) < 20


@pytest.mark.parametrize("method", Method)
def test_nothing_yields_without_vetoes_from_outside(method):
    pool = pool_of(40, categories={"algebra": members(40, 0, 1)})
    policy = policy_with(6, 6, method=method, areas=(AreaBound("algebra", 3),))
    for vetoes in (None, np.zeros(40, dtype=np.uint8)):
        step = start(pool, policy, examinees(policy, 1), vetoes=vetoes)
        assert (step.item[0], step.stop[0]) == (-1, StopReason.NO_ITEM_LEFT)


@pytest.mark.parametrize("method", Method)
def test_a_session_whose_minimums_yield_is_judged_alike_alone_and_among_others(method):
    policy = policy_with(8, 8, method=method, areas=(AreaBound("algebra", 3),))
    vetoes = np.stack([vetoing(ALGEBRA, items) for items in ([0, 1], [], [0, 1, 2])])
    seeds = [1, 2, 3]
    together = start(ALGEBRA, policy, examinees(policy, seeds), vetoes=vetoes)
    assert (together.stop == StopReason.CONTINUE).all()
    for row, seed in enumerate(seeds):
        alone = start(ALGEBRA, policy, examinees(policy, seed), vetoes=vetoes[row])
        assert together.item[row] == alone.item[0]
        again = next_step(ALGEBRA, policy, alone.state, vetoes=vetoes[row])
        assert again.item.tolist() == alone.item.tolist()


def test_the_test_that_is_left_holds_as_much_of_its_minimums_as_there_is():
    policy = policy_with(5, 5, method=Method.SHADOW_TEST, areas=(AreaBound("algebra", 3),))
    open_items = ~members(40, 0)[None, :]
    criterion = np.arange(40.0)[None, :]
    state = answers(ALGEBRA, ())
    assert not shadow_tests(ALGEBRA, policy, state, criterion, open_items).any()
    left = shadow_tests(ALGEBRA, policy, state, criterion, open_items, yielding_to=open_items)
    assert np.flatnonzero(left[0]).tolist() == [1, 2, 37, 38, 39]
