"""What must not matter to a calibration does not: order, coding, layout, a second copy."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks import data
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population, standard_population
from irt.calibration.result import ItemStatus
from irt.models.parameters import POLYTOMOUS, Model
from irt.responses import MISSING, dense_responses, sparse_responses

N_PERSONS = 400
N_ITEMS = 7
NO_PRIOR = (Model.RASCH, Model.ONE_PL, Model.TWO_PL, Model.GRADED, Model.PCM, Model.GPCM)

seeds = st.integers(0, 2**32 - 1)
# The same examples in every run, and as many as the suite has time for.
few = settings(max_examples=15, deadline=None, derandomize=True)


def drawn(model, seed):
    """Scores in which each item has all its categories."""
    polytomous = model in POLYTOMOUS
    if polytomous:
        scores = data.graded(N_PERSONS, N_ITEMS, 3, seed).scores
    else:
        lower = (0.1, 0.2) if model in (Model.THREE_PL, Model.FOUR_PL) else None
        scores = data.dichotomous(N_PERSONS, N_ITEMS, seed, lower=lower).scores
    assume((scores.max(axis=0) == (2 if polytomous else 1)).all())
    return scores


def fitted(responses, model, **options):
    """The fit; examples in which some item has no ordinary estimate are passed over."""
    fit = calibrate(responses, [model] * responses.n_items, tolerance=1e-9, **options)
    assume(set(fit.status) == {ItemStatus.ESTIMATED})
    assert fit.converged
    return fit


def assert_same(one, other, items=slice(None), errors_ratio=1.0):
    """Estimates and errors of `one` are those of `other` at `items`."""
    for name in ("discrimination", "difficulty", "lower_asymptote", "upper_asymptote"):
        expected = getattr(other.parameters, name)[items]
        known = np.isfinite(getattr(other.standard_errors, name)[items])
        scale = np.where(known, getattr(other.standard_errors, name)[items], 1.0)
        assert np.abs((getattr(one.parameters, name) - expected) / scale).max() < 1e-4
        found = getattr(one.standard_errors, name)[known]
        wanted = errors_ratio * getattr(other.standard_errors, name)[items][known]
        assert found == pytest.approx(wanted, rel=1e-3)
    assert one.group_mean == pytest.approx(other.group_mean, abs=1e-6)
    assert one.group_variance == pytest.approx(other.group_variance, rel=1e-5)


@few
@given(model=st.sampled_from(Model), seed=seeds)
def test_the_order_of_the_persons_does_not_matter(model, seed):
    scores = drawn(model, seed)
    shuffled = np.random.default_rng(seed).permutation(scores)
    one, other = (fitted(dense_responses(rows), model) for rows in (shuffled, scores))
    assert one.log_posterior == pytest.approx(other.log_posterior, rel=1e-12)
    assert_same(one, other)


@few
@given(model=st.sampled_from(Model), seed=seeds)
def test_items_in_another_order_get_the_same_estimates(model, seed):
    scores = drawn(model, seed)
    order = np.random.default_rng(seed).permutation(N_ITEMS)
    one, other = (fitted(dense_responses(rows), model) for rows in (scores[:, order], scores))
    assert one.log_posterior == pytest.approx(other.log_posterior, rel=1e-12)
    assert_same(one, other, order)


@few
@given(model=st.sampled_from(Model), seed=seeds, share=st.floats(0.0, 0.4))
def test_dense_and_sparse_responses_give_the_same_estimates(model, seed, share):
    scores = drawn(model, seed)
    scores[np.random.default_rng(seed).random(scores.shape) < share] = MISSING
    person, item = np.nonzero(scores != MISSING)
    listed = sparse_responses(
        person, item, scores[person, item], n_persons=N_PERSONS, n_items=N_ITEMS
    )
    one, other = fitted(listed, model), fitted(dense_responses(scores), model)
    assert one.log_posterior == pytest.approx(other.log_posterior, rel=1e-12)
    assert_same(one, other)


@few
@given(model=st.sampled_from(NO_PRIOR), seed=seeds)
def test_scoring_every_item_backwards_turns_the_scale_around(model, seed):
    scores = drawn(model, seed)
    one = fitted(dense_responses(scores.max(axis=0) - scores), model)
    other = fitted(dense_responses(scores), model)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10)
    assert one.parameters.discrimination == pytest.approx(other.parameters.discrimination, abs=1e-5)
    assert one.parameters.difficulty == pytest.approx(
        -other.parameters.difficulty[:, ::-1], abs=1e-5
    )


@few
@given(model=st.sampled_from(NO_PRIOR), seed=seeds)
def test_everybody_twice_gives_the_same_estimates_with_smaller_errors(model, seed):
    scores = drawn(model, seed)
    one = fitted(dense_responses(np.concatenate([scores, scores])), model)
    other = fitted(dense_responses(scores), model)
    assert one.log_likelihood == pytest.approx(2.0 * other.log_likelihood, rel=1e-12)
    assert_same(one, other, errors_ratio=np.sqrt(0.5))


@few
@given(seed=seeds)
def test_groups_by_another_number_get_the_same_moments(seed):
    rng = np.random.default_rng(seed)
    scores = data.dichotomous(3 * N_PERSONS, N_ITEMS, seed).scores
    group = rng.integers(0, 3, len(scores))
    models = [Model.TWO_PL] * N_ITEMS
    one, other = (
        fitted(
            dense_responses(scores),
            Model.TWO_PL,
            population=standard_population(models, group=members),
        )
        for members in (np.array([0, 2, 1])[group], group)
    )
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)
    assert one.group_mean == pytest.approx(other.group_mean[[0, 2, 1]], abs=1e-5)
    assert one.group_variance == pytest.approx(other.group_variance[[0, 2, 1]], abs=1e-5)
    assert one.parameters.difficulty == pytest.approx(other.parameters.difficulty, abs=1e-5)


@few
@given(model=st.sampled_from([model for model in Model if model != Model.ONE_PL]), seed=seeds)
def test_a_search_from_the_optimum_ends_where_it_starts(model, seed):
    """Not for 1PL items, whose common slope is always a guess at first."""
    responses = dense_responses(drawn(model, seed))
    first = fitted(responses, model)
    standard = standard_population([model])
    reached = Population(
        first.group_mean, first.group_variance, standard.free_mean, standard.free_variance
    )
    again = calibrate(responses, [model] * N_ITEMS, start=first.parameters, population=reached)
    assert again.iterations == 1
    assert_same(again, first)
