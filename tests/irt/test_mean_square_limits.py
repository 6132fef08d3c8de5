"""Limits of infit and outfit for the data at hand: noise is found, what fits is left alone."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.fit.fitted_groups import FittedGroups
from irt.fit.fitted_model import fitted_model
from irt.fit.mean_square_limits import mean_square_limits
from irt.fit.mean_squares import mean_squares
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses


def rasch(n_items):
    return ItemParameters.from_rows(
        [(Model.RASCH, 1.0, b, 0.0, 1.0) for b in np.linspace(-1.6, 1.6, n_items)]
    )


def partial_credit(n_items):
    return ItemParameters.from_rows(
        [(Model.PCM, 1.0, [b - 0.6, b + 0.6], 0.0, 1.0) for b in np.linspace(-1, 1, n_items)]
    )


def judged(items, n_persons, seed=0, guessed=None):
    """Infit and outfit, and their limits, at parameters calibrated from the same responses."""
    rng = np.random.default_rng(seed)
    scores = simulate_responses(items, rng.normal(0, 1, n_persons), rng)
    if guessed is not None:
        scores[:, guessed] = rng.integers(0, int(items.n_categories[guessed]), n_persons)
    responses = dense_responses(scores, items.n_categories)
    found = calibrate(responses, items.model.tolist(), with_standard_errors=False)
    model = fitted_model(found.parameters, variance=float(found.group_variance[0]))
    return mean_squares(responses, model), mean_square_limits(responses, model, replications=60)


@pytest.mark.parametrize(
    ("items", "n_persons"),
    [(rasch(20), 500), (rasch(60), 300), (rasch(8), 600), (partial_credit(12), 400)],
)
def test_an_item_answered_by_tossing_a_coin_is_noise_in_tests_of_any_length(items, n_persons):
    found, limits = judged(items, n_persons, guessed=3)
    noisy = (found.infit > limits.infit) & (found.outfit > limits.outfit)
    assert np.flatnonzero(noisy).tolist() == [3]


@pytest.mark.parametrize(("items", "seed"), [(rasch(20), 1), (rasch(6), 2), (partial_credit(8), 3)])
def test_items_that_fit_are_within_their_limits(items, seed):
    found, limits = judged(items, 500, seed)
    assert (found.infit <= limits.infit).all()
    assert (found.outfit <= limits.outfit).all()


def test_what_is_usual_is_what_the_mean_squares_are_where_the_model_holds():
    found, limits = judged(rasch(20), 2000, seed=4)
    np.testing.assert_allclose(found.infit, limits.usual_infit, atol=0.06)
    assert (limits.usual_infit < 1).all()
    short = judged(rasch(6), 2000, seed=4)[1]
    assert short.usual_infit.mean() < limits.usual_infit.mean()


def test_limits_of_known_items_are_passed_as_often_as_they_say():
    """Of 30 tests that fit one or two have an item beyond its limit, and hardly ever six."""
    items, passed = rasch(10), 0
    model = fitted_model(items, estimated=np.zeros(10, dtype=bool))
    for seed in range(30):
        rng = np.random.default_rng(seed)
        responses = dense_responses(simulate_responses(items, rng.normal(0, 1, 250), rng))
        found = mean_squares(responses, model)
        limits = mean_square_limits(responses, model, replications=40, seed=seed)
        passed += bool((found.infit > limits.infit).any())
    assert passed <= 5


def test_limits_do_not_depend_on_how_responses_are_kept_nor_on_chance():
    items = rasch(10)
    rng = np.random.default_rng(6)
    scores = simulate_responses(items, rng.normal(0, 1, 200), rng)
    scores[rng.random(scores.shape) < 0.3] = -1
    person, item = np.nonzero(scores >= 0)
    sparse = sparse_responses(person, item, scores[person, item], n_persons=200, n_items=10)
    model = fitted_model(items)
    own = mean_square_limits(dense_responses(scores), model, replications=20)
    again = mean_square_limits(sparse, model, replications=20)
    np.testing.assert_allclose(own.infit, again.infit, rtol=1e-9)


def test_groups_are_drawn_each_from_its_own_distribution():
    items = rasch(20)
    rng = np.random.default_rng(7)
    theta = np.concatenate([rng.normal(-1.5, 0.5, 400), rng.normal(1.5, 0.5, 300)])
    member = np.repeat([0, 1], [400, 300])
    responses = dense_responses(simulate_responses(items, theta, rng))
    within = FittedGroups(
        [fitted_model(items, mean=mean, variance=0.25) for mean in (-1.5, 1.5)], member
    )
    limits = mean_square_limits(responses, within, replications=40)
    assert (mean_squares(responses, within).infit <= limits.infit).all()


def test_an_item_that_nobody_answered_has_no_limit():
    items = rasch(8)
    rng = np.random.default_rng(8)
    scores = simulate_responses(items, rng.normal(0, 1, 150), rng)
    scores[:, 2] = -1
    limits = mean_square_limits(dense_responses(scores), fitted_model(items), replications=20)
    assert np.isnan([limits.infit[2], limits.outfit[2]]).all()
    assert np.isfinite(np.delete(limits.infit, 2)).all()
