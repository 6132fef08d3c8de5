"""Estimators of ability where the truth is known without a reference."""

from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.result import AbilityStatus
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.curves import category_probabilities
from irt.models.derivatives import theta_derivatives
from irt.models.parameters import POLYTOMOUS, WITH_LOWER_ASYMPTOTE, ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import (
    MISSING,
    ResponseError,
    dense_responses,
    sparse_responses,
    stacked_log_probabilities,
)

ESTIMATORS = [maximum_likelihood, maximum_a_posteriori, weighted_likelihood]
BIMODAL = ItemParameters.from_rows(
    [(Model.THREE_PL, 2.5, b, 0.15, 1) for b in (-2.0, -1.8, -1.5, 1.0, 1.4, 1.7)]
)
MIXED = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.FOUR_PL, 1.6, -0.4, 0.2, 0.95),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
        (Model.GPCM, 1.1, [0.3, -0.5], 0, 1),
    ]
)


def rasch(*difficulties):
    return ItemParameters.from_rows([(Model.RASCH, 1, b, 0, 1) for b in difficulties])


def every_pattern(n_categories):
    return np.array(list(product(*(range(n) for n in n_categories))))


def random_scores(parameters, n_persons, seed):
    """Drawn from the model at standard normal abilities, a tenth missing."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(n_persons)
    cumulated = category_probabilities(parameters, theta).cumsum(axis=1)[:, :-1]
    draw = rng.random((parameters.n_items, n_persons))
    scores = (draw[:, None] > cumulated).sum(axis=1).T
    return np.where(rng.random(scores.shape) < 0.1, MISSING, scores)


def test_ml_of_equally_difficult_rasch_items_is_the_logit_of_the_share_correct():
    scores = np.tril(np.ones((4, 5)), -1)[1:]
    estimates = maximum_likelihood(dense_responses(scores), rasch(*[0.5] * 5))
    share = np.array([1, 2, 3]) / 5
    assert estimates.theta == pytest.approx(0.5 + np.log(share / (1 - share)), abs=1e-10)
    assert estimates.standard_error == pytest.approx(1 / np.sqrt(5 * share * (1 - share)), abs=1e-9)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_the_raw_score_is_sufficient_for_rasch_items(estimate):
    scores = every_pattern([2] * 6)
    theta = estimate(dense_responses(scores), rasch(-2, -1, 0, 0.3, 1, 2.5)).theta
    for raw in range(1, 6):
        of_score = theta[scores.sum(axis=1) == raw]
        assert of_score == pytest.approx(np.full(len(of_score), of_score[0]), abs=1e-9)


def test_one_item_has_warms_estimate_in_closed_form():
    item = ItemParameters.from_rows([(Model.TWO_PL, 2.0, 0.7, 0, 1)])
    estimates = weighted_likelihood(dense_responses([[1], [0]]), item)
    # a Q + a (Q - P) / 2 = 0 where P = 3/4
    assert estimates.theta == pytest.approx([0.7 + np.log(3) / 2, 0.7 - np.log(3) / 2], abs=1e-10)
    assert estimates.standard_error == pytest.approx([1 / np.sqrt(4 * 3 / 16)] * 2, abs=1e-9)


def test_map_balances_score_and_prior():
    estimates = maximum_a_posteriori(dense_responses([[1], [0]]), rasch(0.2), mean=0.5, sd=1.5)
    theta = estimates.theta
    slope = np.array([1, 0]) - expit(theta - 0.2) - (theta - 0.5) / 1.5**2
    assert slope == pytest.approx([0, 0], abs=1e-10)


def test_with_a_wide_prior_map_is_ml():
    responses = dense_responses(random_scores(MIXED, 300, 1), MIXED.n_categories)
    ml = maximum_likelihood(responses, MIXED)
    wide = maximum_a_posteriori(responses, MIXED, sd=1e5)
    finite = np.isfinite(ml.theta)
    assert finite.sum() > 100
    assert wide.theta[finite] == pytest.approx(ml.theta[finite], abs=1e-6)


def test_a_likelihood_without_a_highest_point_is_infinite_with_a_status():
    estimates = maximum_likelihood(dense_responses([[1, 1], [0, 0], [1, 0]]), rasch(0, 1))
    assert estimates.theta[:2].tolist() == [np.inf, -np.inf]
    assert estimates.standard_error[:2].tolist() == [np.inf, np.inf]
    infinite = AbilityStatus.INFINITE
    assert estimates.status.tolist() == [infinite, infinite, AbilityStatus.OK]
    assert estimates.counts == {AbilityStatus.OK: 1, AbilityStatus.INFINITE: 2}
    assert str(AbilityStatus.INFINITE) == "infinite"


def test_guessing_may_leave_a_mixed_pattern_without_a_finite_ml():
    estimates = maximum_likelihood(dense_responses([[0, 0, 0, 0, 0, 1]]), BIMODAL)
    assert estimates.theta.tolist() == [-np.inf]
    assert estimates.status.tolist() == [AbilityStatus.INFINITE]


def test_without_responses_there_is_only_the_prior():
    responses = dense_responses([[MISSING, MISSING], [1, 0]], [2, 2])
    items = rasch(0, 1)
    ml, wle = maximum_likelihood(responses, items), weighted_likelihood(responses, items)
    fenced = maximum_likelihood(responses, items, fences=(-4, 4))
    mode = maximum_a_posteriori(responses, items, mean=0.3, sd=2.0)
    mean = expected_a_posteriori(responses, items, normal_grid(121, 9.0, 0.3, 1.2))
    for estimates in (ml, fenced, wle, mode, mean):
        assert estimates.status.tolist() == [AbilityStatus.NO_RESPONSES, AbilityStatus.OK]
    for estimates in (ml, fenced, wle):
        assert np.isnan([estimates.theta[0], estimates.standard_error[0]]).all()
    assert (mode.theta[0], mode.standard_error[0]) == (0.3, 2.0)
    assert mean.theta[0] == pytest.approx(0.3, abs=1e-9)


def test_eap_at_an_end_of_the_grid_is_marked():
    responses = dense_responses(np.ones((1, 400)), [2] * 400)
    estimates = expected_a_posteriori(responses, rasch(*[2.9] * 400), normal_grid(61, 3.0))
    assert estimates.status.tolist() == [AbilityStatus.AT_BOUND]


def test_of_two_modes_the_likelier_is_taken():
    scores = every_pattern([2] * 6)
    responses = dense_responses(scores)
    nodes = np.linspace(-60, 60, 24_001)
    rows = stacked_log_probabilities(BIMODAL, nodes)
    log_likelihood = np.concatenate([block for _, block in responses.log_likelihoods(rows)])
    modes = (np.diff(np.sign(np.diff(log_likelihood[:, 10_000:14_000]))) < 0).sum(axis=1)
    posterior = log_likelihood - 0.5 * nodes**2
    mode = maximum_a_posteriori(responses, BIMODAL).theta
    ml = maximum_likelihood(responses, BIMODAL).theta
    assert mode == pytest.approx(nodes[posterior.argmax(axis=1)], abs=0.006)
    finite = np.isfinite(ml)
    assert finite[modes > 0].any()
    assert ml[finite] == pytest.approx(nodes[log_likelihood.argmax(axis=1)][finite], abs=0.006)
    assert (np.abs(nodes[log_likelihood.argmax(axis=1)][~finite]) > 15).all()


@pytest.mark.slow
def test_of_several_roots_warms_estimate_has_the_highest_integral():
    scores = every_pattern([2] * 6)
    theta = weighted_likelihood(dense_responses(scores), BIMODAL).theta
    several = 0
    for pattern, estimate in zip(scores, theta, strict=True):
        roots = falling_roots(pattern)
        several += len(roots) > 1
        integrals = [quad(warm_function, -8, root, args=(pattern,), limit=200)[0] for root in roots]
        assert estimate == pytest.approx(roots[int(np.argmax(integrals))], abs=0.006)
    assert several > 3


def warm_function(theta, pattern):
    """l' + J / (2 I) of BIMODAL from the textbook derivatives of the 3PL curve."""
    a, b, c = BIMODAL.discrimination, BIMODAL.difficulty[:, 0], BIMODAL.lower_asymptote
    sigma = expit(a * (theta - b))
    p = c + (1 - c) * sigma
    first = a * (1 - c) * sigma * (1 - sigma)
    second = a * first * (1 - 2 * sigma)
    weight = (first * second / (p * (1 - p))).sum() / (2 * (first**2 / (p * (1 - p))).sum())
    return ((pattern - p) * first / (p * (1 - p))).sum() + weight


def falling_roots(pattern):
    nodes = np.linspace(-8, 8, 1601)
    values = np.array([warm_function(node, pattern) for node in nodes])
    left = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    return nodes[left] + 0.005


def test_fences_hold_what_the_responses_do_not():
    responses = dense_responses([[1, 1, 1], [0, 0, 0], [1, 0, 1]])
    items = rasch(-1, 0, 1)
    estimates = maximum_likelihood(responses, items, fences=(-3.0, 4.0))
    bound = AbilityStatus.AT_BOUND
    assert estimates.status.tolist() == [bound, bound, AbilityStatus.OK]
    theta = estimates.theta
    chance = expit(theta[:, None] - [-1, 0, 1])
    slope = np.array([3, 0, 2]) - chance.sum(axis=1)
    slope += 3 * expit(-3 * (theta + 3)) - 3 * expit(3 * (theta - 4))
    assert slope == pytest.approx([0, 0, 0], abs=1e-9)
    information = (chance * (1 - chance)).sum(axis=1)
    assert estimates.standard_error == pytest.approx(1 / np.sqrt(information), abs=1e-9)


def test_warms_estimate_is_less_biased_than_maximum_likelihood():
    items = rasch(-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2)
    scores = every_pattern([2] * 8)
    responses = dense_responses(scores)
    ml = maximum_likelihood(responses, items, fences=(-5, 5)).theta
    warm = weighted_likelihood(responses, items).theta
    for theta in (-1.0, 0.0, 1.5):
        chance = expit(theta - items.difficulty[:, 0])
        probability = np.where(scores == 1, chance, 1 - chance).prod(axis=1)
        assert abs(probability @ warm - theta) < 0.3 * abs(probability @ ml - theta)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_observed_errors_are_those_of_the_likelihood_at_hand(estimate):
    responses = dense_responses([[1, 1, 2, 1], [0, 1, 1, 2]], MIXED.n_categories)
    estimates = estimate(responses, MIXED, observed_errors=True)
    curvature = theta_derivatives(MIXED, estimates.theta).curvature
    own = -np.array(
        [curvature[np.arange(4), row, person].sum() for person, row in enumerate(responses.scores)]
    )
    if estimate is maximum_a_posteriori:
        own += 1.0
    if estimate is weighted_likelihood:
        own += weight_curvature(estimates.theta)
    assert estimates.standard_error == pytest.approx(1 / np.sqrt(own), rel=1e-6)


def weight_curvature(theta):
    step = 1e-5
    slopes = []
    for at in (theta - step, theta + step):
        derivatives = theta_derivatives(MIXED, at)
        slopes.append(derivatives.warm_j.sum(axis=0) / (2 * derivatives.information.sum(axis=0)))
    return (slopes[0] - slopes[1]) / (2 * step)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_an_examinee_has_the_same_estimate_alone_dense_and_sparse(estimate):
    scores = random_scores(MIXED, 2500, 2)
    dense = dense_responses(scores, MIXED.n_categories)
    person, item, score = dense.long()
    sparse = sparse_responses(
        person, item, score, n_persons=2500, n_items=4, n_categories=MIXED.n_categories
    )
    together, from_sparse = estimate(dense, MIXED), estimate(sparse, MIXED)
    assert from_sparse.theta == pytest.approx(together.theta, abs=1e-9, nan_ok=True)
    assert from_sparse.status.tolist() == together.status.tolist()
    for at in (0, 1, 2047, 2048, 2499):
        answered = np.flatnonzero(scores[at] != MISSING)
        items = MIXED.take(answered)
        alone = estimate(dense_responses(scores[[at]][:, answered], items.n_categories), items)
        assert together.theta[at] == pytest.approx(alone.theta[0], abs=1e-9)
        assert together.standard_error[at] == pytest.approx(alone.standard_error[0], abs=1e-8)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_responses_must_have_the_categories_of_the_parameters(estimate):
    with pytest.raises(ResponseError, match="differ in items or categories"):
        estimate(dense_responses([[1, 0, 1]]), MIXED)


@pytest.mark.parametrize("fences", [(1.0, 1.0), (2.0, -2.0), (-np.inf, 4.0)])
def test_fences_must_rise(fences):
    with pytest.raises(ValueError, match="fences must be two finite rising numbers"):
        maximum_likelihood(dense_responses([[1]]), rasch(0), fences=fences)


@pytest.mark.parametrize(("mean", "sd"), [(np.nan, 1.0), (0.0, 0.0), (0.0, np.inf)])
def test_the_prior_must_be_normal(mean, sd):
    with pytest.raises(ValueError, match="a normal prior needs a finite mean and sd > 0"):
        maximum_a_posteriori(dense_responses([[1]]), rasch(0), mean=mean, sd=sd)


def wild_items(rng):
    """Items of any model, with slopes from 0.02 to 50 and difficulties far beyond any grid."""
    rows = []
    for model in rng.choice(list(Model), size=rng.integers(1, 12)):
        a, b = np.exp(2 * rng.normal()), rng.normal() * 10 ** rng.uniform(-1, 1.5)
        if model in POLYTOMOUS:
            steps = np.sort(b + 2 * rng.normal(size=rng.integers(1, 5)))
            rows.append((Model(model), a, steps, 0, 1))
            continue
        c = rng.uniform(0, 0.4) if model in WITH_LOWER_ASYMPTOTE else 0
        d = rng.uniform(0.7, 1) if model == Model.FOUR_PL else 1
        rows.append((Model(model), a, b, c, d))
    return ItemParameters.from_rows(rows)


@pytest.mark.parametrize("seed", range(40))
def test_no_point_of_a_fine_grid_beats_the_estimates_of_wild_items(seed):
    rng = np.random.default_rng(seed)
    parameters = wild_items(rng)
    scores = np.column_stack([rng.integers(0, n, 30) for n in parameters.n_categories])
    scores[rng.random(scores.shape) < 0.2] = MISSING
    responses = dense_responses(scores, parameters.n_categories)
    answered = (scores != MISSING).any(axis=1)
    nodes = np.linspace(-1000, 1000, 20_001)
    log_likelihood = log_likelihoods(responses, parameters, nodes)
    ml = maximum_likelihood(responses, parameters)
    mode = maximum_a_posteriori(responses, parameters)
    warm = weighted_likelihood(responses, parameters)
    # Far beyond all items and still short of where rounding shows.
    reached = log_likelihoods(responses, parameters, np.clip(np.nan_to_num(ml.theta), -1e5, 1e5))
    shortfall = log_likelihood.max(axis=1) - reached.diagonal()
    assert shortfall[answered].max() < 1e-8
    at_mode = log_likelihoods(responses, parameters, mode.theta).diagonal() - 0.5 * mode.theta**2
    assert ((log_likelihood - 0.5 * nodes**2).max(axis=1) - at_mode).max() < 1e-8
    assert np.isfinite(warm.theta[answered]).all()
    assert np.isfinite(mode.standard_error).all()
    for estimates in (ml, mode, warm):
        assert (estimates.status != AbilityStatus.UNDETERMINED).all()


def log_likelihoods(responses, parameters, theta):
    rows = stacked_log_probabilities(parameters, theta)
    return np.concatenate([block for _, block in responses.log_likelihoods(rows)])
