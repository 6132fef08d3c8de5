"""l_z, l_z* and mean squares of persons: published values, special cases by hand, bad input."""

from itertools import product

import numpy as np
import pytest

from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.curves import category_probabilities
from irt.models.derivatives import theta_derivatives
from irt.models.parameters import ItemParameters, Model, ParameterError
from irt.person_fit.mean_squares import person_mean_squares
from irt.person_fit.person_fit import person_fit
from irt.person_fit.result import PersonStatus
from irt.person_fit.standardized_likelihood import (
    corrected_likelihood,
    standardized_likelihood,
)
from irt.policy.policy import Estimator
from irt.quadrature import normal_grid
from irt.responses import ResponseError, dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses
from tests.reference import reader as reference

MIXED = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, -0.5, 0.0, 1.0),
        (Model.THREE_PL, 1.5, 0.3, 0.2, 1.0),
        (Model.FOUR_PL, 0.9, 0.8, 0.1, 0.95),
        (Model.GRADED, 1.1, [-1.0, 0.2, 1.3], 0.0, 1.0),
        (Model.GPCM, 0.8, [0.5, -0.2], 0.0, 1.0),
        (Model.RASCH, 1.0, -1.2, 0.0, 1.0),
    ]
)


def scored(name):
    parameters = reference.scored_parameters(name)
    patterns, columns = reference.scores(name)
    return dense_responses(patterns, parameters.n_categories), parameters, columns


@pytest.mark.parametrize("estimate", ["EAP", "ML", "MAP"])
@pytest.mark.parametrize("name", reference.SCORED_FITS)
def test_lz_is_the_zh_of_the_reference(name, estimate):
    responses, parameters, columns = scored(name)
    lz = standardized_likelihood(responses, parameters, columns[estimate])
    finite = np.isfinite(columns[estimate])
    assert lz.value[finite] == pytest.approx(columns[f"Zh_at{estimate}"][finite], abs=1e-9)
    assert (lz.status[~finite] == PersonStatus.THETA_NOT_FINITE).all()


@pytest.mark.parametrize("estimate", ["EAP", "ML"])
@pytest.mark.parametrize("name", reference.SCORED_FITS)
def test_mean_squares_are_those_of_the_reference_with_mirts_least_variance(name, estimate):
    responses, parameters, columns = scored(name)
    theta = columns[estimate]
    fit = person_mean_squares(responses, parameters, theta, least_variance=1e-5**0.5)
    finite = np.isfinite(theta)
    for own, theirs in (
        (fit.outfit, "outfit"),
        (fit.outfit_z, "z.outfit"),
        (fit.infit, "infit"),
        (fit.infit_z, "z.infit"),
    ):
        published = columns[f"{theirs}_at{estimate}"][finite]
        assert own[finite] == pytest.approx(published, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", reference.SCORED_FITS)
def test_without_a_least_variance_only_persons_far_from_an_item_differ(name):
    responses, parameters, columns = scored(name)
    theta = columns["EAP"]
    probability = category_probabilities(parameters, theta)
    scores = np.arange(probability.shape[1])[:, None]
    mean = (scores * probability).sum(axis=1, keepdims=True)
    variance = ((scores - mean) ** 2 * probability).sum(axis=1)
    near = (variance > 1e-5**0.5).all(axis=0)
    fit = person_mean_squares(responses, parameters, theta)
    assert fit.outfit[near] == pytest.approx(columns["outfit_atEAP"][near], rel=1e-9)
    assert fit.infit[near] == pytest.approx(columns["infit_atEAP"][near], rel=1e-9)


def test_lz_star_is_snijders_formula_for_dichotomous_items():
    items = MIXED.take([0, 1, 2, 5])
    patterns = np.array(list(product([0, 1], repeat=4)))[1:-1]
    responses = dense_responses(patterns, items.n_categories)
    r0 = {
        "ml": lambda theta, j, i: 0.0,
        "map": lambda theta, j, i: (0.2 - theta) / 0.8**2,
        "wle": lambda theta, j, i: j / (2 * i),
    }
    theta = {
        "ml": maximum_likelihood(responses, items).theta,
        "map": maximum_a_posteriori(responses, items, mean=0.2, sd=0.8).theta,
        "wle": weighted_likelihood(responses, items).theta,
    }
    for estimator in r0:
        star = corrected_likelihood(
            responses, items, theta[estimator], estimator, prior_mean=0.2, prior_sd=0.8
        )
        for person in np.flatnonzero(np.isfinite(theta[estimator])):
            at = theta[estimator][person]
            curves = theta_derivatives(items, np.array([at]))
            p = curves.probability[:, 1, 0]
            q = 1 - p
            slope = p * curves.score[:, 1, 0]
            second = p * (curves.score[:, 1, 0] ** 2 + curves.curvature[:, 1, 0])
            w, r = np.log(p / q), slope / (p * q)
            c = (slope * w).sum() / (slope * r).sum()
            start = r0[estimator](at, (slope * second / (p * q)).sum(), (slope * r).sum())
            expected = (((patterns[person] - p) * w).sum() + c * start) / np.sqrt(
                ((w - c * r) ** 2 * p * q).sum()
            )
            assert star.value[person] == pytest.approx(expected, abs=1e-9)
            assert star.status[person] == PersonStatus.OK


def test_lz_star_has_the_projected_variance_over_all_answers_to_polytomous_items():
    items = MIXED.take([3, 4, 0])
    theta = 0.4
    curves = theta_derivatives(items, np.array([theta]))
    patterns = list(product(range(4), range(3), range(2)))
    chance, likelihood, score = [], [], []
    for pattern in patterns:
        index = (np.arange(3), list(pattern), 0)
        chance.append(np.exp(curves.log_probability[index].sum()))
        likelihood.append(curves.log_probability[index].sum())
        score.append(curves.score[index].sum())
    weights = np.array(chance)
    centred = np.array(likelihood) - weights @ np.array(likelihood)
    slope = (weights * centred) @ np.array(score) / (weights @ np.array(score) ** 2)
    sd = np.sqrt(weights @ (centred - slope * np.array(score)) ** 2)
    # A prior that makes theta the mode of this pattern: r_0 = -score.
    for person in (5, 13, 22):
        responses = dense_responses([patterns[person]], items.n_categories)
        star = corrected_likelihood(
            responses, items, [theta], "map", prior_mean=theta - score[person], prior_sd=1.0
        )
        expected = (centred[person] - slope * score[person]) / sd
        assert star.value[0] == pytest.approx(expected, abs=1e-10)


def test_a_graded_item_with_one_step_counts_as_a_dichotomous_one():
    two_pl = ItemParameters.from_rows((Model.TWO_PL, 1.3, b, 0.0, 1.0) for b in (-1.0, 0.1, 0.9))
    graded = ItemParameters.from_rows((Model.GRADED, 1.3, [b], 0.0, 1.0) for b in (-1.0, 0.1, 0.9))
    scores = dense_responses([[1, 0, 1], [0, 1, 0], [1, 1, 0]])
    theta = maximum_likelihood(scores, two_pl).theta
    own, other = (person_fit(scores, items, theta, "ml") for items in (two_pl, graded))
    assert own.lz.value == pytest.approx(other.lz.value, abs=1e-12)
    assert own.lz_star.value == pytest.approx(other.lz_star.value, abs=1e-12)
    assert own.mean_squares.outfit_z == pytest.approx(other.mean_squares.outfit_z, abs=1e-12)


def simulated(n_persons, seed=4):
    rng = np.random.default_rng(seed)
    scores = simulate_responses(MIXED, rng.normal(size=n_persons), rng)
    scores[rng.random(scores.shape) < 0.2] = -1
    return scores


def test_sparse_and_dense_responses_agree_and_one_pass_is_the_three_functions():
    scores = simulated(300)
    dense = dense_responses(scores, MIXED.n_categories)
    person, item = np.nonzero(scores >= 0)
    sparse = sparse_responses(
        person,
        item,
        scores[person, item],
        n_persons=300,
        n_items=6,
        n_categories=MIXED.n_categories,
    )
    theta = maximum_a_posteriori(dense, MIXED).theta
    table = person_fit(sparse, MIXED, theta, "map")
    squares = person_mean_squares(dense, MIXED, theta)
    assert (table.n_answers == (scores >= 0).sum(axis=1)).all()
    for own, alone in (
        (table.lz, standardized_likelihood(dense, MIXED, theta)),
        (table.lz_star, corrected_likelihood(dense, MIXED, theta, "map")),
        (table.mean_squares.statistic("infit_z"), squares.statistic("infit_z")),
        (table.mean_squares.statistic("outfit"), squares.statistic("outfit")),
    ):
        assert own.status.tolist() == alone.status.tolist()
        assert own.value == pytest.approx(alone.value, abs=1e-12, nan_ok=True)


def test_a_person_is_judged_alone_whoever_else_is_in_the_batch(monkeypatch):
    scores = simulated(20_000)
    responses = dense_responses(scores, MIXED.n_categories)
    theta = np.linspace(-3, 3, 20_000)
    monkeypatch.setattr("irt.person_fit.answers._PAIRS_PER_CHUNK", 7 * 4095)
    together = standardized_likelihood(responses, MIXED, theta)
    some = [0, 4095, 4096, 19_999]
    alone = standardized_likelihood(responses.take(np.array(some)), MIXED, theta[some])
    assert together.value[some] == pytest.approx(alone.value, abs=1e-12)


def test_theta_far_from_all_items_leaves_no_variance():
    responses = dense_responses([[1, 1, 1, 3, 2, 1]] * 3, MIXED.n_categories)
    items = MIXED.take([0, 0, 0, 3, 4, 5])
    fit = person_fit(responses, items, [800.0, -800.0, np.inf], "ml")
    assert fit.lz.status.tolist() == [
        PersonStatus.NO_VARIANCE,
        PersonStatus.NO_VARIANCE,
        PersonStatus.THETA_NOT_FINITE,
    ]
    assert fit.lz_star.status.tolist() == fit.lz.status.tolist()
    assert fit.mean_squares.status.tolist() == fit.lz.status.tolist()
    assert np.isnan(fit.lz.value).all()


def test_all_equal_scores_at_a_moderate_theta_are_judged():
    items = ItemParameters.from_rows((Model.TWO_PL, 1.0, b, 0.0, 1.0) for b in (-1.0, 0.0, 1.0))
    responses = dense_responses([[1, 1, 1], [0, 0, 0]])
    fit = person_fit(responses, items, maximum_a_posteriori(responses, items).theta, "map")
    assert fit.lz.ok.all()
    assert fit.lz_star.ok.all()
    assert fit.mean_squares.infit[0] == pytest.approx(fit.mean_squares.infit[1])


def test_one_answer_has_an_lz_but_nothing_left_for_lz_star():
    responses = dense_responses([[1, -1, -1, -1, -1, -1]], MIXED.n_categories)
    fit = person_fit(responses, MIXED, maximum_a_posteriori(responses, MIXED).theta, "map")
    assert fit.lz.status[0] == PersonStatus.OK
    assert fit.lz_star.status[0] == PersonStatus.NO_VARIANCE
    assert fit.mean_squares.status[0] == PersonStatus.OK


def test_answers_that_were_a_coin_toss_have_no_variance():
    items = ItemParameters.from_rows([(Model.TWO_PL, 1.0, 0.5, 0.0, 1.0)] * 4)
    fit = person_fit(dense_responses([[1, 0, 1, 0]]), items, [0.5], "ml")
    assert fit.lz.status[0] == PersonStatus.NO_VARIANCE
    assert fit.mean_squares.status[0] == PersonStatus.NO_VARIANCE
    assert np.isnan(fit.mean_squares.outfit_z[0])


def test_nobody_and_nothing_answered():
    empty = dense_responses(np.full((2, 6), -1), MIXED.n_categories)
    fit = person_fit(empty, MIXED, [0.0, np.nan], "map")
    assert fit.lz.status.tolist() == [PersonStatus.NO_RESPONSES] * 2
    assert fit.lz_star.status.tolist() == [PersonStatus.NO_RESPONSES] * 2
    assert fit.mean_squares.status.tolist() == [PersonStatus.NO_RESPONSES] * 2
    nobody = dense_responses(np.zeros((0, 6)), MIXED.n_categories)
    assert person_fit(nobody, MIXED, [], "map").lz.value.shape == (0,)


def test_a_probability_that_underflows_still_counts_when_it_happens():
    items = ItemParameters.from_rows(
        [(Model.TWO_PL, 100.0, -10.0, 0.0, 1.0), (Model.TWO_PL, 1.0, 1.0, 0.0, 1.0)]
    )
    lz = standardized_likelihood(dense_responses([[0, 1]]), items, [0.0])
    curves = theta_derivatives(items.take([1]), np.array([0.0]))
    p, logs = curves.probability[0, :, 0], curves.log_probability[0, :, 0]
    variance = p @ (logs - p @ logs) ** 2
    expected = (-1000.0 + logs[1] - p @ logs) / np.sqrt(variance)
    assert lz.value[0] == pytest.approx(expected, rel=1e-12)


def test_eap_has_no_lz_star_and_the_status_says_so():
    responses = dense_responses(simulated(5), MIXED.n_categories)
    theta = expected_a_posteriori(responses, MIXED, normal_grid()).theta
    star = corrected_likelihood(responses, MIXED, theta, Estimator.EAP)
    assert star.status.tolist() == [PersonStatus.NO_EQUATION] * 5
    assert np.isnan(star.value).all()


def test_a_theta_that_does_not_solve_its_equation_is_noticed():
    responses = dense_responses([[1, 0, 1, 2, 1, 0]] * 3, MIXED.n_categories)
    mode = maximum_a_posteriori(responses, MIXED).theta[0]
    fenced = maximum_likelihood(responses, MIXED, fences=(-2.0, -1.5)).theta[0]
    thetas = [mode, mode + 0.05, fenced]
    by_map = corrected_likelihood(responses, MIXED, thetas, "map")
    assert by_map.status.tolist() == [
        PersonStatus.OK,
        PersonStatus.NOT_AT_ESTIMATE,
        PersonStatus.NOT_AT_ESTIMATE,
    ]
    other_prior = corrected_likelihood(responses, MIXED, thetas, "map", prior_mean=1.0)
    assert other_prior.status[0] == PersonStatus.NOT_AT_ESTIMATE


def test_each_person_may_have_the_prior_of_a_group():
    responses = dense_responses([[1, 0, 1, 2, 1, 0]] * 2, MIXED.n_categories)
    theta = [
        maximum_a_posteriori(responses, MIXED, mean=mean, sd=sd).theta[0]
        for mean, sd in ((0.0, 1.0), (1.0, 0.5))
    ]
    star = corrected_likelihood(
        responses, MIXED, theta, "map", prior_mean=[0.0, 1.0], prior_sd=[1.0, 0.5]
    )
    assert star.ok.all()


def test_what_does_not_fit_together_is_refused_in_words():
    responses = dense_responses([[1, 0, 1, 2, 1, 0]], MIXED.n_categories)
    with pytest.raises(ResponseError, match="differ in items or categories"):
        standardized_likelihood(responses, MIXED.take([0, 1]), [0.0])
    with pytest.raises(ResponseError, match="give one ability a person"):
        standardized_likelihood(responses, MIXED, [0.0, 1.0])
    with pytest.raises(ValueError, match="positive, finite sds"):
        corrected_likelihood(responses, MIXED, [0.0], "map", prior_sd=0.0)
    with pytest.raises(ResponseError, match="one prior mean and sd"):
        corrected_likelihood(responses, MIXED, [0.0], "map", prior_mean=[0.0, 1.0])
    with pytest.raises(ValueError, match="'mle' is not a valid Estimator"):
        corrected_likelihood(responses, MIXED, [0.0], "mle")
    broken = ItemParameters.from_rows([(Model.TWO_PL, np.nan, 0.0, 0.0, 1.0)])
    with pytest.raises(ParameterError, match="item 0: every parameter must be a finite number"):
        person_mean_squares(dense_responses([[1]]), broken, [0.0])


@pytest.mark.parametrize("estimator", ["ml", "map", "wle"])
def test_lz_star_flags_about_the_nominal_share_in_a_fixed_test(estimator):
    rng = np.random.default_rng(11)
    items = ItemParameters.from_rows(
        (Model.TWO_PL, a, b, 0.0, 1.0)
        for a, b in zip(rng.lognormal(0.2, 0.3, 40), rng.normal(size=40), strict=True)
    )
    responses = dense_responses(simulate_responses(items, rng.normal(size=2000), rng))
    estimate = {
        "ml": maximum_likelihood,
        "map": maximum_a_posteriori,
        "wle": weighted_likelihood,
    }[estimator](responses, items)
    fit = person_fit(responses, items, estimate.theta, estimator)
    flagged = (fit.lz_star.value[fit.lz_star.ok] < -1.645).mean()
    # 99.9% binomial limits of 5% around the skewness of a statistic of 40 items.
    assert 0.034 < flagged < 0.076
    assert fit.lz.value[fit.lz_star.ok].std() < fit.lz_star.value[fit.lz_star.ok].std()


def test_a_person_who_answers_against_the_difficulties_is_found():
    items = ItemParameters.from_rows(
        (Model.RASCH, 1.0, b, 0.0, 1.0) for b in np.linspace(-2, 2, 21)
    )
    guttman = np.repeat([1, 0], [11, 10])
    responses = dense_responses([guttman, guttman[::-1]])
    theta = maximum_a_posteriori(responses, items).theta
    fit = person_fit(responses, items, theta, "map")
    assert fit.lz_star.value[0] > 1.645
    assert fit.lz_star.value[1] < -5
    assert fit.mean_squares.outfit[0] < 0.6
    assert fit.mean_squares.outfit[1] > 2
