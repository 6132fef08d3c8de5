"""Each model, anchors, groups and accelerations, held against an optimum found another way."""

import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit, logit

from irt.calibration.acceleration import Acceleration
from irt.calibration.calibrate import calibrate
from irt.calibration.population import PopulationError, standard_population
from irt.calibration.priors import Beta, LogitNormal, LogNormal, Priors
from irt.calibration.result import ItemStatus
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid, normal_weights
from irt.responses import (
    ResponseError,
    dense_responses,
    sparse_responses,
    stacked_log_probabilities,
)
from irt.simulation.responses import simulate_responses

NODES = normal_grid().nodes
NO_PRIORS = Priors(None, None, None)


def simulated(rows, n_persons=600, seed=1, mean=0.0, sd=1.0):
    rng = np.random.default_rng(seed)
    truth = ItemParameters.from_rows(rows)
    return truth, simulate_responses(truth, mean + sd * rng.standard_normal(n_persons), rng)


def marginal(responses, parameters, mean=0.0, variance=1.0):
    """Marginal log-likelihood, written without the code under test."""
    table = stacked_log_probabilities(parameters, NODES)
    weights = normal_weights(NODES, mean, np.sqrt(variance))
    parts = (np.exp(part) @ weights for _, part in responses.log_likelihoods(table))
    return float(np.log(np.concatenate(list(parts))).sum())


def optimum(function, start):
    """Maximiser of a function, and the standard errors from its numerical Hessian."""
    found = optimize.minimize(lambda x: -function(x), start, method="BFGS", tol=1e-9).x
    step = 2e-3 * np.eye(len(found))
    hessian = np.array(
        [
            [
                (function(found + p + q) - function(found + p - q))
                - (function(found - p + q) - function(found - p - q))
                for q in step
            ]
            for p in step
        ]
    ) / (4 * 2e-3**2)
    return found, np.sqrt(np.diag(np.linalg.inv(-hessian)))


def values_and_errors(result, item):
    """a, b's, c, d of an item and their errors, those that were estimated."""
    parameters, errors = result.parameters, result.standard_errors
    values = [parameters.discrimination[item], *parameters.difficulty[item]]
    values += [parameters.lower_asymptote[item], parameters.upper_asymptote[item]]
    error = [errors.discrimination[item], *errors.difficulty[item]]
    error += [errors.lower_asymptote[item], errors.upper_asymptote[item]]
    known = np.isfinite(error)
    return np.array(values)[known], np.array(error)[known]


POLYTOMOUS_ROWS = [(1.2, [-1.0, 0.2]), (0.8, [0.4, 0.9]), (1.5, [-0.3, 0.5])]


@pytest.mark.parametrize("model", [Model.GRADED, Model.GPCM])
def test_polytomous_models_reach_the_maximum_of_the_marginal_likelihood(model):
    truth, scores = simulated([(model, a, b, 0, 1) for a, b in POLYTOMOUS_ROWS])
    responses = dense_responses(scores)
    result = calibrate(responses, truth.model, tolerance=1e-9)

    def log_likelihood(x):
        rows = [(model, a, b, 0, 1) for a, *b in x.reshape(3, 3)]
        if min(row[1] for row in rows) <= 0:
            return -1e6
        return marginal(responses, ItemParameters.from_rows(rows))

    start = np.column_stack([truth.discrimination, truth.difficulty]).ravel()
    estimates, errors = optimum(log_likelihood, start)
    for item in range(3):
        own, own_errors = values_and_errors(result, item)
        assert own == pytest.approx(estimates[3 * item : 3 * item + 3], abs=2e-4)
        assert own_errors == pytest.approx(errors[3 * item : 3 * item + 3], rel=2e-3)


@pytest.mark.parametrize("model", [Model.RASCH, Model.PCM])
def test_with_unit_slopes_the_variance_is_estimated(model):
    steps = [[-1.0], [0.0], [0.7]] if model == Model.RASCH else [[-1.0, 0.2], [0.4, 0.9]]
    truth, scores = simulated([(model, 1, b, 0, 1) for b in steps], sd=1.4)
    responses = dense_responses(scores)
    result = calibrate(responses, truth.model, tolerance=1e-9)
    shape = truth.difficulty.shape

    def log_likelihood(x):
        rows = [(model, 1, b, 0, 1) for b in x[:-1].reshape(shape)]
        return marginal(responses, ItemParameters.from_rows(rows), variance=np.exp(x[-1]))

    estimates, errors = optimum(log_likelihood, [*truth.difficulty.ravel(), 0.5])
    assert result.parameters.discrimination.tolist() == [1.0] * len(steps)
    assert np.isnan(result.standard_errors.discrimination).all()
    assert result.parameters.difficulty.ravel() == pytest.approx(estimates[:-1], abs=2e-4)
    assert result.standard_errors.difficulty.ravel() == pytest.approx(errors[:-1], rel=2e-3)
    assert (result.group_mean[0], np.isnan(result.group_mean_se[0])) == (0.0, True)
    variance = np.exp(estimates[-1])
    assert result.group_variance[0] == pytest.approx(variance, abs=5e-4)
    assert result.group_variance_se[0] == pytest.approx(errors[-1] * variance, rel=2e-3)


def test_the_1pl_has_one_slope_with_one_error():
    truth, scores = simulated([(Model.ONE_PL, 1.3, b, 0, 1) for b in (-1.0, 0.0, 0.5, 1.2)])
    responses = dense_responses(scores)
    result = calibrate(responses, truth.model, tolerance=1e-9)

    def log_likelihood(x):
        rows = [(Model.TWO_PL, x[0], b, 0, 1) for b in x[1:]]
        return marginal(responses, ItemParameters.from_rows(rows))

    estimates, errors = optimum(log_likelihood, [1.3, *truth.difficulty[:, 0]])
    assert result.parameters.discrimination == pytest.approx([estimates[0]] * 4, abs=1e-4)
    assert result.standard_errors.discrimination == pytest.approx([errors[0]] * 4, rel=2e-3)
    assert result.parameters.difficulty[:, 0] == pytest.approx(estimates[1:], abs=2e-4)
    assert result.standard_errors.difficulty[:, 0] == pytest.approx(errors[1:], rel=2e-3)
    assert result.n_parameters == 5


def test_rasch_and_1pl_are_the_same_model_on_two_scales():
    _, scores = simulated([(Model.ONE_PL, 1.3, b, 0, 1) for b in (-1.0, 0.0, 0.5, 1.2)])
    rasch = calibrate(dense_responses(scores), [Model.RASCH] * 4, tolerance=1e-9)
    one_pl = calibrate(dense_responses(scores), [Model.ONE_PL] * 4, tolerance=1e-9)
    slope = one_pl.parameters.discrimination[0]
    assert np.sqrt(rasch.group_variance[0]) == pytest.approx(slope, abs=1e-4)
    assert rasch.parameters.difficulty == pytest.approx(
        slope * one_pl.parameters.difficulty, abs=1e-4
    )
    assert rasch.log_likelihood == pytest.approx(one_pl.log_likelihood, abs=1e-4)


@pytest.mark.parametrize(("model", "c", "d"), [("3pl", 0.2, 1.0), ("4pl", 0.15, 0.9)])
def test_models_with_asymptotes_reach_the_mode_of_the_posterior(model, c, d):
    truth, scores = simulated([(Model(model), 1.4, b, c, d) for b in (-0.5, 0.0, 0.6)], 900)
    responses = dense_responses(scores)
    priors = Priors(LogNormal(0.1, 0.4), LogitNormal(-1.5, 0.5), Beta(17, 5))
    result = calibrate(responses, truth.model, priors=priors, tolerance=1e-9)
    n_free = 4 if model == "4pl" else 3

    def log_posterior(x):
        rows = [(Model(model), *_row(values)) for values in x.reshape(3, n_free)]
        a, lower, upper = (np.array([row[place] for row in rows]) for place in (1, 3, 4))
        if (a <= 0).any() or (lower >= upper).any():
            return -1e6
        density = priors.discrimination.log_density(a).sum()
        density += priors.lower_asymptote.log_density(logit(lower)).sum()
        if model == "4pl":
            density += priors.upper_asymptote.log_density(logit(upper)).sum()
        return marginal(responses, ItemParameters.from_rows(rows)) + density

    start = np.tile([1.4, 0.0, logit(c), logit(0.9)][:n_free], 3)
    estimates, errors = optimum(log_posterior, start)
    for item, (values, error) in enumerate(
        zip(estimates.reshape(3, -1), errors.reshape(3, -1), strict=True)
    ):
        own, own_errors = values_and_errors(result, item)
        asymptotes = expit(values[2:])
        assert own == pytest.approx([*values[:2], *asymptotes], abs=1e-3)
        scale = [1.0, 1.0, *(asymptotes * (1 - asymptotes))]
        assert own_errors == pytest.approx(error * scale, rel=5e-3)
    assert result.log_posterior == pytest.approx(log_posterior(estimates), abs=1e-6)


def _row(values):
    a, b, *asymptotes = values
    c, d = (*expit(asymptotes), 1.0)[:2]
    return a, b, c, d


def test_anchors_stay_and_the_group_finds_its_place():
    truth, scores = simulated(
        [(Model.TWO_PL, 1.0 + 0.05 * k, b, 0, 1) for k, b in enumerate(np.linspace(-1, 1.5, 12))],
        3000,
        mean=0.5,
        sd=1.2,
    )
    anchors = ItemParameters.from_rows(
        (Model.TWO_PL, a if item < 8 else np.nan, b, 0, 1)
        for item, (a, b) in enumerate(
            zip(truth.discrimination, truth.difficulty[:, 0], strict=True)
        )
    )
    population = standard_population(truth.model, free=True, anchored=True)
    result = calibrate(dense_responses(scores), truth.model, anchors=anchors, population=population)
    assert result.parameters.difficulty[:8].tolist() == truth.difficulty[:8].tolist()
    assert np.isnan(result.standard_errors.difficulty[:8]).all()
    assert result.status.tolist() == [ItemStatus.ANCHORED] * 8 + [ItemStatus.ESTIMATED] * 4
    assert result.group_mean[0] == pytest.approx(0.5, abs=3 * result.group_mean_se[0])
    assert result.group_variance[0] == pytest.approx(1.44, abs=3 * result.group_variance_se[0])
    deviation = result.parameters.difficulty[8:] - truth.difficulty[8:]
    assert np.abs(deviation / result.standard_errors.difficulty[8:]).max() < 3
    assert result.n_parameters == 10


def test_groups_have_their_own_mean_and_variance():
    rows = [(Model.TWO_PL, 1.2, b, 0, 1) for b in np.linspace(-1.5, 1.5, 15)]
    truth, reference = simulated(rows, 1500, seed=2)
    _, focal = simulated(rows, 1500, seed=3, mean=-0.6, sd=0.7)
    group = np.repeat([0, 1], 1500)
    population = standard_population(truth.model, group=group)
    scores = np.vstack([reference, focal])
    result = calibrate(dense_responses(scores), truth.model, population=population)
    assert (result.group_mean[0], result.group_variance[0]) == (0.0, 1.0)
    assert result.group_mean[1] == pytest.approx(-0.6, abs=3 * result.group_mean_se[1])
    assert result.group_variance[1] == pytest.approx(0.49, abs=3 * result.group_variance_se[1])
    shuffled = np.random.default_rng(1).permutation(3000)
    again = calibrate(
        dense_responses(scores[shuffled]),
        truth.model,
        population=standard_population(truth.model, group=group[shuffled]),
    )
    assert again.group_mean == pytest.approx(result.group_mean, abs=1e-5)
    person, item = np.nonzero(scores >= 0)
    long = sparse_responses(person, item, scores[person, item], n_persons=3000, n_items=15)
    sparse = calibrate(long, truth.model, population=population)
    assert sparse.group_variance == pytest.approx(result.group_variance, abs=1e-8)
    assert sparse.group_variance_se == pytest.approx(
        result.group_variance_se, rel=1e-5, nan_ok=True
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_free_group_far_away_is_found_and_does_not_run_beyond_the_nodes(seed):
    rows = [(Model.TWO_PL, 1.3, b, 0, 1) for b in np.linspace(-2, 2, 10)]
    truth, scores = simulated(rows, 500, seed=seed, mean=3.0, sd=0.5)
    scores[:2] = [[0] * 10, [1] * 10]
    population = standard_population(truth.model, free=True, anchored=True)
    found = {
        kind: calibrate(
            dense_responses(scores),
            truth.model,
            anchors=truth,
            population=population,
            acceleration=kind,
        )
        for kind in (Acceleration.ANDERSON, Acceleration.NONE)
    }
    fast, plain = found.values()
    assert (fast.converged, plain.converged) == (True, True)
    assert fast.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-3)
    assert fast.group_mean == pytest.approx(plain.group_mean, abs=0.02)
    assert fast.group_mean[0] == pytest.approx(3.0, abs=0.5)


def test_a_free_group_without_anchors_is_refused():
    with pytest.raises(PopulationError, match="name anchors, or leave the group at N"):
        standard_population(["2pl"], free=True)


def test_anchors_that_do_not_fit_the_responses_are_refused():
    scores = [[0, 1], [1, 0], [2, 1]]
    wide = ItemParameters.from_rows(
        [(Model.GRADED, 1.0, [0, 1, 2], 0, 1), (Model.TWO_PL, np.nan, 0, 0, 1)]
    )
    with pytest.raises(ResponseError) as refusal:
        calibrate(dense_responses(scores), ["grm", "2pl"], anchors=wide)
    assert refusal.value.item == 0
    assert refusal.value.reason == "anchored with 4 categories, but the responses have 3"
    with pytest.raises(ResponseError, match="1 anchors for 2 items"):
        calibrate(dense_responses(scores), ["grm", "2pl"], anchors=wide.take([0]))


def mixed_rows():
    rows = [(Model.ONE_PL, 1.1, b, 0, 1) for b in (-1.0, 0.3)]
    rows += [(Model.TWO_PL, 0.9, b, 0, 1) for b in (-0.4, 0.8)]
    rows += [(Model.THREE_PL, 1.4, 0.2, 0.2, 1), (Model.FOUR_PL, 1.5, 0.0, 0.15, 0.93)]
    rows += [(Model.GRADED, 1.3, [-1.0, 0.0, 1.2], 0, 1), (Model.GPCM, 0.9, [-0.6, 0.6], 0, 1)]
    return [*rows, (Model.GPCM, 1.2, [0.5, -0.2, 0.1], 0, 1)]


@pytest.mark.parametrize("acceleration", list(Acceleration))
def test_every_acceleration_ends_at_the_same_optimum(acceleration):
    truth, scores = simulated(mixed_rows(), 1200, seed=4)
    reference = calibrate(dense_responses(scores), truth.model, tolerance=1e-8)
    result = calibrate(
        dense_responses(scores),
        truth.model,
        acceleration=acceleration,
        tolerance=1e-6,
        max_iterations=3000,
        with_standard_errors=False,
    )
    assert result.converged
    assert result.log_posterior == pytest.approx(reference.log_posterior, abs=1e-3)
    assert len(result.history) == len(result.gradient_history) == result.iterations
    assert result.gradient_history[-1] == result.max_gradient < 1e-6


def test_acceleration_saves_iterations():
    truth, scores = simulated(mixed_rows(), 1200, seed=4)
    counts = {
        kind: calibrate(
            dense_responses(scores),
            truth.model,
            acceleration=kind,
            max_iterations=3000,
            with_standard_errors=False,
        ).iterations
        for kind in Acceleration
    }
    assert counts["anderson"] * 2 < counts["none"]
    assert counts["squarem"] < counts["none"]


def test_all_models_mix_and_missing_answers_make_dense_and_sparse_agree():
    truth, scores = simulated(mixed_rows(), 1500, seed=5)
    scores[np.random.default_rng(1).random(scores.shape) < 0.2] = -1
    person, item = np.nonzero(scores >= 0)
    widths = truth.n_categories
    long = sparse_responses(
        *(person, item, scores[person, item]), n_persons=1500, n_items=9, n_categories=widths
    )
    dense = calibrate(dense_responses(scores, widths), truth.model, tolerance=1e-9)
    sparse = calibrate(long, truth.model, tolerance=1e-9)
    for item in range(9):
        own, errors = values_and_errors(dense, item)
        twin, twin_errors = values_and_errors(sparse, item)
        assert own == pytest.approx(twin, abs=1e-6)
        assert errors == pytest.approx(twin_errors, rel=1e-5)


def test_the_full_covariance_agrees_with_the_errors_and_names_each_parameter():
    truth, scores = simulated(mixed_rows(), 1200, seed=4)
    result = calibrate(dense_responses(scores), truth.model, with_covariance=True)
    names, matrix = result.covariance.names, result.covariance.matrix
    errors = dict(zip(names, np.sqrt(np.diag(matrix)), strict=True))
    assert errors[(-1, "a")] == pytest.approx(result.standard_errors.discrimination[0], rel=1e-9)
    assert (0, "a") not in errors
    assert errors[(0, "b")] == pytest.approx(result.standard_errors.difficulty[0, 0], rel=1e-9)
    assert errors[(5, "d")] == pytest.approx(result.standard_errors.upper_asymptote[5], rel=1e-9)
    assert errors[(8, "b3")] == pytest.approx(result.standard_errors.difficulty[8, 2], rel=1e-9)
    assert len(names) == result.n_parameters == 1 + 2 + 4 + 3 + 4 + 4 + 3 + 4
    assert matrix == pytest.approx(matrix.T, abs=1e-12)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_the_covariance_of_a_free_group_is_named_by_group():
    truth, scores = simulated([(Model.RASCH, 1, b, 0, 1) for b in (-1.0, 0.0, 1.0)])
    result = calibrate(dense_responses(scores), truth.model, with_covariance=True)
    assert result.covariance.names == [(0, "b"), (1, "b"), (2, "b"), (-2, "variance")]


def test_aic_and_bic_count_the_free_parameters():
    truth, scores = simulated([(Model.TWO_PL, 1.2, b, 0, 1) for b in (-1.0, 0.0, 1.0)], 500)
    result = calibrate(dense_responses(scores), truth.model)
    assert result.aic == pytest.approx(-2 * result.log_likelihood + 12)
    assert result.bic == pytest.approx(-2 * result.log_likelihood + 6 * np.log(500))


def test_a_prior_on_every_slope_also_holds_for_2pl_items():
    truth, scores = simulated([(Model.TWO_PL, 1.2, b, 0, 1) for b in (-1.0, 0.0, 1.0)], 300)
    tight = Priors(LogNormal(0.0, 0.01), every_slope=True)
    result = calibrate(dense_responses(scores), truth.model, priors=tight)
    assert result.parameters.discrimination == pytest.approx([1.0] * 3, abs=0.02)
    free = calibrate(dense_responses(scores), truth.model, priors=Priors(LogNormal(0.0, 0.01)))
    assert np.abs(free.parameters.discrimination - 1.0).max() > 0.05


def test_the_callback_also_hears_of_the_standard_errors_and_can_cancel_them():
    truth, scores = simulated([(Model.TWO_PL, 1.2, b, 0, 1) for b in (-1.0, 0.0, 1.0)], 500)
    seen = []

    class CancelledError(Exception):
        pass

    def watch(iteration, log_posterior, max_gradient):
        if max_gradient < 1e-6:
            seen.append(iteration)
        if len(seen) == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        calibrate(dense_responses(scores), truth.model, callback=watch)
    assert seen[0] == seen[1]


def test_a_slope_that_the_grid_cannot_resolve_is_reported():
    theta = np.repeat(np.linspace(-2.05, 2.15, 8), 50)
    scores = (theta[:, None] > np.array([-1.5, -0.5, 0.0, 0.5, 1.5])).astype(int)
    result = calibrate(dense_responses(scores), ["2pl"] * 5, max_iterations=200)
    steep = np.abs(result.parameters.discrimination) * 0.2 > 4
    assert steep.any()
    assert (result.status == ItemStatus.STEEP).tolist() == steep.tolist()
    assert np.isfinite(result.parameters.difficulty).all()


def test_an_unfinished_search_says_what_stood_in_its_way():
    theta = np.repeat(np.linspace(-2.05, 2.15, 8), 50)
    guttman = (theta[:, None] > np.array([-1.5, -0.5, 0.0, 0.5, 1.5])).astype(int)
    steep = calibrate(dense_responses(guttman), ["2pl"] * 5, max_iterations=60)
    assert steep.obstacle.endswith("items grow without bound: no finite maximum exists")
    all_or_nothing = np.repeat([[0, 0, 0], [1, 1, 1]], 50, axis=0)
    wide = calibrate(dense_responses(all_or_nothing), ["rasch"] * 3, max_iterations=60)
    assert wide.obstacle.startswith("the variance of ability runs to zero or infinity")
    truth, scores = simulated(mixed_rows(), 500)
    short = calibrate(dense_responses(scores), truth.model, max_iterations=2)
    assert short.obstacle == "2 iterations were not enough"
    whole = calibrate(dense_responses(scores), truth.model)
    assert (whole.converged, whole.obstacle) == (True, "")


def test_a_twin_item_costs_its_pair_the_errors_at_most():
    truth, scores = simulated([(Model.TWO_PL, 1.2, b, 0, 1) for b in np.linspace(-1, 1, 6)], 400)
    scores[:, 1] = scores[:, 0]
    result = calibrate(dense_responses(scores), truth.model, max_iterations=300)
    others = slice(2, None)
    assert np.isfinite(result.standard_errors.difficulty[others]).all()
    assert set(result.status[others].tolist()) == {ItemStatus.ESTIMATED}
