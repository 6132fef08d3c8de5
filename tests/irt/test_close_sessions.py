"""Estimates and choices of sessions whose posterior the pool's 61 nodes do not show."""

import numpy as np
import pytest

from irt.ability import posterior_mean
from irt.adaptive import advance, start
from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.models.curves import category_probabilities
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Estimation, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.responses import sparse_responses
from irt.selection.criteria import criterion_values
from irt.state import examinees

RNG = np.random.default_rng(11)


def pool_of(rows):
    return build_pool(np.arange(len(rows)), ItemParameters.from_rows(rows), normal_grid(61, 6.0))


def dichotomous(a, difficulties, c=0.0):
    model = Model.THREE_PL if c else Model.TWO_PL
    return [(model, a, b, c, 1.0) for b in difficulties]


def given_items(pool, policy, theta, n_answers, seed=3):
    """The last step of examinees at theta (N,) who have given n_answers."""
    draws = np.random.default_rng(seed).random((n_answers, len(theta)))
    step = start(pool, policy, examinees(policy, np.arange(len(theta))))
    for draw in draws:
        chances = category_probabilities(pool.parameters.take(step.item), theta[:, None])[:, :, 0]
        score = (draw[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
        step = advance(pool, policy, step.state, step.item, score)
    return step


def exact(pool, state, limit=6.0):
    """EAP and SD on very many nodes."""
    n, length = state.items.shape
    responses = sparse_responses(
        np.repeat(np.arange(n), length),
        state.items.ravel(),
        state.scores.ravel(),
        n_persons=n,
        n_items=pool.n_items,
        n_categories=pool.parameters.n_categories,
    )
    mean, sd = state.examinees.prior_mean[0], state.examinees.prior_sd[0]
    return expected_a_posteriori(
        responses, pool.parameters, normal_grid(8001, limit, float(mean), float(sd))
    )


@pytest.mark.parametrize("n_answers", [1, 4, 12, 25])
@pytest.mark.parametrize(
    "rows",
    [
        dichotomous(12.0, RNG.normal(size=60)),
        dichotomous(12.0, RNG.normal(size=60), c=0.2),
        [(Model.GRADED, 9.0, [b - 0.3, b, b + 0.2], 0.0, 1.0) for b in RNG.normal(size=60)],
    ],
    ids=["2pl", "3pl", "grm"],
)
def test_steep_items_give_the_error_that_the_answers_leave(rows, n_answers):
    pool, policy = pool_of(rows), Policy(estimation=Estimation(fence=6.0))
    step = given_items(pool, policy, RNG.normal(size=12), n_answers)
    known = exact(pool, step.state)
    np.testing.assert_allclose(step.theta, known.theta, atol=1e-3)
    np.testing.assert_allclose(step.standard_error, known.standard_error, rtol=0.01)


def test_a_long_session_of_usual_items_has_the_error_that_the_answers_leave():
    pool = pool_of(dichotomous(2.5, RNG.normal(scale=0.4, size=150)))
    policy = Policy(stopping=Stopping(max_items=150))
    step = given_items(pool, policy, RNG.normal(scale=0.3, size=3), 120)
    known = exact(pool, step.state)
    assert known.standard_error.max() < 0.12
    np.testing.assert_allclose(step.theta, known.theta, atol=1e-3)
    np.testing.assert_allclose(step.standard_error, known.standard_error, rtol=0.01)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 3.5), (3.9, 2.5), (-2.0, 0.05)])
def test_an_unusual_prior_is_neither_cut_off_nor_put_upon_a_node(mean, sd):
    pool = pool_of(dichotomous(1.0, np.linspace(-4.0, 4.0, 40)))
    policy = Policy(estimation=Estimation(prior_mean=mean, prior_sd=sd, fence=20.0))
    step = start(pool, policy, examinees(policy, np.arange(2)))
    for _ in range(15):
        step = advance(pool, policy, step.state, step.item, [1, 0])
    known = exact(pool, step.state, limit=30.0 if sd > 1 else 4.0)
    np.testing.assert_allclose(step.theta, known.theta, atol=1e-3)
    np.testing.assert_allclose(step.standard_error, known.standard_error, rtol=0.01)


def test_a_usual_session_has_what_its_61_nodes_give_to_the_last_bit():
    pool, policy = pool_of(dichotomous(1.8, RNG.normal(size=80), c=0.2)), Policy()
    step = given_items(pool, policy, RNG.normal(size=30), 25)
    on_nodes = posterior_mean(step.state.log_likelihood - 0.5 * pool.nodes**2, pool.nodes)
    fence = policy.estimation.fence
    assert np.array_equal(step.theta, on_nodes.theta.clip(-fence, fence))
    assert np.array_equal(step.standard_error, on_nodes.standard_error)


def test_a_batch_gives_to_the_last_bit_what_each_examinee_gets_alone():
    pool, policy = pool_of(dichotomous(12.0, RNG.normal(size=60), c=0.2)), Policy()
    together = given_items(pool, policy, RNG.normal(size=9), 14)
    for row in range(9):
        state = together.state.take([row])
        alone = advance(pool, policy, state, together.item[[row]], [1])
        pair = advance(pool, policy, together.state, together.item, np.ones(9, dtype=int))
        assert alone.theta[0] == pair.theta[row]
        assert alone.standard_error[0] == pair.standard_error[row]
        assert alone.item[0] == pair.item[row]


@pytest.mark.parametrize(
    "criterion", [Criterion.POSTERIOR_WEIGHTED_INFORMATION, Criterion.EXPECTED_POSTERIOR_VARIANCE]
)
def test_a_criterion_that_averages_over_theta_does_so_between_the_nodes(criterion):
    pool = pool_of(dichotomous(12.0, RNG.normal(size=120)))
    policy = Policy(selection=Selection(criterion=criterion))
    step = given_items(pool, policy, np.array([0.05, 0.11, -0.93]), 10)
    values = criterion_values(pool, policy, step.state, step.state.estimate)
    nodes = np.linspace(-6.0, 6.0, 6001)
    curves = category_probabilities(pool.parameters, nodes)
    for row in range(3):
        own = step.state.take([row])
        log_density = -0.5 * nodes**2
        for item, score in zip(own.items[0], own.scores[0], strict=True):
            log_density = log_density + np.log(curves[item, score])
        weights = np.exp(log_density - log_density.max())
        weights /= weights.sum()
        if criterion == Criterion.POSTERIOR_WEIGHTED_INFORMATION:
            expected = item_information(pool.parameters, nodes) @ weights
        else:
            shift = curves @ (weights * (nodes - weights @ nodes))
            chance = curves @ weights
            expected = (shift**2 / np.where(chance > 0, chance, 1.0)).sum(axis=1)
        assert values[row] == pytest.approx(expected, rel=0.02, abs=0.005 * expected.max())
