"""EAP and its SD where the nodes at hand are too far apart, or end too soon, for a posterior."""

import numpy as np
import pytest

from irt.estimation.expected_a_posteriori import expected_a_posteriori, normal_a_posteriori
from irt.estimation.summed_scores import normal_summed_scores, summed_score_eap
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import covering_grid, covering_nodes, normal_grid, symmetric_nodes
from irt.responses import dense_responses, sparse_responses

RNG = np.random.default_rng(7)


def items(a, difficulties, c=0.0) -> ItemParameters:
    model = Model.THREE_PL if c else Model.TWO_PL
    return ItemParameters.from_rows([(model, a, b, c, 1.0) for b in difficulties])


def answers(parameters, theta, seed=1):
    """Dense responses of persons at theta."""
    chances = category_probabilities(parameters, np.asarray(theta)).cumsum(axis=1)
    draws = np.random.default_rng(seed).random((len(theta), parameters.n_items))
    scores = (draws[:, :, None] > chances.transpose(2, 0, 1)[:, :, :-1]).sum(axis=2)
    return dense_responses(scores.astype(np.int8), parameters.n_categories)


def assert_exact(found, responses, parameters, mean=0.0, sd=1.0, limit=6.0):
    """That theta is within 1e-3, and the SD within 1%, of those on very many nodes."""
    exact = expected_a_posteriori(responses, parameters, normal_grid(8001, limit, mean, sd))
    np.testing.assert_allclose(found.theta, exact.theta, atol=1e-3)
    np.testing.assert_allclose(found.standard_error, exact.standard_error, rtol=0.01)


@pytest.mark.parametrize(
    "parameters",
    [
        items(2.0, RNG.normal(size=600)),
        items(12.0, RNG.normal(size=400)),
        items(12.0, RNG.normal(size=12), c=0.2),
        items(8.0, RNG.normal(scale=0.05, size=50)),
        items(9.0, [0.02]),
        ItemParameters.from_rows(
            [(Model.GRADED, 10.0, [b - 0.2, b, b + 0.3], 0.0, 1.0) for b in RNG.normal(size=40)]
        ),
    ],
    ids=["long", "long and steep", "steep with guessing", "narrow", "one item", "graded"],
)
def test_the_error_of_a_sharp_posterior_is_its_own_and_not_the_grids(parameters):
    responses = answers(parameters, RNG.normal(size=40))
    assert_exact(normal_a_posteriori(responses, parameters), responses, parameters)


def test_two_thousand_steep_items_are_scored_to_a_hundredth_of_their_error():
    parameters = items(12.0, np.linspace(-2.5, 2.5, 2000))
    responses = answers(parameters, np.array([-1.3, 0.7]))
    found = normal_a_posteriori(responses, parameters)
    assert found.standard_error.max() < 0.02
    assert_exact(found, responses, parameters)


def test_a_wide_prior_is_not_cut_off():
    parameters = items(1.0, np.linspace(-3.0, 3.0, 18))
    responses = dense_responses(np.vstack([np.ones(18), np.zeros(18), np.arange(18) < 9]))
    found = normal_a_posteriori(responses, parameters, sd=3.4)
    assert found.theta[0] > 5.6  # 4.9 on nodes that end at 6
    assert_exact(found, responses, parameters, sd=3.4, limit=30.0)


def test_a_prior_between_two_nodes_is_not_put_upon_one_of_them():
    parameters = items(1.0, np.linspace(-3.0, 3.0, 18))
    responses = answers(parameters, RNG.normal(size=20))
    found = normal_a_posteriori(responses, parameters, mean=0.13, sd=0.03)
    assert_exact(found, responses, parameters, mean=0.13, sd=0.03, limit=1.0)


def test_answers_that_lead_beyond_the_prior_are_followed():
    parameters = items(2.0, np.full(20, 8.0))
    responses = dense_responses(np.vstack([np.ones(20), np.arange(20) < 10]))
    found = normal_a_posteriori(responses, parameters)
    assert found.theta[0] > 6.0
    assert_exact(found, responses, parameters, limit=20.0)


def test_usual_posteriors_are_those_of_the_usual_nodes_to_the_last_bit():
    parameters = items(1.6, np.linspace(-2.0, 2.0, 30), c=0.2)
    responses = answers(parameters, RNG.normal(size=200))
    found = normal_a_posteriori(responses, parameters)
    usual = expected_a_posteriori(responses, parameters, normal_grid(61, 6.0))
    assert np.array_equal(found.theta, usual.theta)
    assert np.array_equal(found.standard_error, usual.standard_error)


def test_an_estimate_does_not_depend_on_who_else_is_scored():
    parameters = items(12.0, RNG.normal(size=300))
    responses = answers(parameters, RNG.normal(size=30))
    together = normal_a_posteriori(responses, parameters)
    alone = normal_a_posteriori(responses.take(np.array([17])), parameters)
    assert together.theta[17] == pytest.approx(alone.theta[0], abs=1e-6)
    assert together.standard_error[17] == pytest.approx(alone.standard_error[0], rel=1e-4)


def test_sparse_responses_give_the_same():
    parameters = items(12.0, RNG.normal(size=60))
    dense = answers(parameters, RNG.normal(size=12))
    sparse = sparse_responses(*dense.long(), n_persons=12, n_items=60, n_categories=np.full(60, 2))
    np.testing.assert_allclose(
        normal_a_posteriori(sparse, parameters).theta,
        normal_a_posteriori(dense, parameters).theta,
        atol=1e-9,
    )


def test_sums_of_a_long_test_are_told_apart():
    parameters = items(2.5, np.linspace(-1.5, 1.5, 160))
    found = normal_summed_scores(parameters)
    exact = summed_score_eap(parameters, normal_grid(961))
    likely = exact.probability > 1e-6
    np.testing.assert_allclose(found.ability.theta[likely], exact.ability.theta[likely], atol=1e-3)
    np.testing.assert_allclose(
        found.ability.standard_error[likely], exact.ability.standard_error[likely], rtol=0.01
    )
    assert found.probability.sum() == pytest.approx(1.0, abs=1e-9)


def test_sums_under_a_wide_prior_are_not_cut_off():
    parameters = items(1.0, np.linspace(-3.0, 3.0, 18))
    found = normal_summed_scores(parameters, sd=3.4)
    exact = summed_score_eap(parameters, normal_grid(1201, 30.0, sd=3.4))
    np.testing.assert_allclose(found.ability.theta, exact.ability.theta, atol=1e-3)


def test_sums_that_guessing_makes_all_but_impossible_are_still_known():
    parameters = items(2.0, np.linspace(-1.0, 1.0, 300), c=0.5)
    found = normal_summed_scores(parameters, nodes=symmetric_nodes(31))
    assert np.isfinite(found.ability.theta).all()
    assert found.ability.theta[0] < found.ability.theta[150] < found.ability.theta[300]


@pytest.mark.parametrize(
    ("mean", "sd", "n_nodes", "limit"),
    [
        (0.0, 1.0, 61, 6.0),
        (0.9, 1.0, 61, 6.0),
        (0.0, 3.5, 211, 21.0),
        (-6.0, 1.0, 121, 12.0),
        (0.0, 0.1, 121, 6.0),
    ],
)
def test_nodes_cover_the_density(mean, sd, n_nodes, limit):
    nodes = covering_nodes(mean, sd)
    assert (len(nodes), nodes[0], nodes[-1]) == (n_nodes, -limit, limit)


@pytest.mark.parametrize(("mean", "sd"), [(3.0, 1e-4), (-2e5, 1.0), (0.0, 1e6)])
def test_a_density_of_another_order_has_nodes_of_its_own(mean, sd):
    grid = covering_grid(mean, sd)
    assert grid.n_nodes == 61
    assert grid.weights @ grid.nodes == pytest.approx(mean, abs=1e-6 * sd)
    spread = np.sqrt(grid.weights @ (grid.nodes - mean) ** 2)
    assert spread == pytest.approx(sd, rel=1e-6)
