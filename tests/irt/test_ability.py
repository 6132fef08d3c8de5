import numpy as np
import pytest

from irt.ability import add_responses, eap, eap_abilities
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid, normal_weights
from irt.responses import MISSING, ResponseError, dense_responses
from tests.reference import reader as reference

ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
    ]
)


def test_the_grid_is_equally_spaced_and_its_weights_sum_to_one():
    grid = normal_grid(61, 6.0)
    assert grid.nodes.tolist() == pytest.approx([-6 + 0.2 * step for step in range(61)])
    assert grid.weights.sum() == pytest.approx(1.0, abs=1e-15)
    assert grid.weights[30] / grid.weights[35] == pytest.approx(np.exp(0.5), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"nodes": 1}, "a grid needs at least 2 nodes, not 1"),
        ({"limit": 0.0}, "the range must be positive and finite, not 0.0"),
        ({"limit": np.inf}, "the range must be positive and finite, not inf"),
        ({"sd": 0.0}, "a normal prior needs a finite mean and sd > 0, not 0.0 and 0.0"),
    ],
)
def test_an_impossible_grid_is_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        normal_grid(**arguments)


def test_a_prior_far_beyond_the_grid_still_has_weights():
    weights = normal_weights(np.linspace(-4, 4, 9), 200.0, 0.5)
    assert weights.tolist() == pytest.approx([0] * 8 + [1])


def test_without_responses_eap_is_the_prior():
    ability = eap(np.zeros((2, 121)), normal_grid(121, 8.0, mean=0.5, sd=1.2))
    assert ability.theta == pytest.approx([0.5, 0.5], abs=1e-6)
    assert ability.standard_error == pytest.approx([1.2, 1.2], abs=1e-5)


def test_responses_one_by_one_give_the_estimate_of_all_together():
    grid = normal_grid(61)
    table = log_category_probabilities(ITEMS, grid.nodes)
    scores = np.array([[1, 0, 3], [0, 1, 2]])
    log_likelihood = np.zeros((2, 61))
    for item in range(3):
        log_likelihood = add_responses(
            log_likelihood, table, np.array([item, item]), scores[:, item]
        )
    stepwise = eap(log_likelihood, grid)
    together = eap_abilities(dense_responses(scores, [2, 2, 4]), ITEMS, grid)
    assert stepwise.theta == pytest.approx(together.theta, abs=1e-12)
    assert stepwise.standard_error == pytest.approx(together.standard_error, abs=1e-12)


def test_missing_responses_do_not_count():
    grid = normal_grid(61)
    complete = dense_responses([[1], [0]], [2])
    partial = dense_responses([[1, MISSING, MISSING], [0, np.nan, MISSING]], [2, 2, 4])
    alone = eap_abilities(complete, ITEMS.take([0]), grid)
    among = eap_abilities(partial, ITEMS, grid)
    assert among.theta == pytest.approx(alone.theta, abs=1e-12)


def test_an_estimate_does_not_depend_on_the_rest_of_the_batch():
    grid = normal_grid(61)
    log_likelihood = np.random.default_rng(1).normal(size=(500, 61))
    whole = eap(log_likelihood, grid)
    single = [eap(row[None], grid).theta[0] for row in log_likelihood]
    assert whole.theta == pytest.approx(single, abs=1e-12)


def test_responses_and_parameters_must_have_the_same_categories():
    with pytest.raises(ResponseError, match="differ in items or categories"):
        eap_abilities(dense_responses([[1, 0, 1]]), ITEMS, normal_grid(61))


@pytest.mark.parametrize(
    "name", ["LSAT7__2pl", "choice__2pl", "ref_3pl__3pl_normm1.4_0.5", "rating__graded"]
)
def test_eap_and_its_error_equal_those_of_the_reference(name):
    parameters = reference.scored_parameters(name)
    patterns, columns = reference.scores(name)
    ability = eap_abilities(
        dense_responses(patterns, parameters.n_categories), parameters, normal_grid(121)
    )
    assert ability.theta == pytest.approx(columns["EAP"], abs=1e-10)
    assert ability.standard_error == pytest.approx(columns["SE_EAP"], abs=1e-10)
