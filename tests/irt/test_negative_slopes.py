"""Items with a negative slope, as a calibration finds them where a key is wrong."""

import numpy as np
import pytest

from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.curves import category_probabilities
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model, ParameterError, validate
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from tests.reference import curves

THETA = np.linspace(-3, 3, 13)
ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, -0.8, -0.4, 0, 1),
        (Model.THREE_PL, -1.1, 0.3, 0.2, 1),
        (Model.GRADED, -0.9, [1.2, 0.1, -0.7], 0, 1),
        (Model.GRADED, 1.3, [-0.5, 0.6], 0, 1),
        (Model.GRADED, -1.4, [0.4], 0, 1),
        (Model.GPCM, -0.7, [0.2, -0.9], 0, 1),
    ]
)


def naive(item):
    """(K, Q) by the formulas of the references, from intercepts."""
    model, a = str(ITEMS.model[item]), ITEMS.discrimination[item]
    steps = ITEMS.difficulty[item][np.isfinite(ITEMS.difficulty[item])]
    intercepts = -a * (np.cumsum(steps) if model == "gpcm" else steps)
    c = ITEMS.lower_asymptote[item]
    asymptotes = [np.log(c / (1 - c))] if c else []
    return model, np.array([a, *intercepts, *asymptotes])


@pytest.mark.parametrize("item", range(ITEMS.n_items))
def test_curves_and_information_are_those_of_the_formula(item):
    model, x = naive(item)
    expected = curves.probabilities(model, x, THETA)
    found = category_probabilities(ITEMS, THETA)[item]
    np.testing.assert_allclose(found[: len(expected)], expected, atol=1e-12)
    np.testing.assert_allclose(found[len(expected) :], 0.0)
    slopes = curves.slopes_by_theta(model, x, THETA)
    np.testing.assert_allclose(
        item_information(ITEMS, THETA)[item], (slopes**2 / expected).sum(axis=0), rtol=1e-10
    )


def test_every_estimator_finds_what_the_likelihood_says():
    scores = np.array([[1, 0, 2, 1, 0, 1], [0, 1, 0, 2, 1, 0], [1, 1, 1, 2, 0, 1]])
    responses = dense_responses(scores, ITEMS.n_categories)
    grid = normal_grid(201, 8.0)
    fine = np.linspace(-8, 8, 160_001)
    log_likelihood = sum(
        np.log(curves.probabilities(*naive(item), fine))[scores[:, item]]
        for item in range(ITEMS.n_items)
    )
    prior = -0.5 * fine**2
    posterior = np.exp(log_likelihood + prior)
    eap = posterior @ fine / posterior.sum(axis=1)
    np.testing.assert_allclose(expected_a_posteriori(responses, ITEMS, grid).theta, eap, atol=1e-8)
    np.testing.assert_allclose(
        maximum_a_posteriori(responses, ITEMS).theta,
        fine[(log_likelihood + prior).argmax(axis=1)],
        atol=1e-4,
    )
    np.testing.assert_allclose(
        maximum_likelihood(responses, ITEMS).theta, fine[log_likelihood.argmax(axis=1)], atol=1e-4
    )
    assert np.isfinite(weighted_likelihood(responses, ITEMS).theta).all()


def test_all_wrong_of_an_item_that_runs_backwards_is_the_upper_end():
    falling = ItemParameters.from_rows([(Model.TWO_PL, -1.0, b, 0, 1) for b in (-1, 0, 1)])
    found = maximum_likelihood(dense_responses([[0, 0, 0], [1, 1, 1]]), falling)
    assert found.theta.tolist() == [np.inf, -np.inf]


def test_a_bank_still_takes_positive_slopes_alone():
    validate(ITEMS, allow_negative_slopes=True)
    with pytest.raises(ParameterError, match=r"the discrimination must be positive, not -0\.8"):
        validate(ITEMS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((Model.TWO_PL, 0.0, 0.0, 0, 1), "the discrimination is 0"),
        ((Model.GRADED, -1.0, [0.0, 1.0], 0, 1), "thresholds must fall strictly, not 0, 1"),
        ((Model.GRADED, 1.0, [1.0, 0.0], 0, 1), "thresholds must rise strictly, not 1, 0"),
        ((Model.TWO_PL, np.inf, 0.0, 0, 1), "every parameter must be a finite number"),
    ],
)
def test_what_no_curve_can_have_is_refused_all_the_same(row, reason):
    with pytest.raises(ParameterError, match=reason):
        validate(ItemParameters.from_rows([row]), allow_negative_slopes=True)
