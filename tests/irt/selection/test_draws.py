import numpy as np
import pytest
from scipy.integrate import quad

from irt.policy.policy import Criterion, Draw, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.random_numbers import uniform_draw, uniform_draws
from irt.selection.draws import (
    best_item,
    criterion_share,
    draw_item,
    select_progressive,
    select_proportional,
)
from tests.irt.selection.states import after, dichotomous_pool, fresh

N = 40_000


def policy_of(draw, *, max_items=5, **settings):
    return Policy(
        selection=Selection(draw=draw, **settings), stopping=Stopping(max_items=max_items)
    )


def shares(policy, criterion, available=None, answers=0):
    """How often each item is drawn for N examinees who have had `answers` items."""
    pool = dichotomous_pool(len(criterion) + 5)
    state = after(pool, fresh(pool, policy, N), [(len(criterion) + n, 0) for n in range(answers)])
    values = np.tile(np.concatenate([criterion, np.ones(5)]), (N, 1))
    free = np.zeros(values.shape, dtype=bool)
    free[:, : len(criterion)] = True if available is None else available
    return np.bincount(draw_item(pool, policy, state, values, free), minlength=10) / N


def assert_drawn_with(probability, found):
    error = np.sqrt(probability * (1 - probability) / N)
    assert (np.abs(found[: len(probability)] - probability) <= 4 * error + 1e-12).all()


CRITERION = np.array([0.1, 0.9, 0.5, 0.7, 0.3])


def test_the_best_draw_takes_the_best_whatever_the_number_to_draw_among():
    found = shares(policy_of(Draw.BEST, among=3), CRITERION)
    assert found.tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_randomesque_draws_evenly_among_the_best_available():
    free = np.array([True, False, True, True, True])
    found = shares(policy_of(Draw.RANDOMESQUE, among=3), CRITERION, free)
    assert_drawn_with(np.array([0, 0, 1 / 3, 1 / 3, 1 / 3]), found)


def test_the_share_of_the_criterion_rises_from_0_to_1():
    assert criterion_share(5, 0.0) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert criterion_share(5, 1.0) == pytest.approx([0, 0.1, 0.3, 0.6, 1])
    assert criterion_share(4, 2.0) == pytest.approx([0, 1 / 14, 5 / 14, 1])
    assert criterion_share(1, 1.0).tolist() == [0.0]
    assert criterion_share(3, 1e6).tolist() == [0.0, 0.0, 1.0]


def test_progressive_begins_with_chance_alone_and_ends_with_the_criterion_alone():
    policy = policy_of(Draw.PROGRESSIVE)
    assert_drawn_with(np.full(5, 0.2), shares(policy, CRITERION))
    assert shares(policy, CRITERION, answers=4).tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("answers", "share"), [(1, 0.1), (2, 0.3), (3, 0.6)])
def test_progressive_weighs_chance_and_criterion_by_the_share(answers, share):
    spread = (1 - share) * CRITERION.max()

    def below(item, x):
        return np.clip((x - share * CRITERION[item]) / spread, 0, 1)

    def wins(item):
        low = share * CRITERION[item]
        others = [other for other in range(5) if other != item]
        return quad(
            lambda x: np.prod([below(other, x) for other in others]) / spread,
            low,
            low + spread,
            points=share * CRITERION,
        )[0]

    expected = np.array([wins(item) for item in range(5)])
    assert expected.sum() == pytest.approx(1.0, abs=1e-8)
    assert_drawn_with(expected, shares(policy_of(Draw.PROGRESSIVE), CRITERION, answers=answers))


def test_a_larger_power_leaves_more_to_chance_in_the_middle_of_the_test():
    slow = shares(policy_of(Draw.PROGRESSIVE, power=3.0), CRITERION, answers=2)
    even = shares(policy_of(Draw.PROGRESSIVE, power=0.0), CRITERION, answers=2)
    assert slow[1] < even[1]


@pytest.mark.parametrize(
    ("answers", "exponent"), [(0, 0.0), (1, 0.5), (2, 1.5), (3, 3.0), (4, 5.0)]
)
def test_proportional_draws_with_probability_proportional_to_a_power(answers, exponent):
    free = np.array([True, True, True, False, True])
    expected = CRITERION**exponent * free
    found = shares(policy_of(Draw.PROPORTIONAL), CRITERION, free, answers)
    assert_drawn_with(expected / expected.sum(), found)


@pytest.mark.parametrize("draw", [Draw.PROGRESSIVE, Draw.PROPORTIONAL])
def test_a_criterion_below_zero_counts_from_the_lowest_available_item(draw):
    policy = policy_of(draw)
    free = np.array([True, True, True, False, True])
    below = np.array([-0.5, 0.3, -0.1, -9.0, -0.3])
    from_zero = below + 0.5
    assert shares(policy, below, free, 2).tolist() == shares(policy, from_zero, free, 2).tolist()


@pytest.mark.parametrize("draw", [Draw.PROGRESSIVE, Draw.PROPORTIONAL])
def test_items_without_any_use_are_drawn_evenly(draw):
    found = shares(policy_of(draw), np.zeros(5), answers=2)
    if draw == Draw.PROPORTIONAL:
        assert_drawn_with(np.full(5, 0.2), found)
    else:
        assert found.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("draw", Draw)
def test_where_nothing_is_available_there_is_no_item(draw):
    pool = dichotomous_pool(4)
    policy = policy_of(draw, among=2)
    free = np.array([[False] * 4, [False, False, True, False]])
    drawn = draw_item(pool, policy, fresh(pool, policy, 2), np.ones((2, 4)), free)
    assert drawn.tolist() == [-1, 2]


@pytest.mark.parametrize("draw", Draw)
def test_a_draw_is_the_same_whoever_else_is_drawn_for(draw):
    pool = dichotomous_pool(57)
    policy = policy_of(draw, among=6, max_items=10)
    state = after(pool, fresh(pool, policy, 300), [(3, 1), (8, 0), (20, 1)])
    criterion = np.random.default_rng(2).random((300, 57))
    drawn = draw_item(pool, policy, state, criterion, ~state.administered)
    alone = [
        draw_item(pool, policy, state.take([n]), criterion[[n]], ~state.administered[[n]])[0]
        for n in range(300)
    ]
    assert drawn.tolist() == alone
    assert not np.isin(drawn, [3, 8, 20]).any()


def test_ties_at_the_end_of_a_progressive_test_go_to_the_lower_id():
    criterion = np.array([[0.4, 0.5, 0.5 + 1e-14]])
    free = np.ones((1, 3), dtype=bool)
    drawn = select_progressive(criterion, free, np.array([[0.1, 0.2, 0.9]]), np.ones(1))
    assert drawn.tolist() == [1]
    assert best_item(criterion, free).tolist() == [1]


def test_the_largest_number_draws_the_last_item_that_is_available():
    criterion = np.array([[0.1, 0.2, 0.3, 0.7]])
    free = np.array([[True, True, True, False]])
    draw = np.array([1 - 2.0**-53])
    assert select_proportional(criterion, free, draw, np.ones(1)).tolist() == [2]


@pytest.mark.parametrize("draw", [Draw.RANDOMESQUE, Draw.PROGRESSIVE, Draw.PROPORTIONAL])
def test_chance_on_top_of_a_stratified_selection_stays_within_the_stratum(draw):
    pool = dichotomous_pool(6)
    policy = policy_of(draw, criterion=Criterion.A_STRATIFIED, among=5)
    state = fresh(pool, policy, 2000)
    criterion = np.tile([4.5, 4.1, 4.3, 3.5, 3.4, 2.2], (2000, 1))
    free = np.array([[True] * 6] * 1000 + [[False] * 3 + [True] * 3] * 1000)
    drawn = draw_item(pool, policy, state, criterion, free)
    assert sorted(set(drawn[:1000])) == [0, 1, 2]
    assert sorted(set(drawn[1000:])) == [3, 4]


def test_numbers_for_items_are_uniform_and_unlike_those_of_the_position():
    seeds = np.arange(300, dtype=np.uint64)
    position = np.arange(300) % 9
    ids = np.arange(100)
    numbers = uniform_draws(seeds, position, ids)
    assert (numbers.min() >= 0, numbers.max() < 1) == (True, True)
    assert np.histogram(numbers, 10, (0, 1))[0] / numbers.size == pytest.approx(0.1, abs=0.006)
    assert not np.isin(numbers, uniform_draw(seeds, position)).any()
    assert uniform_draws(seeds[[7]], position[[7]], ids)[0].tolist() == numbers[7].tolist()
    assert uniform_draws(seeds, position, ids[::-1])[:, ::-1].tolist() == numbers.tolist()
