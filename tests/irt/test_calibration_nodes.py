"""Estimates do not depend on the nodes on which ability is integrated, or the result says so."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import symmetric_nodes
from irt.responses import DenseResponses, dense_responses

EASY_TO_HARD = np.linspace(-3.0, 3.0, 14)


def rasch(difficulties):
    return [(Model.RASCH, 1.0, b, 0.0, 1.0) for b in difficulties]


def answers(rows, theta, seed=1) -> DenseResponses:
    """Of persons at theta to items of `rows`."""
    chances = category_probabilities(ItemParameters.from_rows(rows), theta).cumsum(axis=1)
    draws = np.random.default_rng(seed).random((len(theta), len(rows)))
    scores = (draws[:, :, None] > chances.transpose(2, 0, 1)[:, :, :-1]).sum(axis=2)
    return dense_responses(scores.astype(np.int8))


def normal(mean, sd, n, seed=2):
    """n abilities whose mean and SD are those, to the last digit."""
    theta = np.random.default_rng(seed).normal(size=n)
    return mean + sd * (theta - theta.mean()) / theta.std()


def assert_as_on(nodes, found, responses, models, **settings):
    """That estimates are those on given nodes, which are finer or reach farther."""
    other = calibrate(responses, models, nodes=nodes, **settings)
    assert found.converged
    assert other.converged
    np.testing.assert_allclose(found.group_mean, other.group_mean, atol=1e-3)
    np.testing.assert_allclose(found.group_variance, other.group_variance, atol=1e-3)
    for name in ("discrimination", "difficulty"):
        own, theirs = getattr(found.parameters, name), getattr(other.parameters, name)
        np.testing.assert_allclose(own, theirs, atol=1e-3)


def test_the_variance_of_a_wide_population_is_not_cut_off():
    responses = answers(rasch(EASY_TO_HARD), normal(0.0, 3.2, 700))
    found = calibrate(responses, ["rasch"] * 14)
    assert found.nodes[-1] >= 5 * found.group_variance[0] ** 0.5
    assert found.group_variance[0] == pytest.approx(3.2**2, abs=1.0)
    assert_as_on(symmetric_nodes(201, 30.0), found, responses, ["rasch"] * 14)


def test_a_population_of_two_far_halves_is_not_cut_off():
    theta = np.concatenate([normal(-3.5, 0.8, 350), normal(3.5, 0.8, 350)])
    responses = answers(rasch(1.5 * EASY_TO_HARD), theta)
    found = calibrate(responses, ["rasch"] * 14)
    assert_as_on(symmetric_nodes(241, 36.0), found, responses, ["rasch"] * 14)


def test_the_steps_of_partial_credit_items_are_not_cut_off():
    rows = [(Model.PCM, 1.0, [b - 2.0, b + 2.0], 0.0, 1.0) for b in 2.0 * EASY_TO_HARD]
    responses = answers(rows, normal(0.0, 3.5, 700))
    found = calibrate(responses, ["pcm"] * 14)
    assert found.group_variance[0] == pytest.approx(3.5**2, abs=1.2)
    assert_as_on(symmetric_nodes(241, 36.0), found, responses, ["pcm"] * 14)


@pytest.mark.parametrize(("model", "b"), [("2pl", [0.0]), ("grm", [-1.0, 1.0])])
def test_a_group_far_from_the_reference_is_not_cut_off(model, b):
    slopes = np.random.default_rng(3).lognormal(0.0, 0.3, 12)
    places = np.linspace(-2.0, 7.0, 12)
    rows = [
        (Model(model), a, place + np.array(b), 0.0, 1.0)
        for a, place in zip(slopes, places, strict=True)
    ]
    group = np.repeat([0, 1], 400)
    responses = answers(rows, np.concatenate([normal(0.0, 1.0, 400), normal(4.0, 2.0, 400)]))
    population = standard_population([model] * 12, group=group)
    found = calibrate(responses, [model] * 12, population=population)
    assert found.group_mean[1] == pytest.approx(4.0, abs=0.6)
    assert_as_on(symmetric_nodes(241, 24.0), found, responses, [model] * 12, population=population)


def test_a_group_far_out_on_the_scale_of_anchors_is_found():
    rows = rasch(6.0 + EASY_TO_HARD)
    responses = answers(rows, normal(6.0, 1.0, 500))
    settings = {
        "anchors": ItemParameters.from_rows(rows),
        "population": standard_population(["rasch"] * 14, free=True, anchored=True),
    }
    found = calibrate(responses, ["rasch"] * 14, **settings)
    assert found.group_mean[0] == pytest.approx(6.0, abs=0.15)
    assert_as_on(symmetric_nodes(151, 15.0), found, responses, ["rasch"] * 14, **settings)


def test_a_population_narrower_than_the_nodes_is_not_put_upon_one_of_them():
    responses = answers(rasch(EASY_TO_HARD / 3), normal(0.0, 0.12, 6000))
    found = calibrate(responses, ["rasch"] * 14)
    assert_as_on(symmetric_nodes(601), found, responses, ["rasch"] * 14)


def test_a_long_test_is_calibrated_on_nodes_as_fine_as_its_errors():
    rows = [(Model.TWO_PL, 2.5, b, 0.0, 1.0) for b in np.linspace(-2.0, 2.0, 150)]
    responses = answers(rows, normal(0.0, 1.0, 250))
    settings = {"with_standard_errors": False}
    found = calibrate(responses, ["2pl"] * 150, **settings)
    assert len(found.nodes) > 61
    assert_as_on(symmetric_nodes(361), found, responses, ["2pl"] * 150, **settings)


def test_ordinary_populations_keep_the_usual_nodes_to_the_last_bit():
    responses = answers(rasch(EASY_TO_HARD), normal(0.0, 1.1, 400))
    found = calibrate(responses, ["rasch"] * 14)
    given = calibrate(responses, ["rasch"] * 14, nodes=symmetric_nodes())
    assert np.array_equal(found.nodes, symmetric_nodes())
    assert found.group_variance[0] == given.group_variance[0]
    assert np.array_equal(found.parameters.difficulty, given.parameters.difficulty)
    assert found.iterations == given.iterations


@pytest.mark.parametrize(
    ("sd", "nodes", "needed"),
    [
        (3.2, symmetric_nodes(), "61 nodes on a range of 6"),
        (3.2, symmetric_nodes(21, 8.0), "21 nodes on a range of 8"),
        (0.12, symmetric_nodes(21), "21 nodes on a range of 6"),
    ],
)
def test_given_nodes_that_are_too_short_or_too_few_end_unconverged(sd, nodes, needed):
    responses = answers(rasch(EASY_TO_HARD), normal(0.0, sd, 2000))
    found = calibrate(responses, ["rasch"] * 14, nodes=nodes)
    assert not found.converged
    assert found.obstacle.startswith(f"{needed} do not show the abilities")
    better = calibrate(responses, ["rasch"] * 14, nodes=found.better_nodes)
    assert better.converged or len(better.better_nodes) > len(found.better_nodes)


def test_given_nodes_that_do_are_kept():
    responses = answers(rasch(EASY_TO_HARD), normal(0.0, 3.2, 500))
    found = calibrate(responses, ["rasch"] * 14, nodes=symmetric_nodes(151, 15.0))
    assert found.converged
    assert found.obstacle == ""
    assert found.nodes[-1] == 15.0
