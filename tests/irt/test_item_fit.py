from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from irt.adaptive import advance, start
from irt.calibration.calibrate import calibrate
from irt.fit.fitted_model import FitError, fitted_model
from irt.fit.mean_squares import mean_squares
from irt.fit.rest_scores import rest_scores
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.fit.sparse_cells import merge_sparse_cells
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model, concatenate
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses
from irt.state import examinees
from tests.irt.fit_data import mixed_items, simulated, two_pl
from tests.irt.policies import policy_of

ITEM_STATISTICS = (s_x2, mean_squares, rmsd)
NOT_A_PARAMETER = float("nan")


def as_sparse(responses):
    person, item, score = responses.long()
    return sparse_responses(
        person,
        item,
        score,
        n_persons=responses.n_persons,
        n_items=responses.n_items,
        n_categories=responses.n_categories,
    )


def without_parameters(parameters, item):
    rows = ItemParameters.from_rows([(Model.TWO_PL, NOT_A_PARAMETER, [NOT_A_PARAMETER], 0.0, 1.0)])
    others = np.arange(parameters.n_items)
    return concatenate([parameters.take(others[:item]), rows, parameters.take(others[item + 1 :])])


def test_rest_scores_are_the_convolution_of_all_other_items():
    parameters = mixed_items()
    curves = category_probabilities(parameters, np.array([-1.0, 0.4]))
    categories = [own[:width] for own, width in zip(curves, parameters.n_categories, strict=True)]

    for item, rest in rest_scores(categories):
        for node in range(2):
            expected = np.ones(1)
            for other, own in enumerate(categories):
                if other != item:
                    expected = np.convolve(expected, own[:, node])
            np.testing.assert_allclose(rest[:, node], expected, rtol=1e-12)


def test_s_x2_of_three_items_by_hand():
    parameters = two_pl(3)
    responses = simulated(parameters, 500)
    model = fitted_model(parameters, estimated=np.zeros(3, dtype=bool))
    correct = category_probabilities(parameters, model.nodes)[:, 1]
    sums = responses.scores.sum(axis=1)

    result = s_x2(responses, model)

    for item in range(3):
        first, second = (other for other in range(3) if other != item)
        p, q, w = correct[first], correct[second], model.ability.weights
        one, none = p * (1 - q) + q * (1 - p), (1 - p) * (1 - q)
        total = 0.0
        for score, with_it, without in ((1, none, one), (2, one, p * q)):
            right, wrong = (
                (w * correct[item] * with_it).sum(),
                (w * (1 - correct[item]) * without).sum(),
            )
            n = (sums == score).sum()
            observed = responses.scores[sums == score, item].sum()
            share = right / (right + wrong)
            total += (observed - n * share) ** 2 / (n * share * (1 - share))
        assert result.statistic[item] == pytest.approx(total, rel=1e-12)
    assert result.df.tolist() == [2, 2, 2]
    np.testing.assert_allclose(result.p, stats.chi2.sf(result.statistic, 2), rtol=1e-12)


def test_estimated_parameters_and_moments_cost_degrees_of_freedom():
    responses = simulated(mixed_items(), 3000)
    known = fitted_model(mixed_items(), estimated=np.zeros(8, dtype=bool))
    estimated = fitted_model(mixed_items(), free_mean=True, free_variance=True)

    lost = s_x2(responses, known).df - s_x2(responses, estimated).df

    assert lost.tolist() == [2 + 2, 2 + 3, 2 + 4, 2 + 4, 2 + 3, 2 + 1, 2 + 2, 2 + 2]


def test_sparse_rows_are_merged_with_the_neighbour_of_fewer_persons():
    observed = np.array([[0.0, 0], [9, 1], [3, 5], [4, 16]])
    expected = np.array([[0.0, 0], [9.5, 0.5], [5.0, 3], [6, 14]])

    o, e = merge_sparse_cells(observed, expected, 1.0)

    assert o.tolist() == [[12, 6], [4, 16]]
    assert e.tolist() == [[14.5, 3.5], [6, 14]]


def test_rows_that_miss_a_category_join_the_first_that_has_all():
    impossible = np.nan
    observed = np.array([[4.0, 3, 0], [5, 6, 7], [0, 4, 9]])
    expected = np.array([[3.0, 4, impossible], [6, 6, 6], [impossible, 5, 8]])

    o, e = merge_sparse_cells(observed, expected, 1.0)

    assert o.tolist() == [[9, 13, 16]]
    assert e.tolist() == [[9, 15, 14]]


def test_persons_who_left_an_item_out_do_not_count_in_s_x2():
    parameters = two_pl(10)
    responses = simulated(parameters, 800)
    scores = responses.scores.copy()
    scores[::4, 3] = -1
    model = fitted_model(parameters)

    result = s_x2(dense_responses(scores), model)
    complete = s_x2(responses.take(np.flatnonzero(np.arange(800) % 4)), model)

    assert result.n_persons == 600
    assert result.statistic.tolist() == complete.statistic.tolist()


def test_mean_squares_at_true_abilities_vary_around_one():
    parameters = mixed_items()
    rng = np.random.default_rng(3)
    theta = rng.standard_normal(20_000)
    responses = dense_responses(simulate_responses(parameters, theta, rng), parameters.n_categories)

    result = mean_squares(responses, fitted_model(parameters), theta)

    np.testing.assert_allclose(result.infit, 1.0, atol=0.03)
    np.testing.assert_allclose(result.outfit, 1.0, atol=0.06)
    assert np.abs(np.concatenate([result.z_infit, result.z_outfit])).max() < 3.5
    assert result.n_responses.tolist() == [20_000] * 8


def test_mean_squares_of_one_item_by_hand():
    parameters = ItemParameters.from_rows([(Model.RASCH, 1.0, 0.0, 0.0, 1.0)])
    theta = np.array([-1.0, 0.0, 2.0])
    p = 1 / (1 + np.exp(-theta))
    squared = (np.array([1, 0, 1]) - p) ** 2

    result = mean_squares(dense_responses([[1], [0], [1]]), fitted_model(parameters), theta)

    assert result.outfit[0] == pytest.approx((squared / (p * (1 - p))).mean(), rel=1e-12)
    assert result.infit[0] == pytest.approx(squared.sum() / (p * (1 - p)).sum(), rel=1e-12)


def test_rmsd_finds_the_curve_that_is_wrong():
    parameters = two_pl(30)
    responses = simulated(parameters, 5000)
    difficulty = parameters.difficulty.copy()
    difficulty[7] += 0.8
    moved = replace(parameters, difficulty=difficulty)

    right, wrong = (rmsd(responses, fitted_model(own)) for own in (parameters, moved))

    assert right.rmsd.max() < 0.04
    assert (right.corrected <= right.rmsd).all()
    assert wrong.rmsd[7] > 0.1
    assert wrong.mean_deviation[7] > 0.1
    assert np.delete(wrong.rmsd, 7).max() < 0.05


def adaptive_sessions(parameters, n_persons, length):
    """Sessions that select by maximum information among ten, as delivery does."""
    rng = np.random.default_rng(5)
    scores = simulate_responses(parameters, rng.standard_normal(n_persons), rng)
    pool = build_pool(np.arange(parameters.n_items), parameters, normal_grid())
    policy, everyone = policy_of(among=10), np.arange(n_persons)
    step = start(pool, policy, examinees(policy, everyone))
    taken = []
    for _ in range(length):
        taken.append(step.item)
        step = advance(pool, policy, step.state, step.item, scores[everyone, step.item])
    person, item = np.tile(everyone, length), np.concatenate(taken)
    return sparse_responses(
        person, item, scores[person, item], n_persons=n_persons, n_items=parameters.n_items
    )


def test_rmsd_holds_in_adaptive_data_where_raw_scores_mean_nothing():
    parameters = two_pl(60)
    responses = adaptive_sessions(parameters, 4000, 20)
    difficulty = parameters.difficulty.copy()
    difficulty[7] += 0.8

    right = rmsd(responses, fitted_model(parameters))
    wrong = rmsd(responses, fitted_model(replace(parameters, difficulty=difficulty)))

    often = right.n_responses > 500
    assert often[7]
    assert right.rmsd[often].max() < 0.06
    assert np.median(right.corrected[often]) < 0.01
    assert wrong.rmsd[7] > 0.1
    assert wrong.rmsd[often].max() == wrong.rmsd[7]
    statuses = s_x2(responses, fitted_model(parameters)).status
    assert set(statuses) == {"too few persons", "no responses"}


def test_intervals_of_empirical_points_cover_the_curve():
    parameters = two_pl(20)
    model = fitted_model(parameters)
    covered = []
    for seed in range(40):
        points = rmsd(simulated(parameters, 500, seed), model).points
        shown = np.repeat(points.shown, np.diff(points.offsets), axis=0)
        inside = (points.lower <= points.expected) & (points.expected <= points.upper)
        covered.append(inside[shown].mean())
        assert np.isnan(points.proportion[~shown]).all()
        assert (points.lower[shown] <= points.proportion[shown]).all()

    assert 0.93 < np.mean(covered) < 0.99


def test_proportions_in_bands_add_up_and_hold_everybody():
    parameters = mixed_items()
    points = rmsd(simulated(parameters, 2000), fitted_model(parameters), min_persons=0.0).points

    total = np.add.reduceat(points.proportion, points.offsets[:-1], axis=0)

    np.testing.assert_allclose(total, 1.0, rtol=1e-9)
    np.testing.assert_allclose(points.persons.sum(axis=1), 2000, rtol=1e-9)
    assert (np.diff(points.theta, axis=1) > 0).all()


@pytest.mark.parametrize("statistic", ITEM_STATISTICS)
def test_dense_and_sparse_responses_fit_alike(statistic):
    parameters = mixed_items()
    responses = simulated(parameters, 600)
    model = fitted_model(parameters)

    dense, sparse = statistic(responses, model), statistic(as_sparse(responses), model)

    for name in ("statistic", "infit", "z_outfit", "rmsd", "corrected"):
        if hasattr(dense, name):
            np.testing.assert_allclose(getattr(dense, name), getattr(sparse, name), atol=1e-9)


@pytest.mark.parametrize("statistic", ITEM_STATISTICS)
def test_items_that_cannot_be_judged_say_why_and_leave_the_others_alone(statistic):
    parameters = two_pl(10)
    scores = simulated(parameters, 500).scores.copy()
    scores[:, 4] = -1
    responses = dense_responses(scores, np.full(10, 2))

    result = statistic(responses, fitted_model(without_parameters(parameters, 2)))

    expected = ["ok"] * 10
    expected[2], expected[4] = "no parameters", "no responses"
    assert result.status.tolist() == expected
    values = next(
        getattr(result, name) for name in ("statistic", "infit", "rmsd") if hasattr(result, name)
    )
    assert np.isnan(values).tolist() == [status != "ok" for status in expected]


def test_s_x2_of_data_without_complete_persons_says_so():
    parameters = two_pl(10)
    scores = simulated(parameters, 500).scores.copy()
    scores[np.arange(500), np.arange(500) % 10] = -1

    result = s_x2(dense_responses(scores, np.full(10, 2)), fitted_model(parameters))

    assert set(result.status) == {"too few persons"}
    assert result.n_persons == 0
    assert result.df.tolist() == [0] * 10


def test_s_x2_of_too_short_a_test_has_no_degrees_of_freedom():
    parameters = two_pl(2)

    result = s_x2(simulated(parameters, 300), fitted_model(parameters))

    assert set(result.status) == {"no degrees of freedom"}
    assert np.isnan(result.statistic).all()


@pytest.mark.parametrize("statistic", ITEM_STATISTICS)
def test_nobody_fits_nothing(statistic):
    with pytest.raises(FitError, match="no persons"):
        statistic(dense_responses(np.zeros((0, 3)), np.full(3, 2)), fitted_model(two_pl(3)))


@pytest.mark.parametrize("statistic", ITEM_STATISTICS)
def test_responses_with_other_categories_than_the_parameters_are_refused(statistic):
    with pytest.raises(FitError, match="item 1: 2 categories in its parameters, but 3"):
        statistic(dense_responses([[0, 2], [1, 0]]), fitted_model(two_pl(2)))
    with pytest.raises(FitError, match="2 items in the responses, but parameters of 3"):
        statistic(dense_responses([[0, 1], [1, 0]]), fitted_model(two_pl(3)))


def test_abilities_of_other_persons_are_refused():
    parameters = two_pl(3)
    with pytest.raises(FitError, match="5 persons, but abilities of shape"):
        mean_squares(simulated(parameters, 5), fitted_model(parameters), np.zeros(4))


def test_s_x2_rejects_about_as_often_as_its_level():
    truth = two_pl(12)
    p = []
    for seed in range(40):
        responses = simulated(truth, 800, seed)
        fit = calibrate(responses, ["2pl"] * 12, with_standard_errors=False)
        p.append(s_x2(responses, fitted_model(fit.parameters)).p)

    assert 0.02 < (np.concatenate(p) < 0.05).mean() < 0.09


def test_s_x2_finds_guessing_that_the_model_leaves_out():
    rows = two_pl(15)
    lower = np.zeros(15)
    lower[0] = 0.35
    difficulty = rows.difficulty.copy()
    difficulty[0] = 1.0
    model = rows.model.copy()
    model[0] = Model.THREE_PL
    slopes = rows.discrimination.copy()
    slopes[0] = 2.5
    truth = ItemParameters(model, slopes, difficulty, lower, rows.upper_asymptote)
    responses = simulated(truth, 5000)

    fit = calibrate(responses, ["2pl"] * 15, with_standard_errors=False)
    result = s_x2(responses, fitted_model(fit.parameters))

    assert result.p[0] < 1e-4
    assert (result.p[1:] < 0.01).sum() <= 2
