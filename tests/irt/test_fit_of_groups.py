"""Fit within groups and forms: each is compared with what its own distribution foretells."""

from dataclasses import replace

import numpy as np
import pytest

from irt.fit.fitted_groups import FittedGroups
from irt.fit.fitted_model import FitError, fitted_model
from irt.fit.forms import forms_of
from irt.fit.m2 import m2
from irt.fit.mean_squares import mean_squares
from irt.fit.q3 import q3
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses

KNOWN = np.zeros(10, dtype=bool)
DICHOTOMOUS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, a, b, 0.0, 1.0)
        for a, b in zip(np.linspace(0.8, 1.6, 10), np.linspace(-1.8, 1.8, 10), strict=True)
    ]
)
GRADED = ItemParameters.from_rows(
    [(Model.GRADED, 1.3, [b - 0.9, b, b + 0.9], 0.0, 1.0) for b in np.linspace(-1.5, 1.5, 10)]
)
FAR_APART = [(-1.5, 0.5, 600), (1.5, 0.5, 600)]
UNEQUAL = [(-2.0, 0.4, 900), (0.0, 0.4, 400), (2.0, 0.4, 200)]


def sampled(items, groups, seed=0):
    """Responses, and the groups that the persons came from."""
    rng = np.random.default_rng(seed)
    theta = np.concatenate([rng.normal(mean, sd, n) for mean, sd, n in groups])
    member = np.repeat(np.arange(len(groups)), [n for *_, n in groups])
    scores = simulate_responses(items, theta, rng)
    return scores, member


def judged_within(items, groups, member):
    models = [
        fitted_model(items, mean=mean, variance=sd**2, estimated=KNOWN) for mean, sd, _ in groups
    ]
    return FittedGroups(models, member)


def pooled(items, groups):
    """One normal distribution with the mean and variance of all."""
    share = np.array([n for *_, n in groups]) / sum(n for *_, n in groups)
    mean = np.array([own for own, *_ in groups])
    variance = np.array([sd**2 for _, sd, _ in groups])
    together = float(share @ mean)
    return fitted_model(
        items,
        mean=together,
        variance=float(share @ (variance + (mean - together) ** 2)),
        estimated=KNOWN,
    )


@pytest.mark.parametrize(
    ("items", "groups"),
    [(DICHOTOMOUS, FAR_APART), (DICHOTOMOUS, UNEQUAL), (GRADED, FAR_APART), (GRADED, UNEQUAL)],
)
def test_items_that_fit_in_each_group_fit_and_are_refused_only_when_the_groups_are_pooled(
    items, groups
):
    scores, member = sampled(items, groups)
    responses = dense_responses(scores, items.n_categories)
    within = judged_within(items, groups, member)

    assert m2(responses, within).p > 0.01
    assert (s_x2(responses, within).p > 0.001).all()
    assert (rmsd(responses, within).corrected < 0.05).all()

    assert m2(responses, pooled(items, groups)).p < 1e-4


def test_m2_of_two_groups_with_nothing_estimated_is_the_sum_of_their_own():
    scores, member = sampled(DICHOTOMOUS, FAR_APART)
    responses = dense_responses(scores)
    within = judged_within(DICHOTOMOUS, FAR_APART, member)
    whole = m2(responses, within)
    own = [
        m2(responses.take(np.flatnonzero(member == group)), model)
        for group, model in enumerate(within.models)
    ]
    assert whole.statistic == pytest.approx(sum(part.statistic for part in own), rel=1e-12)
    assert whole.df == sum(part.df for part in own) == 2 * 55
    assert (whole.n_persons, whole.n_groups) == (1200, 2)
    assert whole.null_df == sum(part.null_df for part in own)


def test_estimated_items_cost_their_degrees_of_freedom_once_and_moments_in_each_group():
    scores, member = sampled(DICHOTOMOUS, FAR_APART)
    responses = dense_responses(scores)
    within = judged_within(DICHOTOMOUS, FAR_APART, member)
    estimated = [replace(model, estimated=~KNOWN) for model in within.models]
    focal = [estimated[0], replace(estimated[1], free_mean=True, free_variance=True)]
    assert m2(responses, FittedGroups(estimated, member)).df == 2 * 55 - 20
    assert m2(responses, FittedGroups(focal, member)).df == 2 * 55 - 22


def test_s_x2_of_two_groups_is_the_sum_of_their_own():
    scores, member = sampled(GRADED, FAR_APART)
    responses = dense_responses(scores, GRADED.n_categories)
    within = judged_within(GRADED, FAR_APART, member)
    whole = s_x2(responses, within)
    own = [
        s_x2(responses.take(np.flatnonzero(member == group)), model)
        for group, model in enumerate(within.models)
    ]
    np.testing.assert_allclose(whole.statistic, sum(part.statistic for part in own), rtol=1e-12)
    np.testing.assert_array_equal(whole.df, sum(part.df for part in own))
    assert whole.n_persons == 1200


def test_a_tiny_group_with_constant_scores_stops_nothing():
    groups = [(0.0, 1.0, 700), (2.5, 0.3, 6)]
    scores, member = sampled(DICHOTOMOUS, groups)
    scores[-6:] = 1
    responses = dense_responses(scores)
    within = judged_within(DICHOTOMOUS, groups, member)
    fit = m2(responses, within)
    assert (fit.n_persons, fit.n_groups) == (700, 1)
    assert np.isfinite(s_x2(responses, within).p).all()


def test_an_item_that_a_group_answers_alike_counts_in_the_other_groups_only():
    scores, member = sampled(DICHOTOMOUS, FAR_APART)
    scores[member == 1, 0] = 1
    fit = m2(dense_responses(scores), judged_within(DICHOTOMOUS, FAR_APART, member))
    assert fit.df == 55 + 45
    assert fit.items.all()
    assert np.isfinite(fit.srmsr)


def test_groups_that_are_all_too_small_are_refused():
    groups = [(0.0, 1.0, 40), (0.0, 1.0, 30)]
    scores, member = sampled(DICHOTOMOUS, groups)
    with pytest.raises(FitError, match="needs one with 50 persons"):
        m2(dense_responses(scores), judged_within(DICHOTOMOUS, groups, member))


def test_groups_must_be_those_of_the_persons():
    scores, member = sampled(DICHOTOMOUS, FAR_APART)
    with pytest.raises(FitError, match="1200 persons, but the groups of 1199"):
        m2(dense_responses(scores), judged_within(DICHOTOMOUS, FAR_APART, member[1:]))
    nobody = judged_within(DICHOTOMOUS, FAR_APART, np.full(1200, -1))
    with pytest.raises(FitError, match="no person belongs to a group"):
        s_x2(dense_responses(scores), nobody)


def test_abilities_by_default_are_those_of_the_own_group():
    scores, member = sampled(DICHOTOMOUS, FAR_APART)
    responses = dense_responses(scores)
    within = judged_within(DICHOTOMOUS, FAR_APART, member)
    theta = within.eap(responses)
    for group, model in enumerate(within.models):
        own = np.flatnonzero(member == group)
        np.testing.assert_array_equal(theta[own], model.eap(responses.take(own)))
    np.testing.assert_array_equal(
        mean_squares(responses, within).infit, mean_squares(responses, within, theta).infit
    )
    np.testing.assert_array_equal(
        q3(responses, within).correlation, q3(responses, within, theta).correlation
    )


def booklets(n_forms, n_persons, n_items=12):
    """Each form leaves out its share of the items; the persons take them in turn."""
    answered = np.ones((n_persons, n_items), dtype=bool)
    for form in range(n_forms):
        answered[form::n_forms, form::n_forms] = False
    return answered


def coded(answered):
    scores = np.random.default_rng(1).integers(0, 2, answered.shape)
    return np.where(answered, scores, -1)


@pytest.mark.parametrize("n_forms", [2, 3, 4])
def test_forms_of_a_plan_are_found(n_forms):
    forms = forms_of(dense_responses(coded(booklets(n_forms, 240))))
    assert sorted(np.unique(forms).tolist()) == list(range(n_forms))
    for form in range(n_forms):
        assert len(np.unique(forms[form::n_forms])) == 1


def test_the_same_forms_are_found_in_sparse_responses():
    scores = coded(booklets(3, 90))
    person, item = np.nonzero(scores >= 0)
    sparse = sparse_responses(
        person, item, scores[person, item], n_persons=90, n_items=12, n_categories=np.full(12, 2)
    )
    np.testing.assert_array_equal(forms_of(sparse), forms_of(dense_responses(scores)))


def test_what_single_persons_left_out_makes_no_form():
    answered = np.ones((500, 12), dtype=bool)
    answered[np.random.default_rng(2).random(answered.shape) < 0.02] = False
    forms = forms_of(dense_responses(coded(answered)))
    np.testing.assert_array_equal(forms == 0, answered.all(axis=1))
    assert forms.max() == 0


def test_in_an_adaptive_test_only_complete_answers_make_a_form():
    answered = np.random.default_rng(3).random((400, 12)) < 0.5
    assert (forms_of(dense_responses(coded(answered))) == -1).all()
    answered[:7] = True
    forms = forms_of(dense_responses(coded(answered)))
    np.testing.assert_array_equal(forms == 0, answered.all(axis=1))
