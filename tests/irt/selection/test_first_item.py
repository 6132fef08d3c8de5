import numpy as np
import pytest

from irt.ability import Ability
from irt.adaptive import advance, start
from irt.models.information import item_information
from irt.models.parameters import Model
from irt.policy.policy import Criterion, Draw, Estimation, FirstItem, Policy, Selection
from irt.pool import Attributes, Veto, build_pool
from irt.quadrature import normal_grid
from irt.random_numbers import uniform_draw
from irt.selection.first_item import selection_theta
from irt.state import examinees
from tests.irt.selection.states import after, dichotomous_pool, fresh, mixed_pool

ESTIMATE = Ability(np.full(3, 9.0), np.full(3, 0.1))


def policy_of(first, **settings):
    return Policy(selection=Selection(first=first, **settings))


def test_the_first_item_is_looked_for_at_each_examinees_prior_mean():
    policy = policy_of(FirstItem.PRIOR_MEAN)
    state = fresh(mixed_pool(20), policy, 3, prior_mean=[-1.0, 0.2, 9.0], prior_sd=[1.0, 0.5, 2.0])
    at = selection_theta(policy, state, ESTIMATE)
    assert at.theta.tolist() == [-1.0, 0.2, 4.0]
    assert at.standard_error.tolist() == [1.0, 0.5, 2.0]


def test_a_spread_start_is_uniform_around_the_prior_mean_and_fixed_by_the_seed():
    policy = policy_of(FirstItem.SPREAD, spread=0.5)
    state = fresh(mixed_pool(20), policy, 20_000, prior_mean=1.0)
    estimate = Ability(np.zeros(20_000), np.ones(20_000))
    theta = selection_theta(policy, state, estimate).theta
    assert np.histogram(theta, 10, (0.5, 1.5))[0] / 20_000 == pytest.approx(0.1, abs=0.01)
    again = selection_theta(policy, state.take([17]), Ability(np.zeros(1), np.ones(1))).theta
    assert again.tolist() == [theta[17]]


def test_a_spread_start_says_nothing_of_the_draw_among_the_best():
    pool = dichotomous_pool(30)
    policy = policy_of(FirstItem.SPREAD, draw=Draw.RANDOMESQUE, among=2)
    state = fresh(pool, policy, 5000)
    theta = selection_theta(policy, state, Ability(np.zeros(5000), np.ones(5000))).theta
    draw = uniform_draw(state.examinees.seed, state.position)
    assert abs(np.corrcoef(theta, draw)[0, 1]) < 0.05


def test_a_carried_start_is_where_the_earlier_session_ended_within_the_fences():
    policy = Policy(
        estimation=Estimation(prior_mean=0.3, fence=2.5),
        selection=Selection(first=FirstItem.CARRIED),
    )
    state = fresh(mixed_pool(20), policy, 3, start_theta=[1.25, np.nan, -3.5])
    at = selection_theta(policy, state, ESTIMATE)
    assert at.theta.tolist() == [1.25, 0.3, -2.5]
    assert at.standard_error.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("first", [FirstItem.PRIOR_MEAN, FirstItem.SPREAD, FirstItem.CARRIED])
def test_later_items_are_looked_for_at_the_estimate(first):
    pool, policy = mixed_pool(20), policy_of(first)
    state = after(pool, fresh(pool, policy, 3, start_theta=1.0), [(0, 1)])
    assert selection_theta(policy, state, ESTIMATE) is ESTIMATE


def test_a_pretest_item_given_before_does_not_end_the_rule_of_the_first_item():
    pool = build_pool(
        np.arange(20),
        mixed_pool(20).parameters,
        normal_grid(),
        Attributes(operational=np.arange(20) != 0),
    )
    policy = policy_of(FirstItem.CARRIED)
    state = after(pool, fresh(pool, policy, 3, start_theta=1.0), [(0, 1)])
    assert selection_theta(policy, state, ESTIMATE).theta.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "criterion",
    [
        Criterion.MAXIMUM_INFORMATION,
        Criterion.KULLBACK_LEIBLER,
        Criterion.POSTERIOR_WEIGHTED_INFORMATION,
        Criterion.EXPECTED_POSTERIOR_VARIANCE,
        Criterion.URRY,
    ],
)
def test_every_criterion_looks_for_the_first_item_where_the_rule_says(criterion):
    pool = dichotomous_pool(400, Model.RASCH)
    policy = Policy(
        estimation=Estimation(prior_sd=0.4),
        selection=Selection(criterion=criterion, first=FirstItem.CARRIED),
    )
    step = start(pool, policy, examinees(policy, [1, 2, 3], start_theta=[-1.5, np.nan, 1.5]))
    difficulty = pool.parameters.difficulty[step.item, 0]
    assert difficulty == pytest.approx([-1.5, 0.0, 1.5], abs=0.1)


def fixed(item_id):
    return policy_of(FirstItem.FIXED, first_item=item_id)


def best_at_zero(pool):
    return int(item_information(pool.parameters, np.zeros(1))[:, 0].argmax())


def test_a_fixed_first_item_is_given_first_and_only_once():
    pool, policy = mixed_pool(20), fixed(7)
    step = start(pool, policy, examinees(policy, [1, 2]))
    assert step.item.tolist() == [7, 7]
    step = advance(pool, policy, step.state, step.item, [0, 1])
    assert not np.isin(step.item, 7).any()


def test_a_fixed_first_item_that_is_withdrawn_gives_way_to_the_best():
    pool, policy = mixed_pool(20), fixed(7)
    vetoes = np.zeros((2, 20), dtype=np.uint8)
    vetoes[1, 7] = Veto.WITHDRAWN
    step = start(pool, policy, examinees(policy, [1, 2]), vetoes=vetoes)
    assert step.item.tolist() == [7, best_at_zero(pool)]


def test_a_fixed_first_item_that_the_pool_lacks_gives_way_to_the_best():
    pool, policy = mixed_pool(20), fixed(99)
    assert start(pool, policy, examinees(policy, [1])).item.tolist() == [best_at_zero(pool)]
