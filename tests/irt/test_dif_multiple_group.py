"""Likelihood ratio and Wald tests for DIF in the multiple-group model."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.dif.likelihood_ratio import likelihood_ratio
from irt.dif.multiple_group import GroupedData, fit_groups, score_differences
from irt.dif.result import DifError, DifStatus
from irt.dif.wald import choose_anchors, wald, wald_1, wald_2
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses

NODES = normal_grid().nodes
B = np.linspace(-1.2, 1.2, 8)


def rows(model, n_items=8, *, slopes=(), steps=()):
    """Items of a model; `slopes` and `steps` add to those of single items."""
    listed = []
    for item in range(n_items):
        a = (1.0 if model in (Model.RASCH, Model.PCM) else 1.3) + dict(slopes).get(item, 0.0)
        moved = B[item % 8] + dict(steps).get(item, 0.0)
        b = moved if model in (Model.RASCH, Model.TWO_PL) else [moved - 0.5, moved + 0.6]
        listed.append((model, a, b, 0.0, 1.0))
    return ItemParameters.from_rows(listed)


def groups_of(items, n=1000, impact=-0.5, seed=3):
    """Responses to one set of items a group."""
    rng = np.random.default_rng(seed)
    scores = [
        simulate_responses(part, impact * group + rng.standard_normal(n), rng)
        for group, part in enumerate(items)
    ]
    return np.vstack(scores), np.repeat(np.arange(len(items)), n)


def test_the_statistic_is_that_of_two_calibrations_and_the_same_for_sparse_responses():
    reference, focal = rows(Model.TWO_PL), rows(Model.TWO_PL, steps=[(2, 0.6)])
    scores, group = groups_of([reference, focal])
    models = [Model.TWO_PL] * 8
    tested = np.arange(8) == 2
    found = likelihood_ratio(dense_responses(scores), models, group, tested=tested, max_rounds=1)
    alike = calibrate(
        dense_responses(scores), models, population=standard_population(models, group=group)
    )
    split = np.column_stack([scores, scores[:, 2]])
    split[group == 1, 2] = -1
    split[group == 0, 8] = -1
    models = [*models, Model.TWO_PL]
    free = calibrate(
        dense_responses(split), models, population=standard_population(models, group=group)
    )
    expected = 2 * (free.log_likelihood - alike.log_likelihood)
    assert found.result.chi_square[2] == pytest.approx(expected, abs=1e-3)
    assert found.result.df[2] == 2
    assert found.result.p_value[2] < 1e-4
    assert found.result.status.tolist() == ["not tested"] * 2 + ["ok"] + ["not tested"] * 5
    person, item = np.nonzero(scores >= 0)
    responses = sparse_responses(
        person, item, scores[person, item], n_persons=len(scores), n_items=8
    )
    other = likelihood_ratio(responses, models[:8], group, tested=tested, max_rounds=1)
    assert other.result.chi_square[2] == pytest.approx(found.result.chi_square[2], abs=1e-6)


def test_purified_likelihood_ratios_find_the_items_with_dif_and_their_size():
    truth = [rows(Model.TWO_PL), rows(Model.TWO_PL, steps=[(1, 0.8), (5, 0.8)])]
    scores, group = groups_of(truth, n=1500)
    found = likelihood_ratio(dense_responses(scores), ["2pl"] * 8, group, alpha=0.01)
    assert np.flatnonzero(~found.anchor).tolist() == [1, 5]
    assert found.settled
    result = found.result
    signed, unsigned = score_differences(truth, np.array([0.0, -0.5]), np.ones(2), NODES)
    assert result.signed[0] == pytest.approx(signed[0], abs=0.05)
    assert result.unsigned[0] == pytest.approx(unsigned[0], abs=0.05)
    assert result.group_mean == pytest.approx([0.0, -0.5], abs=0.15)


@pytest.mark.parametrize(
    ("model", "df"), [(Model.RASCH, 1), (Model.GRADED, 3), (Model.PCM, 2), (Model.GPCM, 3)]
)
def test_the_degrees_of_freedom_are_the_parameters_of_the_item(model, df):
    scores, group = groups_of([rows(model), rows(model, steps=[(3, 0.5)])], n=1000)
    responses = dense_responses(scores)
    tested = np.isin(np.arange(8), [0, 3])
    ratio = likelihood_ratio(responses, [model] * 8, group, tested=tested, max_rounds=1).result
    assert ratio.df[[0, 3]].tolist() == [df, df]
    assert ratio.p_value[3] < 0.001 < ratio.p_value[0]
    lord = wald_1(responses, [model] * 8, group, ~np.isin(np.arange(8), [0, 3]))
    assert lord.df[[0, 3]].tolist() == [df, df]
    assert lord.chi_square[3] == pytest.approx(ratio.chi_square[3], rel=0.35)
    assert lord.status.tolist() == ratio.status.tolist()


def test_three_groups_are_compared_at_once():
    items = [rows(Model.TWO_PL), rows(Model.TWO_PL, steps=[(4, 0.9)]), rows(Model.TWO_PL)]
    scores, group = groups_of(items, n=800, impact=0.3)
    responses = dense_responses(scores)
    tested = np.isin(np.arange(8), [0, 4])
    ratio = likelihood_ratio(responses, ["2pl"] * 8, group, tested=tested, max_rounds=1).result
    lord = wald_1(responses, ["2pl"] * 8, group, ~tested)
    assert ratio.df[4] == lord.df[4] == 4
    assert ratio.p_value[4] < 1e-6
    assert lord.p_value[4] < 1e-6
    assert lord.group_mean == pytest.approx([0.0, 0.3, 0.6], abs=0.15)
    assert lord.signed[0, 4] < -0.1
    assert abs(lord.signed[1, 4]) < 0.1


def test_walds_statistic_is_lords_from_the_estimates_and_their_covariance():
    scores, group = groups_of([rows(Model.TWO_PL), rows(Model.TWO_PL, slopes=[(6, 1.2)])])
    responses = dense_responses(scores)
    anchors = np.arange(8) < 6
    found = wald_1(responses, ["2pl"] * 8, group, anchors)
    data = GroupedData(responses, ["2pl"] * 8, group, 2)
    fit = fit_groups(data, ~anchors, with_covariance=True)
    names = fit.calibration.covariance.names
    own, other = fit.columns[6]
    places = [names.index((column, name)) for column in (own, other) for name in "ab"]
    parameters = fit.calibration.parameters
    difference = [
        parameters.discrimination[other] - parameters.discrimination[own],
        parameters.difficulty[other, 0] - parameters.difficulty[own, 0],
    ]
    v = fit.calibration.covariance.matrix[np.ix_(places, places)]
    spread = v[:2, :2] + v[2:, 2:] - v[:2, 2:] - v[2:, :2]
    expected = difference @ np.linalg.inv(spread) @ difference
    assert found.chi_square[6] == pytest.approx(expected, rel=1e-9)
    assert found.slope_chi_square[6] == pytest.approx(difference[0] ** 2 / spread[0, 0], rel=1e-9)
    assert found.location_chi_square[6] == pytest.approx(
        expected - difference[0] ** 2 / spread[0, 0], rel=1e-9
    )
    assert found.slope_p_value[6] < 0.01 < found.slope_p_value[7]
    assert np.isnan(found.p_value[anchors]).all()


def test_wald_2_chooses_anchors_without_dif():
    scores, group = groups_of(
        [rows(Model.TWO_PL), rows(Model.TWO_PL, steps=[(0, 0.9), (7, 0.9)])], n=1500
    )
    screening, found = wald(dense_responses(scores), ["2pl"] * 8, group, n_anchors=3)
    assert found.anchor.sum() == 3
    assert not found.anchor[[0, 7]].any()
    assert (found.p_value[[0, 7]] < 1e-6).all()
    assert (screening.status == DifStatus.OK).all()
    assert choose_anchors(screening, 3).tolist() == found.anchor.tolist()


def test_rasch_items_have_no_test_of_the_slope():
    scores, group = groups_of([rows(Model.RASCH)] * 2, n=400)
    found = wald_2(dense_responses(scores), ["rasch"] * 8, group)
    assert np.isnan(found.slope_p_value).all()
    assert found.location_chi_square.tolist() == found.chi_square.tolist()
    assert found.df.tolist() == [1.0] * 8


def test_items_that_cannot_be_compared_say_why_and_spoil_no_other():
    scores, group = groups_of([rows(Model.TWO_PL)] * 2, n=400)
    scores[:, 0] = -1
    scores[group == 1, 1] = -1
    scores[:, 2] = 1
    scores[group == 1, 3] = 0
    expected = [
        DifStatus.NO_RESPONSES,
        DifStatus.EMPTY_GROUP,
        DifStatus.CONSTANT,
        DifStatus.EMPTY_CATEGORY,
    ]
    responses = dense_responses(scores)
    ratio = likelihood_ratio(responses, ["2pl"] * 8, group, max_rounds=1).result
    lord = wald_1(responses, ["2pl"] * 8, group, np.arange(8) > 5)
    assert ratio.status.tolist() == [*expected, *[DifStatus.OK] * 4]
    assert lord.status.tolist() == [*expected, *["ok"] * 2, *["not tested"] * 2]
    assert np.isnan(ratio.p_value[:4]).all()
    assert np.isfinite(ratio.p_value[4:]).all()
    assert np.isfinite(lord.p_value[4:6]).all()


def test_groups_and_anchors_that_leave_nothing_are_refused():
    scores, group = groups_of([rows(Model.TWO_PL)] * 2, n=50)
    responses = dense_responses(scores)
    with pytest.raises(DifError, match="a focal group"):
        likelihood_ratio(responses, ["2pl"] * 8, group * 0)
    with pytest.raises(DifError, match="no item is an anchor"):
        wald_1(responses, ["2pl"] * 8, group, np.zeros(8, dtype=bool))
    alone = np.arange(8) == 0
    found = likelihood_ratio(responses, ["2pl"] * 8, group, anchors=alone, tested=alone)
    assert found.result.status[0] == DifStatus.NOT_TESTED


def test_differences_in_expected_score_are_integrals_over_the_focal_group():
    reference = ItemParameters.from_rows([(Model.TWO_PL, 1.0, 0.0, 0.0, 1.0)] * 2)
    focal = ItemParameters.from_rows(
        [(Model.TWO_PL, 1.0, 0.5, 0.0, 1.0), (Model.TWO_PL, 2.0, 0.0, 0.0, 1.0)]
    )
    signed, unsigned = score_differences(
        [reference, focal], np.zeros(2), np.ones(2), np.linspace(-8, 8, 401)
    )
    assert unsigned[0, 0] == pytest.approx(-signed[0, 0], abs=1e-12)
    assert signed[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert unsigned[0, 1] > 0.1


@pytest.mark.slow
def test_both_tests_keep_their_level():
    rejected = [0, 0]
    tested = np.arange(8) == 4
    for seed in range(20):
        scores, group = groups_of([rows(Model.TWO_PL)] * 2, n=400, seed=100 + seed)
        responses = dense_responses(scores)
        ratio = likelihood_ratio(responses, ["2pl"] * 8, group, tested=tested, max_rounds=1)
        lord = wald_1(responses, ["2pl"] * 8, group, ~tested)
        rejected[0] += int(ratio.result.p_value[4] < 0.05)
        rejected[1] += int(lord.p_value[4] < 0.05)
    assert max(rejected) <= 5
