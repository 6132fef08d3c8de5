"""The calibration of every model against an independent maximum of the plain likelihood."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.calibration.priors import Beta, LogitNormal, LogNormal, Priors
from irt.models.parameters import ItemParameters
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from tests.reference.curves import N_ASYMPTOTES, PARTIAL_CREDIT, probabilities
from tests.reference.maximum import Problem, maximize
from tests.reference.reader import irt_row

PRIORS = {"a": ("lognormal", 0.1, 0.4), "c": ("normal", -1.5, 0.5), "u": ("beta", 17.0, 5.0)}
OWN_PRIORS = Priors(LogNormal(0.1, 0.4), LogitNormal(-1.5, 0.5), Beta(17.0, 5.0))

# Coordinates (see `curves`) of the items that answers are drawn from.
BINARY = [[1.2, 0.9], [0.8, 0.0], [1.5, -0.6], [1.0, 0.4], [1.3, -1.1]]
WITH_GUESSING = [[*x, -1.4] for x in BINARY]
WITH_BOTH = [[*x, -1.4, 2.6] for x in BINARY]
RATED = [[1.2, 1.1, -0.3], [0.8, 0.4, -0.9], [1.5, 0.5, -0.5], [1.1, 1.4, 0.2]]
TRUTH = {
    "rasch": [[1.0, d] for _, d in BINARY],
    "1pl": [[1.3, d] for _, d in BINARY],
    "2pl": BINARY,
    "3pl": WITH_GUESSING,
    "4pl": WITH_BOTH,
    "grm": RATED,
    "pcm": [[1.0, *d] for _, *d in RATED],
    "gpcm": RATED,
}


def drawn(models, items, n_persons, seed, mean=0.0, sd=1.0):
    """(N, J) answers, with a tenth missing, and each category of an item in use."""
    rng = np.random.default_rng(seed)
    theta = mean + sd * rng.standard_normal(n_persons)
    columns = []
    for model, x in zip(models, items, strict=True):
        curve = probabilities(model, np.array(x), theta)
        columns.append((rng.random(n_persons) > curve.cumsum(axis=0)[:-1]).sum(axis=0))
    scores = np.column_stack(columns)
    scores[rng.random(scores.shape) < 0.1] = -1
    return scores


def coordinates(parameters, item):
    """Those of an item as `calibrate` estimated it, and the derivatives of (a, b, c, d) by them."""
    model = str(parameters.model[item])
    a, b = parameters.discrimination[item], parameters.difficulty[item]
    b = b[np.isfinite(b)]
    turn = np.tri(len(b)) if model in PARTIAL_CREDIT else np.eye(len(b))
    d = -a * turn @ b
    asymptotes = np.array([parameters.lower_asymptote[item], parameters.upper_asymptote[item]])
    asymptotes = asymptotes[: N_ASYMPTOTES.get(model, 0)]
    size = 1 + len(b) + len(asymptotes)
    jacobian = np.eye(size)
    jacobian[1 : 1 + len(b), 0] = -b / a
    jacobian[1 : 1 + len(b), 1 : 1 + len(b)] = -np.linalg.inv(turn) / a
    for place, p in enumerate(asymptotes, 1 + len(b)):
        jacobian[place, place] = p * (1 - p)
    return np.array([a, *d, *np.log(asymptotes / (1 - asymptotes))]), jacobian


def errors_of(result, item, size):
    """(a, b, c, d) errors of an item, NaN where it was not estimated."""
    errors = result.standard_errors
    steps = errors.difficulty[item]
    n_steps = int(np.isfinite(result.parameters.difficulty[item]).sum())
    rest = [errors.lower_asymptote[item], errors.upper_asymptote[item]]
    return np.array([errors.discrimination[item], *steps[:n_steps], *rest])[:size]


def assert_same(result, found, tolerance=1e-5):
    """Estimates, log-likelihood and standard errors of a calibration are those of the maximum."""
    problem = found.problem
    assert result.converged
    assert result.log_posterior == pytest.approx(found.log_posterior, abs=1e-6)
    assert result.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-4)
    assert result.n_parameters == problem.n_free
    for item, (x, place) in enumerate(zip(found.items, problem.places, strict=True)):
        own, jacobian = coordinates(result.parameters, item)
        assert own == pytest.approx(x, abs=tolerance)
        index = problem.index[place]
        free = index >= 0
        covariance = np.zeros((len(x), len(x)))
        chosen = found.covariance[np.ix_(index[free], index[free])]
        covariance[np.ix_(free, free)] = chosen
        expected = np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
        errors = errors_of(result, item, len(x))
        assert np.isfinite(errors).tolist() == free.tolist()
        assert errors[free] == pytest.approx(expected[free], rel=1e-4)
    assert result.group_mean == pytest.approx(found.moments[:, 0], abs=tolerance)
    assert result.group_variance == pytest.approx(found.moments[:, 1], abs=tolerance)
    mean_errors, variance_errors = found.moment_errors.T
    assert result.group_mean_se == pytest.approx(mean_errors, rel=1e-4, nan_ok=True)
    assert result.group_variance_se == pytest.approx(variance_errors, rel=1e-4, nan_ok=True)


@pytest.mark.parametrize("model", TRUTH)
def test_every_model_is_calibrated_to_the_maximum_of_its_likelihood(model):
    items = TRUTH[model]
    models = [model] * len(items)
    scores = drawn(models, items, 800, seed=31)
    free_variance = model in ("rasch", "pcm")
    found = maximize(
        Problem(
            *(scores, models),
            priors=PRIORS,
            free_moments=(False, free_variance),
        )
    )
    result = calibrate(dense_responses(scores), models, priors=OWN_PRIORS, tolerance=1e-8)
    assert_same(result, found, tolerance=1e-4 if model in N_ASYMPTOTES else 1e-5)


def test_all_models_in_one_test_on_another_grid():
    models = list(TRUTH)
    models.insert(2, "1pl")  # two items share the slope
    items = [TRUTH[model][place % 4] for place, model in enumerate(models)]
    scores = drawn(models, items, 1200, seed=32)
    grid = normal_grid(41, 5.0)
    found = maximize(
        Problem(scores, models, nodes=grid.nodes, priors=PRIORS, free_moments=(False, True))
    )
    result = calibrate(
        dense_responses(scores), models, nodes=grid.nodes, priors=OWN_PRIORS, tolerance=1e-8
    )
    assert_same(result, found, tolerance=1e-4)


def test_groups_have_their_own_maximum():
    models = ["2pl"] * 5
    parts = [
        drawn(models, BINARY, n, seed, mean, sd)
        for n, seed, mean, sd in ((600, 33, 0.0, 1.0), (500, 34, -0.7, 0.8), (400, 35, 0.6, 1.3))
    ]
    group = np.repeat([0, 1, 2], [600, 500, 400])
    scores = np.concatenate(parts)
    result = calibrate(
        *(dense_responses(scores), models),
        population=standard_population(models, group=group),
        tolerance=1e-8,
    )
    assert result.nodes[-1] > 6.0  # the third group goes on beyond the usual ones
    found = maximize(
        Problem(scores, models, group=group, moments=[(0.0, 1.0)] * 3, nodes=result.nodes)
    )
    assert found.problem.n_free == 14
    assert_same(result, found)


@pytest.mark.parametrize("model", ["2pl", "3pl", "grm", "gpcm"])
def test_anchors_hold_the_scale_while_the_group_moves(model):
    items = TRUTH[model]
    models = [model] * len(items)
    scores = drawn(models, items, 900, seed=36, mean=0.5, sd=1.2)
    anchored = {item: items[item] for item in range(len(items) - 2)}
    found = maximize(
        Problem(
            *(scores, models),
            priors=PRIORS,
            anchors=anchored,
            free_moments=(True, True),
        )
    )
    rows = [irt_row(model, np.array(x)) for x in items]
    anchors = ItemParameters.from_rows(
        (kind, a if item in anchored else np.nan, *rest)
        for item, (kind, a, *rest) in enumerate(rows)
    )
    result = calibrate(
        *(dense_responses(scores), models),
        anchors=anchors,
        priors=OWN_PRIORS,
        population=standard_population(models, free=True, anchored=True),
        tolerance=1e-8,
    )
    assert_same(result, found, tolerance=1e-4 if model == "3pl" else 1e-5)
