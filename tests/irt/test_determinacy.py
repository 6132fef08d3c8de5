"""Estimates at a bound, or where the likelihood is flat, have no standard error."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.calibration.priors import LogitNormal, Priors
from irt.calibration.result import FIRST_GROUP_OWNER, Cause, ItemStatus
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses

NONE = Priors(None, None, None)


def two_pl(n_items=12, n_persons=600, seed=4, lower=0.0):
    """Scores of items without a second asymptote, and the abilities."""
    rng = np.random.default_rng(seed)
    model = Model.THREE_PL if lower else Model.TWO_PL
    items = ItemParameters.from_rows(
        [
            (model, float(rng.uniform(0.8, 1.6)), [level], lower, 1.0)
            for level in np.linspace(-1.5, 1.5, n_items)
        ]
    )
    theta = rng.normal(size=n_persons)
    return simulate_responses(items, theta, rng), theta


def named(result, cause):
    return {(one.owner, one.name) for one in result.undetermined if one.cause is cause}


@pytest.mark.parametrize("model", ["3pl", "4pl"])
def test_asymptotes_at_their_bound_have_no_error_and_a_status(model):
    scores, _ = two_pl()
    result = calibrate(dense_responses(scores), [model] * 12, priors=NONE, with_covariance=True)
    errors, found = result.standard_errors, result.parameters
    at_zero = found.lower_asymptote < 1e-4
    assert at_zero.any()
    assert np.isnan(errors.lower_asymptote[at_zero]).all()
    told = named(result, Cause.AT_BOUND)
    assert {(item, "c") for item in np.flatnonzero(at_zero).tolist()} <= told
    if model == "4pl":
        at_one = found.upper_asymptote > 1 - 1e-4
        assert at_one.any()
        assert np.isnan(errors.upper_asymptote[at_one]).all()
        assert {(item, "d") for item in np.flatnonzero(at_one).tolist()} <= told
    assert set(result.status) & {ItemStatus.AT_BOUND, ItemStatus.UNDETERMINED}
    places = [result.covariance.names.index(one) for one in told]
    assert np.isnan(result.covariance.matrix[places]).all()


def test_no_asymptote_is_told_more_exactly_than_the_responses_tell_it():
    scores, _ = two_pl(seed=9)
    result = calibrate(dense_responses(scores), ["3pl"] * 12, priors=NONE)
    c, error = result.parameters.lower_asymptote, result.standard_errors.lower_asymptote
    known = np.isfinite(error)
    assert (error[known] > 0.02).all()
    assert (error[known] <= 0.25).all()
    assert (c[known] > 1e-3).all()


def test_the_others_of_an_item_take_an_asymptote_at_its_bound_for_known():
    scores, _ = two_pl(n_persons=1500)
    free = calibrate(dense_responses(scores), ["3pl"] * 12, priors=NONE)
    bare = calibrate(dense_responses(scores), ["2pl"] * 12)
    at_bound = np.flatnonzero(free.status == ItemStatus.AT_BOUND)
    assert at_bound.size
    own, other = free.standard_errors, bare.standard_errors
    assert own.discrimination[at_bound] == pytest.approx(other.discrimination[at_bound], rel=0.2)
    assert own.difficulty[at_bound] == pytest.approx(other.difficulty[at_bound], rel=0.2)


@pytest.mark.parametrize(
    "priors", [Priors(), Priors(None, LogitNormal(-7.0, 1.0), None)], ids=["beta", "near the bound"]
)
def test_a_prior_that_holds_an_asymptote_gives_it_an_error(priors):
    scores, _ = two_pl()
    result = calibrate(dense_responses(scores), ["3pl"] * 12, priors=priors)
    assert result.undetermined == []
    assert np.isfinite(result.standard_errors.lower_asymptote).all()
    assert set(result.status) == {ItemStatus.ESTIMATED}


def test_an_asymptote_that_many_low_answers_show_keeps_its_error():
    scores, _ = two_pl(n_items=20, n_persons=4000, lower=0.25)
    result = calibrate(dense_responses(scores), ["3pl"] * 20, priors=NONE)
    hard = slice(12, 20)
    assert result.status[hard].tolist() == [ItemStatus.ESTIMATED] * 8
    assert (result.standard_errors.lower_asymptote[hard] < 0.1).all()


def test_slopes_that_may_as_well_be_infinite_have_no_error():
    scores, theta = two_pl()
    noise = np.random.default_rng(1).normal(size=len(theta))
    steps = [theta > 0.3, theta + 0.1 * noise > -0.4]
    whole = np.column_stack([scores, *steps]).astype(int)
    result = calibrate(dense_responses(whole), ["2pl"] * 14)
    assert (result.parameters.discrimination[12:] > 5).all()
    assert np.isnan(result.standard_errors.discrimination[12:]).all()
    assert named(result, Cause.FLAT) >= {(12, "a"), (13, "a")}
    assert set(result.status[12:]) <= {ItemStatus.UNDETERMINED, ItemStatus.STEEP}
    assert (result.status[:12] == ItemStatus.ESTIMATED).all()
    assert np.isfinite(result.standard_errors.discrimination[:12]).all()


def test_a_difficulty_that_flies_off_has_no_error():
    scores, theta = two_pl()
    easy = (np.random.default_rng(3).random(len(theta)) < 0.9).astype(int)
    result = calibrate(dense_responses(np.column_stack([scores, easy])), ["2pl"] * 13)
    assert abs(result.parameters.difficulty[12, 0]) > 6
    assert np.isnan(result.standard_errors.difficulty[12, 0])
    assert np.isfinite(result.standard_errors.discrimination[12])
    assert named(result, Cause.FLAT) == {(12, "b")}


@pytest.mark.parametrize("model", ["grm", "gpcm"])
def test_so_have_steps_of_answers_by_chance(model):
    scores, theta = two_pl()
    chance = np.random.default_rng(5).integers(0, 4, len(theta))
    whole = np.column_stack([scores, chance])
    result = calibrate(dense_responses(whole), ["2pl"] * 12 + [model])
    steps = result.standard_errors.difficulty[12]
    wide = {name for owner, name in named(result, Cause.FLAT) if owner == 12}
    assert wide
    assert {f"b{step}" for step in 1 + np.flatnonzero(np.isnan(steps))} == wide
    assert (steps[np.isfinite(steps)] <= 3).all()


def test_a_variance_at_zero_has_no_error():
    """Of two groups everybody in one has half of the items right."""
    scores, _ = two_pl(n_items=6, n_persons=800)
    rng = np.random.default_rng(7)
    alike = rng.permuted(np.tile([0, 1], (400, 3)), axis=1)
    group = np.repeat([0, 1], [800, 400])
    result = calibrate(
        dense_responses(np.vstack([scores, alike])),
        ["2pl"] * 6,
        population=standard_population(["2pl"] * 6, group=group),
        max_iterations=300,
    )
    assert result.group_variance[1] < 0.05
    assert np.isnan(result.group_variance_se[1])
    assert (FIRST_GROUP_OWNER - 1, "variance") in {
        (one.owner, one.name) for one in result.undetermined
    }
    assert np.isfinite(result.group_mean_se[1])
