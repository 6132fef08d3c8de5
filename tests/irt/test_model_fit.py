from dataclasses import replace

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.fit.fitted_model import FitError, fitted_model
from irt.fit.m2 import m2
from irt.fit.margins import Margins
from irt.fit.q3 import q3
from irt.models.curves import category_probabilities, expected_score
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses
from tests.irt.fit_data import mixed_items, simulated, two_pl


def margins_of(parameters, nodes, weights):
    probability = category_probabilities(parameters, nodes)
    values = np.arange(probability.shape[1])[:, None]
    mean = (values * probability).sum(axis=1)
    variance = (values**2 * probability).sum(axis=1) - mean**2
    constant = np.ones((1, len(nodes)))
    return Margins(
        np.concatenate([constant, mean]), np.concatenate([0 * constant, variance]), weights
    )


def test_margins_and_their_covariance_are_those_of_all_patterns():
    parameters = mixed_items().take([0, 1, 3, 4])
    model = fitted_model(parameters)
    probability = category_probabilities(parameters, model.nodes)
    patterns = np.array(list(np.ndindex(*parameters.n_categories)))
    given = np.prod([probability[j, patterns[:, j]] for j in range(4)], axis=0)
    chance = given @ model.ability.weights

    margins = margins_of(parameters, model.nodes, model.ability.weights)

    first, second = margins.pairs
    with_constant = np.column_stack([np.ones(len(patterns)), patterns])
    products = with_constant[:, first] * with_constant[:, second]
    np.testing.assert_allclose(margins.expected, chance @ products, rtol=1e-12)
    np.testing.assert_allclose(
        margins.covariance(),
        np.cov(products.T, aweights=chance, ddof=0),
        atol=1e-12,
    )


def test_m2_does_not_change_with_the_direction_of_what_was_estimated():
    """A residual that an estimated parameter can explain does not count."""
    parameters = mixed_items()
    responses = simulated(parameters, 4000)
    known = m2(responses, fitted_model(parameters, estimated=np.zeros(8, dtype=bool)))
    slope = replace(fitted_model(parameters, estimated=np.zeros(8, dtype=bool)), free_variance=True)

    assert known.df == 36
    assert m2(responses, slope).df == 35
    assert m2(responses, slope).statistic < known.statistic


def test_m2_of_known_parameters_is_the_quadratic_form_of_the_residuals():
    parameters = two_pl(6)
    responses = simulated(parameters, 700)
    model = fitted_model(parameters, estimated=np.zeros(6, dtype=bool))
    margins = margins_of(parameters, model.nodes, model.ability.weights)
    first, second = margins.pairs
    scores = np.column_stack([np.ones(700), responses.scores])
    residual = (scores[:, first] * scores[:, second]).mean(axis=0) - margins.expected

    result = m2(responses, model)

    expected = 700 * residual @ np.linalg.solve(margins.covariance(), residual)
    assert result.statistic == pytest.approx(expected, rel=1e-9)
    assert result.df == 21


def test_m2_loses_a_degree_of_freedom_for_each_estimated_parameter():
    rng = np.random.default_rng(1)
    rows = [
        (Model.THREE_PL, 1.2 + 0.3 * rng.random(), b, 0.2, 1.0) for b in np.linspace(-1.5, 1.5, 8)
    ]
    rows += [(Model.ONE_PL, 1.3, b, 0.0, 1.0) for b in np.linspace(-1, 1, 4)]
    parameters = ItemParameters.from_rows(rows)

    result = m2(simulated(parameters, 2000), fitted_model(parameters))

    assert result.df == 12 * 13 // 2 - 8 * 3 - (4 + 1)


@pytest.mark.slow
def test_m2_rejects_about_as_often_as_its_level():
    truth = two_pl(10)
    p = []
    for seed in range(60):
        responses = simulated(truth, 600, seed)
        fit = calibrate(responses, ["2pl"] * 10, with_standard_errors=False)
        p.append(m2(responses, fitted_model(fit.parameters)).p)

    assert (np.array(p) < 0.05).mean() < 0.15
    assert 0.35 < np.mean(p) < 0.65


def two_dimensions(n_persons=2000):
    rng = np.random.default_rng(4)
    parameters = two_pl(12)
    first = rng.standard_normal(n_persons)
    second = 0.5 * first + np.sqrt(0.75) * rng.standard_normal(n_persons)
    scores = np.column_stack(
        [
            simulate_responses(parameters.take(np.arange(6)), first, rng),
            simulate_responses(parameters.take(np.arange(6, 12)), second, rng),
        ]
    )
    return dense_responses(scores, parameters.n_categories)


def test_a_second_dimension_shows_in_m2_and_all_its_indices():
    responses = two_dimensions()
    fit = calibrate(responses, ["2pl"] * 12, with_standard_errors=False)

    result = m2(responses, fitted_model(fit.parameters))

    assert result.p < 1e-6
    assert result.rmsea_lower > 0.02
    assert result.rmsea_lower < result.rmsea < result.rmsea_upper
    assert result.srmsr > 0.04
    assert result.cfi < 0.95
    assert result.residual_correlations[0, 1] > 0.0


def test_m2_leaves_out_persons_with_missing_answers_and_items_without_parameters():
    parameters = two_pl(8)
    responses = simulated(parameters, 900)
    scores = responses.scores.copy()
    scores[:300, 1] = -1
    scores[:, 7] = -1

    result = m2(dense_responses(scores, np.full(8, 2)), fitted_model(parameters))
    others = parameters.take(np.arange(7))
    complete = m2(dense_responses(scores[300:, :7]), fitted_model(others))

    assert result.n_persons == 600
    assert result.items.tolist() == [True] * 7 + [False]
    assert result.statistic == pytest.approx(complete.statistic, rel=1e-12)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([[0, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 1, 0]], "item 2: everybody"),
        ([[0, 1, 1, 0]], "item 0: everybody"),
        ([[0, -1, 1, 1], [1, 0, -1, 0], [-1, 0, 1, 1], [1, 1, 0, -1]], "there are none"),
    ],
)
def test_m2_says_why_it_cannot_be_computed(scores, message):
    with pytest.raises(FitError, match=message):
        m2(dense_responses(scores, np.full(4, 2)), fitted_model(two_pl(4)))


def test_m2_of_too_few_items_has_no_degrees_of_freedom():
    parameters = two_pl(3)
    with pytest.raises(FitError, match="takes more items"):
        m2(simulated(parameters, 500), fitted_model(parameters))


def test_q3_of_complete_data_is_the_correlation_of_residuals():
    parameters = mixed_items()
    rng = np.random.default_rng(3)
    theta = rng.standard_normal(5000)
    responses = dense_responses(simulate_responses(parameters, theta, rng), parameters.n_categories)
    residual = responses.scores - expected_score(parameters, theta).T

    result = q3(responses, fitted_model(parameters), theta)

    expected = np.corrcoef(residual.T)
    pairs = result.status == "ok"
    np.testing.assert_allclose(result.correlation[pairs], expected[pairs], atol=1e-10)
    assert result.mean == pytest.approx(expected[pairs].mean(), abs=1e-10)
    assert not result.flagged.any()


def test_q3_of_pairs_uses_those_who_answered_both():
    parameters = two_pl(6)
    responses = simulated(parameters, 1000)
    scores = responses.scores.copy()
    scores[:400, 0] = -1
    scores[395:, 1] = -1
    person, item = np.nonzero(scores >= 0)
    sparse = sparse_responses(person, item, scores[person, item], n_persons=1000, n_items=6)
    theta = np.random.default_rng(1).standard_normal(1000)
    model = fitted_model(parameters)

    dense, from_long = (q3(own, model, theta) for own in (dense_responses(scores), sparse))
    both = q3(dense_responses(scores[400:]), model, theta[400:])

    assert dense.n_persons[0, 1] == 0
    assert dense.status[0, 1] == "too few persons"
    assert dense.status[0, 0] == "same item"
    assert np.isnan(dense.adjusted[0, 1])
    assert dense.correlation[0, 2] == pytest.approx(both.correlation[0, 2], abs=1e-12)
    np.testing.assert_allclose(dense.correlation, from_long.correlation, atol=1e-12)


def test_q3_flags_items_that_copy_each_other():
    parameters = two_pl(20)
    scores = simulated(parameters, 2000).scores.copy()
    copied = np.random.default_rng(8).random(2000) < 0.5
    scores[copied, 5] = scores[copied, 4]
    responses = dense_responses(scores)

    fit = calibrate(responses, ["2pl"] * 20, with_standard_errors=False)
    result = q3(responses, fitted_model(fit.parameters))

    assert np.argwhere(np.triu(result.flagged)).tolist() == [[4, 5]]
    assert result.mean == pytest.approx(-1 / 19, abs=0.02)


def test_q3_of_items_without_parameters_says_so():
    parameters = two_pl(4)
    unknown = np.array([1.0, np.nan, 1.0, 1.0])
    model = fitted_model(replace(parameters, discrimination=unknown))

    result = q3(simulated(parameters, 200), model)

    assert result.status[1].tolist() == ["no parameters", "same item", *["no parameters"] * 2]
    assert np.isfinite(result.correlation[0, 2:]).all()


@pytest.mark.parametrize("n_persons", [12, 30, 100, 200])
def test_q3_of_few_persons_is_not_flagged_for_what_chance_gives(n_persons):
    slopes, difficulties = np.full(20, 1.2), np.linspace(-1.5, 1.5, 20)
    parameters = ItemParameters.from_rows(
        [(Model.TWO_PL, a, b, 0.0, 1.0) for a, b in zip(slopes, difficulties, strict=True)]
    )
    rng = np.random.default_rng(n_persons)
    scores = simulate_responses(parameters, rng.normal(size=n_persons), rng)
    model = fitted_model(parameters)
    assert q3(dense_responses(scores), model).flagged.sum() <= 2
    copied = scores.copy()
    copied[:, 10] = copied[:, 9]
    result = q3(dense_responses(copied), model)
    assert result.flagged[9, 10]
