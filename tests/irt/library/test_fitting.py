"""Fits are those of the deep modules, with labels, warnings and tables around them."""

import re

import numpy as np
import pytest

import irt
from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.calibration.priors import Priors
from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.reliability import empirical_reliability, marginal_reliability
from irt.estimation.result import AbilityStatus
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.fit.fitted_model import fitted_model
from irt.fit.m2 import m2
from irt.fit.mean_squares import mean_squares
from irt.fit.q3 import q3
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.models.curves import expected_score
from irt.models.information import item_information
from irt.person_fit.person_fit import person_fit
from irt.quadrature import normal_grid
from tests.irt.library.studies import bank_of, persons_of, responses_of

SAME = np.testing.assert_array_equal


@pytest.fixture(scope="module")
def data():
    return responses_of(bank_of())


@pytest.fixture(scope="module")
def fit(data):
    return irt.fit_model(data, "2pl")


def test_a_fit_is_the_calibration_of_the_deep_module(data, fit):
    deep = calibrate(data.responses, ["2pl"] * 8)
    SAME(fit.calibration.parameters.discrimination, deep.parameters.discrimination)
    SAME(fit.calibration.parameters.difficulty, deep.parameters.difficulty)
    SAME(fit.calibration.standard_errors.difficulty, deep.standard_errors.difficulty)
    assert (fit.log_likelihood, fit.aic, fit.bic) == (deep.log_likelihood, deep.aic, deep.bic)
    assert fit.converged
    assert fit.warnings == ()


def test_the_table_of_a_fit_has_the_parameters_with_their_errors(fit):
    columns = fit.to_columns()
    assert list(columns) == [
        "item",
        "n_responses",
        "model",
        "discrimination",
        "discrimination_se",
        "difficulty",
        "difficulty_se",
        "status",
    ]
    SAME(columns["difficulty"], fit.calibration.parameters.difficulty[:, 0])
    SAME(columns["difficulty_se"], fit.calibration.standard_errors.difficulty[:, 0])
    text = str(fit)
    assert text == repr(fit)
    assert "D = 1" in text
    assert re.search(r"converged +yes, \d+ iterations", text)
    assert f"log-likelihood  {fit.log_likelihood:.3f} with 16 parameters" in text
    assert "mean 0.000, variance 1.000 (fixed)" in text


def test_frames_hold_the_same_columns(fit):
    columns = fit.to_columns()
    pandas, polars = fit.to_frame(), fit.to_frame("polars")
    for name, values in columns.items():
        SAME(pandas[name].to_numpy(), values)
        SAME(polars[name].to_numpy(), values)
    with pytest.raises(ValueError, match="one of 'pandas' or 'polars'"):
        fit.to_frame("arrow")


def test_scores_are_those_of_the_estimators(data, fit):
    parameters = fit.calibration.parameters
    deep = {
        "eap": expected_a_posteriori(data.responses, parameters, normal_grid()),
        "map": maximum_a_posteriori(data.responses, parameters),
        "ml": maximum_likelihood(data.responses, parameters),
        "wle": weighted_likelihood(data.responses, parameters),
    }
    for method, estimates in deep.items():
        scores = fit.score(method=method)
        SAME(scores.theta, estimates.theta)
        SAME(scores.standard_error, estimates.standard_error)
        SAME(scores.status, [str(AbilityStatus(code)) for code in estimates.status])
        SAME(scores.persons, data.persons)
    assert fit.score().reliability == empirical_reliability(deep["eap"])
    assert np.isnan(fit.score(method="wle").reliability)
    assert "persons: infinite" in str(fit.score(method="ml"))
    fenced = fit.score(method="ml", fences=(-4, 4))
    SAME(fenced.theta, maximum_likelihood(data.responses, parameters, fences=(-4, 4)).theta)


def test_others_are_scored_by_label_whatever_the_order_of_their_items(data, fit):
    names = list(reversed(data.items[2:]))
    SAME(
        fit.score(data.select_items(names)).theta,
        fit.score(data.select_items(data.items[2:])).theta,
    )
    alone = irt.read_responses([[1.0, np.nan]], items=["item2", "item1"], persons=["Zoe"])
    scores = fit.score(alone)
    assert scores.persons.tolist() == ["Zoe"]
    assert scores.n_responses.tolist() == [1]


def test_scores_use_the_grid_of_the_fit(data):
    fit = irt.fit_model(data, "2pl", nodes=21, limit=4.0)
    grid = normal_grid(21, 4.0)
    SAME(
        fit.score().theta,
        expected_a_posteriori(data.responses, fit.calibration.parameters, grid).theta,
    )


def test_information_is_that_of_the_deep_module(fit):
    theta = np.array([-1.0, 0.5])
    information = fit.information(theta)
    by_item = item_information(fit.calibration.parameters, theta)
    SAME(information.by_item, by_item)
    SAME(information.test, by_item.sum(axis=0))
    SAME(information.standard_error, 1 / np.sqrt(by_item.sum(axis=0)))
    SAME(information.expected_score, expected_score(fit.calibration.parameters, theta).sum(axis=0))
    long = information.of_items().to_columns()
    assert long["item"][:3].tolist() == ["item1", "item1", "item2"]
    SAME(long["information"], by_item.ravel())
    assert fit.reliability() == marginal_reliability(fit.calibration.parameters, normal_grid())


def test_fit_statistics_are_those_of_the_deep_modules(data, fit):
    model = fitted_model(fit.calibration.parameters)
    columns = fit.item_fit().to_columns()
    deep = s_x2(data.responses, model)
    SAME(columns["s_x2"], deep.statistic)
    SAME(columns["p"], deep.p)
    SAME(columns["infit"], mean_squares(data.responses, model).infit)
    SAME(columns["rmsd"], rmsd(data.responses, model).rmsd)
    margins = m2(data.responses, model)
    assert fit.model_fit().statistics.statistic == margins.statistic
    assert fit.model_fit().to_columns()["rmsea_upper"].tolist() == [margins.rmsea_upper]
    pairs = fit.local_dependence().to_columns()
    assert len(pairs["q3"]) == 28
    assert (np.diff(pairs["adjusted"]) <= 0).all()
    first, second = (int(pairs[name][0].removeprefix("item")) - 1 for name in ("item_1", "item_2"))
    assert pairs["q3"][0] == q3(data.responses, model).correlation[first, second]


def test_person_fit_is_at_the_estimates_that_it_shows(data, fit):
    columns = fit.person_fit().to_columns()
    scores = fit.score(method="map")
    SAME(columns["theta"], scores.theta)
    deep = person_fit(data.responses, fit.calibration.parameters, scores.theta, "map")
    SAME(columns["lz_star"], deep.lz_star.value)
    SAME(columns["outfit"], deep.mean_squares.outfit)
    assert "l_z* below -1.645" in str(fit.person_fit())


def test_rasch_items_free_the_variance_and_the_result_says_so(data):
    fit = irt.fit_model(data, "Rasch")
    deep = calibrate(data.responses, ["rasch"] * 8)
    assert fit.calibration.group_variance[0] == deep.group_variance[0]
    assert "variance estimated, se" in str(fit)
    deviation = deep.group_variance[0] ** 0.5
    ample = normal_grid(481, 12.0, sd=deviation)
    exact = expected_a_posteriori(data.responses, deep.parameters, ample)
    np.testing.assert_allclose(fit.score().theta, exact.theta, atol=1e-6)
    SAME(
        fit.item_fit().s_x2.statistic,
        s_x2(
            data.responses,
            fitted_model(deep.parameters, variance=deep.group_variance[0], free_variance=True),
        ).statistic,
    )


def test_models_are_named_for_all_one_an_item_or_by_label():
    bank = irt.item_bank(
        ["grm", "2pl", "gpcm"],
        discrimination=[1.2, 1.0, 0.8],
        difficulty=[[-1.0, 0.0, 1.0], 0.2, [-0.5, 0.4]],
        items=["g", "d", "p"],
    )
    data = responses_of(bank, 800)
    named = irt.fit_model(data, {"g": "grm", "d": "2pl", "p": "gpcm"})
    listed = irt.fit_model(data, ["grm", "2pl", "gpcm"])
    assert named.log_likelihood == listed.log_likelihood
    columns = named.to_columns()
    assert np.isnan(columns["difficulty"]).tolist() == [True, False, True]
    assert np.isnan(columns["difficulty_3"]).tolist() == [False, True, True]
    SAME(columns["difficulty_2"][0], named.calibration.parameters.difficulty[0, 1])
    SAME(columns["difficulty_2_se"][0], named.calibration.standard_errors.difficulty[0, 1])


def test_asymptotes_and_priors_show_where_they_count():
    bank = irt.item_bank(
        "3pl", discrimination=1.3, difficulty=np.linspace(-1, 1, 8), lower_asymptote=0.2
    )
    data = responses_of(bank, 1500)
    fit = irt.fit_model(data, "3pl")
    assert "log-posterior" in str(fit)
    assert "lower_asymptote_se" in fit.to_columns()
    assert "upper_asymptote" not in fit.to_columns()
    priors = irt.Priors(lower_asymptote=irt.Beta(20, 80))
    own = irt.fit_model(data, "3pl", priors=priors)
    deep = calibrate(data.responses, ["3pl"] * 8, priors=Priors(lower_asymptote=irt.Beta(20, 80)))
    assert own.log_likelihood == deep.log_likelihood


def test_groups_have_their_own_distribution_in_fit_and_scores():
    bank = bank_of()
    parts = [responses_of(bank, 500, 3), responses_of(bank, 400, 4, mean=0.7, sd=1.3)]
    labels = np.array(["girls"] * 500 + ["boys"] * 400)
    order = np.random.default_rng(5).permutation(900)
    order = np.concatenate([[0], order[order != 0]])  # the reference is the first that occurs
    scores = np.vstack([part.to_array() for part in parts])[order]
    fit = irt.fit_model(scores, "2pl", groups=labels[order])
    assert fit.groups == ("girls", "boys")
    member = (labels[order] == "boys").astype(int)
    deep = calibrate(
        fit.responses.responses,
        ["2pl"] * 8,
        population=standard_population(["2pl"] * 8, group=member),
    )
    SAME(fit.calibration.group_mean, deep.group_mean)
    population = fit.population.to_columns()
    assert population["n_persons"].tolist() == [500, 400]
    SAME(population["mean"], deep.group_mean)
    boys = np.flatnonzero(member)
    ample = normal_grid(481, 12.0, deep.group_mean[1], deep.group_variance[1] ** 0.5)
    exact = expected_a_posteriori(fit.responses.responses.take(boys), deep.parameters, ample)
    np.testing.assert_allclose(fit.score().theta[boys], exact.theta, atol=1e-6)
    SAME(fit.score().persons, fit.responses.persons)
    assert fit.item_fit("boys").s_x2.n_persons == 400
    assert fit.person_fit(group="boys").to_columns()["person"].tolist() == (boys + 1).tolist()
    with pytest.raises(irt.InputError, match="name the group: one of girls, boys"):
        fit.item_fit()
    with pytest.raises(irt.InputError, match="name the group"):
        fit.score(scores)
    SAME(fit.score(scores, group="boys").theta[boys], fit.score().theta[boys])


def test_anchors_hold_the_scale_and_free_the_population(data, fit):
    abler = responses_of(bank_of(), 700, 9, mean=0.6, sd=1.2)
    anchors = fit.bank.select(["item3", "item1", "item5"])
    anchored = irt.fit_model(abler, "2pl", anchors=anchors)
    own = anchored.calibration
    SAME(own.parameters.discrimination[[2, 0, 4]], anchors.parameters.discrimination)
    assert own.status.tolist().count("anchored") == 3
    assert anchored.free_mean.all()
    assert abs(own.group_mean[0] - 0.6) < 4 * own.group_mean_se[0]
    with pytest.warns(irt.FitWarning, match=r"by the anchors ability has mean 0\.6.* was held"):
        fixed = irt.fit_model(abler, "2pl", anchors=anchors, free_population=False)
    assert fixed.calibration.group_mean[0] == 0.0
    every = irt.fit_model(abler, anchors=fit.bank)
    assert every.n_parameters == 2
    SAME(
        every.item_fit().s_x2.df - anchored.item_fit().s_x2.df,
        [0, 2, 0, 2, 0, 2, 2, 2],
    )


def test_a_search_that_does_not_converge_is_a_warning_a_line_and_no():
    data = responses_of(bank_of(), 300)
    with pytest.warns(irt.FitWarning, match="did not converge: 2 iterations were not enough"):
        fit = irt.fit_model(data, "2pl", max_iterations=2)
    assert not fit.converged
    assert re.search("converged +NO, 2 iterations", str(fit))
    assert str(fit).splitlines()[-1].startswith("! the search did not converge")


def test_items_that_cannot_be_estimated_are_named_and_left_out_of_what_follows():
    scores = responses_of(bank_of(), 400).to_array()
    scores[:, 2] = 1
    scores[:, 4] = np.nan
    with pytest.warns(irt.FitWarning) as caught:
        fit = irt.fit_model(scores, "2pl")
    assert len(caught) == 1
    assert "item3 (nobody scored 0), item5 (nobody answered it)" in str(caught[0].message)
    assert fit.bank.items == ("item1", "item2", "item4", "item6", "item7", "item8")
    assert np.isfinite(fit.score().theta).all()
    assert len(fit.item_fit().to_columns()["item"]) == 6
    assert np.isnan(fit.to_columns()["discrimination"][[2, 4]]).all()


def test_few_responses_and_wrong_keys_are_warned_of():
    scores = responses_of(bank_of(), 400).to_array()
    scores[:, 0] = 1 - scores[:, 0]
    scores[60:, 1] = np.nan
    with pytest.warns(irt.FitWarning) as caught:
        fit = irt.fit_model(scores, "2pl")
    text = " ".join(str(one.message) for one in caught)
    assert "negative discrimination" in text
    assert "fewer than 100 responses: item2 (60)" in text
    assert len(fit.warnings) == len(caught)
    with pytest.raises(irt.InputError, match="item 'item1': the discrimination must be positive"):
        irt.simulate_adaptive_test(fit, [0.0], seed=1)


def test_estimates_at_a_bound_have_a_warning_and_no_error():
    none = irt.Priors(None, None, None)
    with pytest.warns(irt.FitWarning, match=r"estimates at a bound .*: item\d+ c = "):
        fit = irt.fit_model(responses_of(bank_of(), 600), "3pl", priors=none)
    columns = fit.to_columns()
    at_bound = columns["lower_asymptote"] < 1e-4
    assert at_bound.any()
    assert np.isnan(columns["lower_asymptote_se"][at_bound]).all()
    assert set(columns["status"][at_bound]) <= {"at a bound", "undetermined"}


def test_blocks_without_a_link_and_threads_are_warned_of():
    scores = responses_of(bank_of(12), 500).to_array().astype(float)
    scores[:250, 6:] = np.nan
    scores[250:, :6] = np.nan
    with pytest.warns(irt.FitWarning) as caught:
        fit = irt.fit_model(scores, "rasch")
    [warning] = [str(one.message) for one in caught]
    assert "fall into 2 blocks" in warning
    assert "item1, item2, item3, item4, item5 and 1 more (250 persons)" in warning
    assert fit.warnings == (warning,)
    scores[250:, 5] = scores[:250, 5]
    with pytest.warns(irt.FitWarning, match=r"by item6 alone: the standard error .* is 0\.\d+"):
        irt.fit_model(scores, "rasch")


FAULTS = {
    "an unknown model": (
        lambda data: irt.fit_model(data, "5pl"),
        "item 'item1': no model '5pl'; there are rasch, 1pl",
    ),
    "no model": (lambda data: irt.fit_model(data), "name a model for item1"),
    "models of some": (lambda data: irt.fit_model(data, {"item1": "2pl"}), "no model is named"),
    "too few models": (lambda data: irt.fit_model(data, ["2pl"]), "1 models for 8 items"),
    "scores from 1": (
        lambda data: irt.fit_model(data.to_array() + 1, "grm"),
        "subtract the lowest score of the scale",
    ),
    "nothing": (lambda data: irt.fit_model(np.full((3, 2), np.nan), "2pl"), "no responses"),
    "three scores of a dichotomous item": (
        lambda data: irt.fit_model(np.array([[0, 1], [1, 2], [2, 0]]), "2pl"),
        "item 'item1': model 2pl is for scores 0 and 1",
    ),
    "a free population": (
        lambda data: irt.fit_model(data, "2pl", free_population=True),
        "cannot both be free",
    ),
    "groups of some": (
        lambda data: irt.fit_model(data, "2pl", groups=["a"]),
        "1 groups for 600 persons",
    ),
    "anchors of other items": (
        lambda data: irt.fit_model(
            data, "2pl", anchors=irt.item_bank("2pl", difficulty=[0.0], items=["x"])
        ),
        "none of the anchors is among the items",
    ),
    "groups without a tie": (
        lambda data: irt.fit_model(
            np.where(
                (np.arange(600)[:, None] < 300) == (np.arange(8) < 4), data.to_array(), np.nan
            ),
            "2pl",
            groups=np.where(np.arange(600) < 300, "a", "b"),
        ),
        "group 'b' has no items that tie it",
    ),
    "an unknown method": (
        lambda data: irt.fit_model(data, "2pl").score(method="mle"),
        "no method 'mle'; there are eap, map, ml, wle",
    ),
    "fences of EAP": (
        lambda data: irt.fit_model(data, "2pl").score(fences=(-4, 4)),
        "fences hold method 'ml'",
    ),
    "responses to other items": (
        lambda data: irt.fit_model(data, "2pl").score(
            irt.read_responses([[1], [0]], items=["other"])
        ),
        "the bank has no parameters of other",
    ),
    "a score beyond the bank": (
        lambda data: irt.fit_model(data, "2pl").score(irt.read_responses([[3]], items=["item4"])),
        "item 'item4': a score of 3, but only 2 categories",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_what_mends_it(data, fault):
    make, sentence = FAULTS[fault]
    with pytest.raises(irt.InputError, match=re.escape(sentence)):
        make(data)


def test_a_bank_from_elsewhere_scores_and_informs_like_a_fit(data, fit):
    own = fit.calibration.parameters
    bank = irt.item_bank(
        "2pl", discrimination=own.discrimination, difficulty=own.difficulty, items=fit.items
    )
    SAME(bank.score(data).theta, fit.score().theta)
    SAME(bank.information().test, fit.information().test)
    assert "discrimination_se" not in bank.to_columns()
    assert "difficulty_se" in fit.bank.to_columns()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"model": "2pl", "difficulty": [0.0], "discrimination": [-1.0]}, "must be positive"),
        ({"model": "grm", "difficulty": [[1.0, 0.0]]}, "item 'item1': thresholds must rise"),
        ({"model": "2pl", "difficulty": [0.0, 1.0], "discrimination": [1, 2, 3]}, "3 values"),
        ({"model": "2pl", "difficulty": 0.0}, "a list with one entry an item"),
        ({"model": "2pl", "difficulty": [0.0], "lower_asymptote": 0.2}, "no asymptotes"),
    ],
)
def test_impossible_items_are_refused(arguments, sentence):
    with pytest.raises(irt.InputError, match=sentence):
        irt.item_bank(arguments.pop("model"), **arguments)


def test_simulated_responses_are_those_of_the_deep_module():
    bank, theta = bank_of(), persons_of(50)
    deep = irt.simulate_responses(bank.parameters, theta, np.random.default_rng(7))
    SAME(bank.simulate(theta, seed=7).to_array(), deep)
    with pytest.raises(irt.InputError, match="finite abilities"):
        bank.simulate([np.nan], seed=1)
