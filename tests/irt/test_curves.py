import numpy as np
import pytest

from irt.models import curves, information
from irt.models.derivatives import theta_derivatives
from irt.models.parameters import ItemParameters, Model
from tests.reference import reader as reference


def items():
    return ItemParameters.from_rows(
        [
            (Model.TWO_PL, 1.2, 0.5, 0, 1),
            (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
            (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
            (Model.GRADED, 2.0, [0.0, 0.1], 0, 1),
            (Model.FOUR_PL, 1.4, 0.2, 0.15, 0.92),
            (Model.GPCM, 1.1, [0.6, -0.4, 0.1], 0, 1),
            (Model.PCM, 1.0, [-0.5, 0.5], 0, 1),
        ]
    )


THETA = np.linspace(-4, 4, 17)


def test_probabilities_match_the_textbook_formulas():
    probabilities = curves.category_probabilities(items(), THETA)
    two_pl = 1 / (1 + np.exp(-1.2 * (THETA - 0.5)))
    three_pl = 0.2 + 0.8 / (1 + np.exp(-1.5 * (THETA + 0.3)))
    at_least = 1 / (1 + np.exp(-0.8 * (THETA - np.array([[-1.0], [0.0], [2.0]]))))
    graded = -np.diff(np.vstack([np.ones(17), at_least, np.zeros(17)]), axis=0)
    assert probabilities[0, 1] == pytest.approx(two_pl, abs=1e-15)
    assert probabilities[1, 1] == pytest.approx(three_pl, abs=1e-15)
    credit = np.exp(
        np.cumsum(np.vstack([0 * THETA, *(1.1 * (THETA - b) for b in (0.6, -0.4, 0.1))]), axis=0)
    )
    assert probabilities[2] == pytest.approx(graded, abs=1e-15)
    assert probabilities[5] == pytest.approx(credit / credit.sum(axis=0), abs=1e-15)


def test_categories_that_an_item_lacks_have_probability_zero():
    probabilities = curves.category_probabilities(items(), THETA)
    assert (probabilities[0, 2:] == 0).all()
    assert (probabilities[3, 3] == 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-14)


def test_log_probabilities_stay_finite_and_exact_where_sigmoids_round_to_one():
    far = np.array([-300.0, 300.0])
    log_probability = curves.log_category_probabilities(items(), far)
    assert log_probability[0, 0, 1] == pytest.approx(-1.2 * 299.5, rel=1e-14)
    assert log_probability[1, 0, 1] == pytest.approx(np.log(0.8) - 1.5 * 300.3, rel=1e-14)
    assert log_probability[2, 3, 0] == pytest.approx(-0.8 * 302, rel=1e-14)
    middle = log_probability[2, 1, 1]  # sigma(z_1) - sigma(z_2) would be 0 here
    assert middle == pytest.approx(-0.8 * 300 + np.log(1 - np.exp(-0.8)), rel=1e-14)


def test_an_upper_asymptote_bounds_the_probability():
    parameters = ItemParameters.from_rows([(Model.FOUR_PL, 1.0, 0.0, 0.1, 0.9)])
    probability = curves.category_probabilities(parameters, np.array([-50.0, 0.0, 50.0]))[0, 1]
    assert probability == pytest.approx([0.1, 0.5, 0.9], abs=1e-12)


def test_each_item_may_be_evaluated_at_thetas_of_its_own():
    own = np.linspace(-2, 2, 14).reshape(7, 2)
    together = curves.log_category_probabilities(items(), own)
    derivatives = theta_derivatives(items(), own)
    for item in range(7):
        alone = items().take([item])
        width = alone.n_categories[0]
        expected = curves.log_category_probabilities(alone, own[item])[0]
        assert together[item, :width] == pytest.approx(expected, abs=1e-14)
        score = theta_derivatives(alone, own[item]).score[0]
        assert derivatives.score[item, :width] == pytest.approx(score, abs=1e-14)
        assert information.item_information(items(), own)[item] == pytest.approx(
            information.item_information(alone, own[item])[0], abs=1e-14
        )


def test_theta_derivatives_are_those_of_the_log_probabilities():
    step = 1e-4
    shifted = [curves.log_category_probabilities(items(), THETA + s) for s in (-step, 0, step)]
    below, at, above = (np.where(np.isfinite(part), part, 0.0) for part in shifted)
    derivatives = theta_derivatives(items(), THETA)
    assert derivatives.score == pytest.approx((above - below) / (2 * step), abs=1e-7)
    assert derivatives.curvature == pytest.approx((above - 2 * at + below) / step**2, abs=1e-5)


def test_information_is_the_expected_square_of_the_score():
    derivatives = theta_derivatives(items(), THETA)
    expected = (derivatives.probability * derivatives.score**2).sum(axis=1)
    assert information.item_information(items(), THETA) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("logit", [-700.0, -100.0, 100.0, 700.0])
def test_everything_stays_finite_at_extreme_logits(logit):
    parameters = items()
    theta = (parameters.difficulty[:, 0] + logit / parameters.discrimination)[:, None]
    derivatives = theta_derivatives(parameters, theta)
    exists = np.arange(4) < parameters.n_categories[:, None]
    assert np.isfinite(derivatives.log_probability[exists]).all()
    assert np.isfinite(derivatives.score).all()
    assert np.isfinite(derivatives.curvature).all()
    assert np.isfinite(information.item_information(parameters, theta)).all()
    assert derivatives.probability.sum(axis=1) == pytest.approx(1.0, abs=1e-12)


def test_expected_score_weighs_categories_from_zero():
    score = curves.expected_score(items(), np.array([-50.0, 50.0]))
    assert score == pytest.approx(
        np.array([[0, 1], [0.2, 1], [0, 3], [0, 2], [0.15, 0.92], [0, 3], [0, 2]]), abs=1e-12
    )


def test_information_is_the_sum_of_squared_slopes_over_probabilities():
    step = 1e-5
    up = curves.category_probabilities(items(), THETA + step)
    down = curves.category_probabilities(items(), THETA - step)
    probabilities = curves.category_probabilities(items(), THETA)
    slope = (up - down) / (2 * step)
    by_hand = (slope**2 / np.where(probabilities > 0, probabilities, 1)).sum(axis=1)
    assert information.item_information(items(), THETA) == pytest.approx(by_hand, abs=1e-8)


def test_information_vanishes_far_away_without_warning_or_nan():
    far = information.item_information(items(), np.array([-1e4, 1e4]))
    assert far == pytest.approx(np.zeros((7, 2)), abs=1e-100)


def test_test_information_adds_the_items():
    both = information.test_information(items(), THETA)
    assert both == pytest.approx(information.item_information(items(), THETA).sum(axis=0))


@pytest.mark.parametrize("name", reference.SCORED_FITS)
def test_information_and_expected_score_equal_those_of_the_reference(name):
    parameters = reference.scored_parameters(name)
    theta, test_information, expected_score, *of_items = reference.table(
        "information", name
    ).values()
    assert information.test_information(parameters, theta) == pytest.approx(
        test_information, rel=1e-9
    )
    assert curves.expected_score(parameters, theta).sum(axis=0) == pytest.approx(
        expected_score, rel=1e-9
    )
    assert information.item_information(parameters, theta) == pytest.approx(
        np.array(of_items), rel=1e-9
    )
