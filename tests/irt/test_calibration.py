import numpy as np
import pytest
from scipy import stats
from scipy.special import logit

from irt.adaptive import advance, start
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Normal
from irt.calibration.priors import Beta, LogNormal, Priors
from irt.calibration.result import ItemStatus
from irt.models.dichotomous import Logistic, WithAsymptotes
from irt.models.graded import FallingIntercepts
from irt.models.parameters import ItemParameters, Model
from irt.models.partial_credit import CumulatedIntercepts
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.responses import (
    ResponseError,
    dense_responses,
    sparse_responses,
    stacked_log_probabilities,
)
from irt.simulation.responses import simulate_responses
from irt.state import examinees
from tests.irt.policies import policy_of
from tests.reference import reader as reference

NO_SLOPE_PRIOR = Priors(discrimination=None, lower_asymptote=Beta(5, 17))


def coordinates(parameters):
    """Per item slope, intercepts and, for 3PL, logit c: what the reference reports."""
    rows = []
    for item in range(parameters.n_items):
        a = parameters.discrimination[item]
        steps = parameters.difficulty[item]
        row = [a, *(-a * steps[np.isfinite(steps)])]
        if parameters.model[item] == Model.THREE_PL:
            row.append(logit(parameters.lower_asymptote[item]))
        rows.append(row)
    return np.array(rows)


def exact(fit, key):
    return np.array([item[key] for item in fit["items"]])


@pytest.mark.parametrize(
    ("name", "model", "tolerance"),
    [
        ("ref_anchor__2pl_free_all", "2pl", 1e-5),
        ("ref_3pl__3pl_beta5_17", "3pl", 1e-4),
        ("ref_graded__graded", "grm", 1e-5),
        ("LSAT6__2pl", "2pl", 1e-5),
        ("LSAT7__2pl", "2pl", 1e-5),
        ("LSAT7__3pl_beta5_17", "3pl", 1e-5),
        ("choice__2pl", "2pl", 1e-5),
        ("rating__graded", "grm", 1e-5),
    ],
)
def test_estimates_and_errors_reproduce_the_independent_optimum(name, model, tolerance):
    fit = reference.fit(name)
    responses = dense_responses(reference.responses_of(name.split("__")[0]))
    result = calibrate(
        responses, [model] * responses.n_items, priors=NO_SLOPE_PRIOR, tolerance=1e-8
    )
    assert result.converged
    assert result.log_likelihood == pytest.approx(fit["log_likelihood"], rel=1e-9)
    assert result.log_posterior == pytest.approx(fit["log_likelihood"] + fit["log_prior"], abs=1e-6)
    assert coordinates(result.parameters) == pytest.approx(exact(fit, "estimate"), abs=tolerance)
    errors = exact(fit, "standard_error")
    assert result.standard_errors.discrimination == pytest.approx(errors[:, 0], rel=1e-4)
    if model == "3pl":
        lower = result.parameters.lower_asymptote
        assert result.standard_errors.lower_asymptote == pytest.approx(
            errors[:, 2] * lower * (1 - lower), rel=1e-4
        )


def test_the_default_tolerance_reproduces_lsat7_to_three_digits():
    fit = reference.fit("LSAT7__2pl")
    responses = dense_responses(reference.responses_of("LSAT7"))
    result = calibrate(responses, ["2pl"] * 5)
    assert coordinates(result.parameters) == pytest.approx(exact(fit, "estimate"), abs=1e-3)


@pytest.mark.parametrize(
    ("nodes", "limit", "name"),
    [(15, 6.0, "q15_lim6"), (21, 4.0, "q21_lim4"), (121, 8.0, "q121_lim8")],
)
def test_the_grid_is_part_of_the_result(nodes, limit, name):
    responses = dense_responses(reference.responses_of("LSAT7"))
    result = calibrate(
        responses, ["2pl"] * 5, nodes=normal_grid(nodes, limit).nodes, tolerance=1e-8
    )
    known = reference.fit(f"LSAT7__2pl_{name}")["log_likelihood"]
    assert result.log_likelihood == pytest.approx(known, abs=1e-7)


def test_errors_of_difficulties_follow_by_the_delta_method():
    scores = reference.responses_of("ref_anchor")[:500, :3]
    responses = dense_responses(scores)
    grid = normal_grid()
    result = calibrate(responses, ["2pl"] * 3, tolerance=1e-9)

    def log_likelihood(x):
        rows = [(Model.TWO_PL, x[2 * j], x[2 * j + 1], 0, 1) for j in range(3)]
        table = stacked_log_probabilities(ItemParameters.from_rows(rows), grid.nodes)
        return sum(
            np.log(np.exp(part) @ grid.weights).sum()
            for _, part in responses.log_likelihoods(table)
        )

    x = np.column_stack([result.parameters.discrimination, result.parameters.difficulty]).ravel()
    step = 1e-4 * np.eye(6)
    hessian = np.array(
        [
            [
                (
                    log_likelihood(x + p + q)
                    - log_likelihood(x + p - q)
                    - log_likelihood(x - p + q)
                    + log_likelihood(x - p - q)
                )
                / 4e-8
                for q in step
            ]
            for p in step
        ]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(-hessian))).reshape(3, 2)
    assert result.standard_errors.discrimination == pytest.approx(errors[:, 0], rel=1e-4)
    assert result.standard_errors.difficulty[:, 0] == pytest.approx(errors[:, 1], rel=1e-4)


def mixed_test(n_persons, seed):
    rng = np.random.default_rng(seed)
    rows = [(Model.TWO_PL, a, b, 0, 1) for a, b in zip([0.8, 1.2, 1.6], [-1, 0, 1], strict=True)]
    rows += [(Model.THREE_PL, 1.5, b, 0.2, 1) for b in (-0.5, 0.5)]
    rows += [(Model.GRADED, 1.3, [-1.0, 0.0, 1.2], 0, 1), (Model.GRADED, 0.9, [-0.4, 0.9], 0, 1)]
    rows += [(Model.TWO_PL, 1.0, b, 0, 1) for b in np.linspace(-2, 2, 8)]
    parameters = ItemParameters.from_rows(rows)
    return parameters, simulate_responses(parameters, rng.standard_normal(n_persons), rng)


def test_models_mix_in_one_run_and_are_recovered():
    truth, scores = mixed_test(4000, 5)
    result = calibrate(dense_responses(scores), truth.model)
    assert result.converged
    assert result.status.tolist() == [ItemStatus.ESTIMATED] * 15
    deviation = (
        result.parameters.difficulty - truth.difficulty
    ) / result.standard_errors.difficulty
    assert np.nanmax(np.abs(deviation)) < 4
    assert np.isnan(result.standard_errors.lower_asymptote).tolist() == (
        (truth.model != Model.THREE_PL).tolist()
    )


def test_dense_and_sparse_forms_of_the_same_responses_agree():
    truth, scores = mixed_test(1500, 6)
    rng = np.random.default_rng(1)
    scores[rng.random(scores.shape) < 0.3] = -1
    person, item = np.nonzero(scores >= 0)
    long = sparse_responses(person, item, scores[person, item], n_persons=1500, n_items=15)
    dense = calibrate(dense_responses(scores), truth.model, tolerance=1e-8)
    sparse = calibrate(long, truth.model, tolerance=1e-8)
    # The posterior is stationary at the optimum; the likelihood, with priors on c, is not.
    assert sparse.log_posterior == pytest.approx(dense.log_posterior, abs=1e-7)
    assert sparse.parameters.difficulty == pytest.approx(
        dense.parameters.difficulty, abs=1e-6, nan_ok=True
    )
    assert sparse.standard_errors.difficulty == pytest.approx(
        dense.standard_errors.difficulty, rel=1e-5, nan_ok=True
    )


def test_adaptively_collected_responses_do_not_bias_difficulty():
    """Reference trap: through the proportion correct the slope of b would be 0.60."""
    rng = np.random.default_rng(21)
    rows = [
        (Model.TWO_PL, a, b, 0, 1)
        for a, b in zip(rng.uniform(0.8, 1.8, 60), rng.normal(size=60), strict=True)
    ]
    truth = ItemParameters.from_rows(rows)
    pool = build_pool(np.arange(60), truth, normal_grid())
    theta = rng.standard_normal(4000)
    answers = simulate_responses(truth, theta, rng)
    everyone = np.arange(4000)
    at_random, adaptive = policy_of(among=60), policy_of(among=10)
    step = start(pool, at_random, examinees(at_random, everyone))
    taken = []
    for position in range(20):
        taken.append(step.item)
        scores = answers[everyone, step.item]
        policy = at_random if position < 5 else adaptive
        step = advance(pool, policy, step.state, step.item, scores)
    person, item = np.tile(everyone, 20), np.concatenate(taken)
    responses = sparse_responses(person, item, answers[person, item], n_persons=4000, n_items=60)
    result = calibrate(responses, ["2pl"] * 60)
    estimates, errors = result.parameters.difficulty[:, 0], result.standard_errors.difficulty[:, 0]
    slope = np.polyfit(truth.difficulty[:, 0], estimates, 1, w=1 / errors)[0]
    assert result.converged
    assert ((estimates - truth.difficulty[:, 0]) / errors).std() == pytest.approx(1.0, abs=0.25)
    assert slope == pytest.approx(1.0, abs=0.06)


def test_the_log_posterior_never_descends_by_more_than_an_extrapolation_taken_back():
    truth, scores = mixed_test(1000, 7)
    history = calibrate(dense_responses(scores), truth.model).history
    assert history[-1] == pytest.approx(history.max(), abs=1e-9)
    assert history[0] < history[-1]


def test_the_same_data_give_the_same_numbers():
    truth, scores = mixed_test(800, 8)
    first = calibrate(dense_responses(scores), truth.model)
    second = calibrate(dense_responses(scores), truth.model)
    assert first.parameters.discrimination.tolist() == second.parameters.discrimination.tolist()
    assert first.history.tolist() == second.history.tolist()


def test_starting_from_the_optimum_ends_at_once():
    truth, scores = mixed_test(800, 9)
    first = calibrate(dense_responses(scores), truth.model, tolerance=1e-8)
    again = calibrate(dense_responses(scores), truth.model, start=first.parameters)
    assert again.iterations == 1
    assert again.log_posterior == pytest.approx(first.log_posterior, abs=1e-9)


def test_items_without_usable_starting_values_start_from_a_guess():
    truth, scores = mixed_test(800, 9)
    first = calibrate(dense_responses(scores), truth.model)
    start = first.parameters
    start.discrimination[[0, 3]] = np.nan
    start.lower_asymptote[4] = 0.0
    start.difficulty[5, 1] = 9.0
    again = calibrate(dense_responses(scores), truth.model, start=start)
    assert again.log_posterior == pytest.approx(first.log_posterior, abs=1e-4)


def test_an_unfinished_search_returns_its_best_point_and_says_so():
    truth, scores = mixed_test(800, 10)
    result = calibrate(dense_responses(scores), truth.model, max_iterations=3)
    assert (result.converged, result.iterations) == (False, 3)
    assert result.log_posterior == result.history.max()
    assert result.max_gradient > 1e-6


def test_the_callback_sees_every_iteration_and_can_cancel():
    truth, scores = mixed_test(500, 11)
    seen = []

    class CancelledError(Exception):
        pass

    def watch(iteration, log_posterior, max_gradient):
        seen.append((iteration, log_posterior, max_gradient))
        if iteration == 4:
            raise CancelledError

    with pytest.raises(CancelledError):
        calibrate(dense_responses(scores), truth.model, callback=watch)
    assert [iteration for iteration, *_ in seen] == [1, 2, 3, 4]
    assert seen[3][1] > seen[0][1]


def test_items_without_a_response_in_some_category_are_left_out_and_named():
    truth, scores = mixed_test(600, 12)
    scores[:, 1] = 1
    scores[:, 3] = -1
    scores[scores[:, 5] == 2, 5] = 3
    result = calibrate(dense_responses(scores), truth.model)
    left_out = np.flatnonzero(result.status == ItemStatus.EMPTY_CATEGORY)
    assert left_out.tolist() == [1, 3, 5]
    assert np.isnan(result.parameters.discrimination[left_out]).all()
    assert np.isnan(result.standard_errors.discrimination[left_out]).all()
    kept = np.delete(np.arange(15), left_out)
    alone = calibrate(dense_responses(scores[:, kept]), truth.model[kept])
    assert result.parameters.discrimination[kept] == pytest.approx(
        alone.parameters.discrimination, abs=1e-8
    )


def test_a_wrong_key_shows_as_a_negative_slope():
    truth, scores = mixed_test(2000, 13)
    scores[:, 1] = 1 - scores[:, 1]
    scores[:, 5] = 3 - scores[:, 5]
    result = calibrate(dense_responses(scores), truth.model)
    assert np.flatnonzero(result.status == ItemStatus.NEGATIVE_SLOPE).tolist() == [1, 5]
    assert result.parameters.discrimination[1] == pytest.approx(-1.2, abs=0.3)


def test_guttman_data_end_finite():
    scores = np.tril(np.ones((7, 6)), -1).repeat(40, axis=0)
    result = calibrate(dense_responses(scores), ["2pl"] * 6, max_iterations=60)
    assert np.isfinite(result.parameters.discrimination).all()
    assert np.isfinite(result.log_likelihood)


def test_nothing_to_estimate_is_refused():
    for scores in (np.ones((20, 3)), np.full((20, 3), -1), np.empty((0, 3))):
        with pytest.raises(ResponseError, match="no item has a response in each"):
            calibrate(dense_responses(scores), ["2pl"] * 3)


def test_a_score_of_two_on_a_dichotomous_item_is_refused_by_item():
    scores = [[0, 1], [1, 2], [1, 0]]
    with pytest.raises(ResponseError) as refusal:
        calibrate(dense_responses(scores), ["2pl", "2pl"])
    assert (refusal.value.item, refusal.value.reason) == (1, "model 2pl is for scores 0 and 1")


def test_models_and_responses_must_be_as_many():
    with pytest.raises(ResponseError, match="2 models for 3 items"):
        calibrate(dense_responses([[0, 1, 0], [1, 0, 1]]), ["2pl"] * 2)


@pytest.mark.parametrize("scores", [[[0.5, 1]], [[-2, 1]], [[np.inf, 0]]])
def test_scores_that_are_no_categories_are_refused(scores):
    with pytest.raises(ResponseError, match="whole numbers from 0"):
        dense_responses(scores)


def test_sparse_responses_refuse_a_second_response_and_a_negative_score():
    with pytest.raises(ResponseError, match="two responses to one item"):
        sparse_responses([0, 0], [1, 1], [0, 1], n_persons=1, n_items=2)
    with pytest.raises(ResponseError, match="whole numbers from 0"):
        sparse_responses([0], [1], [-1], n_persons=1, n_items=2)


def test_a_score_above_the_stated_categories_is_refused_by_item():
    with pytest.raises(ResponseError) as refusal:
        dense_responses([[0, 3]], n_categories=[2, 3])
    assert (refusal.value.item, refusal.value.reason) == (1, "a score of 3, but only 3 categories")


@pytest.mark.parametrize(
    ("family", "x"),
    [
        (Logistic(), [[1.2, -0.4], [-0.5, 2.0]]),
        (WithAsymptotes(), [[1.2, -0.4, -1.5], [0.7, 1.0, 0.2]]),
        (WithAsymptotes(2), [[1.2, -0.4, -1.5, 2.0], [0.7, 1.0, 0.2, 0.9]]),
        (FallingIntercepts(4), [[1.2, 1.5, 0.3, -1.0], [0.6, 0.2, 0.1, -2.0]]),
        (CumulatedIntercepts(4), [[1.2, 0.5, 1.3, -1.0], [0.6, 0.2, -0.1, -2.0]]),
        (Normal(), [[0.4, 0.3], [-1.0, -0.5]]),
    ],
)
def test_scores_are_the_derivatives_of_the_log_probabilities(family, x):
    x = np.array(x)
    theta = np.linspace(-5, 5, 11)
    scores = family.scores(x, theta)
    for column in range(x.shape[1]):
        shift = np.zeros_like(x)
        shift[:, column] = 1e-6
        above = family.log_probabilities(x + shift, theta)
        below = family.log_probabilities(x - shift, theta)
        assert scores[:, column] == pytest.approx((above - below) / 2e-6, abs=1e-7)


@pytest.mark.parametrize(
    ("family", "x"),
    [
        (Logistic(), [[1.2, -0.4]]),
        (WithAsymptotes(), [[1.2, -0.4, -1.5]]),
        (WithAsymptotes(2), [[1.2, -0.4, -1.5, 2.0]]),
        (FallingIntercepts(4), [[1.2, 1.5, 0.3, -1.0]]),
        (CumulatedIntercepts(4), [[1.2, 0.5, 1.3, -1.0]]),
        (Normal(), [[0.4, 0.3]]),
    ],
)
def test_irt_parameters_and_coordinates_are_inverse_and_their_jacobian_is_right(family, x):
    x = np.array(x)
    assert family.from_irt(family.to_irt(x)) == pytest.approx(x, abs=1e-14)
    jacobian = family.irt_jacobian(x)[0]
    for column in range(x.shape[1]):
        shift = np.zeros_like(x)
        shift[:, column] = 1e-6
        slope = (family.to_irt(x + shift) - family.to_irt(x - shift))[0] / 2e-6
        assert jacobian[:, column] == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize(
    ("prior", "points"),
    [(LogNormal(0.2, 0.5), [0.3, 1.0, 2.5]), (Beta(5, 17), [-3.0, -1.2, 0.4])],
)
def test_priors_have_the_derivatives_they_claim(prior, points):
    x, step = np.array(points), 1e-4
    above, at, below = (prior.log_density(x + shift) for shift in (step, 0, -step))
    assert prior.gradient(x) == pytest.approx((above - below) / (2 * step), abs=1e-5)
    assert prior.curvature(x) == pytest.approx(-(above - 2 * at + below) / step**2, abs=1e-4)


def test_priors_are_proper_densities_on_their_scales():
    c, a = np.array([0.1, 0.25]), np.array([0.5, 2.0])
    assert Beta(5, 17).log_density(logit(c)) == pytest.approx(stats.beta(5, 17).logpdf(c))
    assert LogNormal(0.0, 0.5).log_density(a) == pytest.approx(stats.lognorm(0.5).logpdf(a))
    assert LogNormal().log_density(np.array([0.0, -1.0])).tolist() == [-np.inf, -np.inf]
