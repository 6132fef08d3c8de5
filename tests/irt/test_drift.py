from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from irt.calibration.result import Covariance, StandardErrors
from irt.drift.curve_distance import curve_distance
from irt.drift.cusum import cusum, false_alarm_rate
from irt.drift.differences import parameter_differences
from irt.drift.robust_z import robust_z
from irt.drift.wald import wald_drift
from irt.linking.characteristic_curves import stocking_lord
from irt.linking.common_items import CommonItems, LinkingError
from irt.linking.link import Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.curves import expected_score
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid

SAME = Link(1.0, 0.0)
GRID = normal_grid()


def two_pl(difficulties, slope=1.0):
    return ItemParameters.from_rows([(Model.TWO_PL, slope, b, 0, 1) for b in difficulties])


def errors(a, b):
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return StandardErrors(a, b[:, None], *np.full((2, len(a)), np.nan))


def moved(items, item, shift):
    steps = items.difficulty.copy()
    steps[item] += shift
    return replace(items, difficulty=steps)


def test_robust_z_is_the_distance_from_the_median_in_interquartile_ranges():
    target = two_pl([0.0, 0.1, 0.2, 0.3, 1.0])
    items = CommonItems.pair(target, two_pl([0.0] * 5, slope=1.1))
    found = robust_z(items, SAME)
    assert found.difficulty == pytest.approx(np.array([-0.2, -0.1, 0.0, 0.1, 0.8]) / (0.74 * 0.2))
    assert found.difficulty_status.tolist() == ["ok"] * 5
    assert found.slope_status.tolist() == ["no spread among the items"] * 5
    assert np.isnan(found.slope).all()


def test_robust_z_compares_items_after_the_link_and_the_mean_of_their_steps():
    target = ItemParameters.from_rows(
        [(Model.GRADED, 1.0, [b, b + 1.0], 0, 1) for b in (0.0, 0.3, 0.5)]
    )
    source = Link(2.0, 1.0).inverse.parameters(target)
    source.difficulty[2] += [0.0, 0.2]
    found = robust_z(CommonItems.pair(target, source), Link(2.0, 1.0))
    assert found.difficulty == pytest.approx([0.0, 0.0, -0.2 / (0.74 * 0.1)], abs=1e-9)
    with pytest.raises(LinkingError, match="at least two items to compare"):
        robust_z(CommonItems.pair(target, two_pl([0.0] * 3)), SAME)


def test_the_wald_statistic_of_one_difficulty_is_a_squared_z():
    target, source = two_pl([0.0, 0.5]), two_pl([0.3, 0.5])
    known_slope = errors(np.nan, [0.3, 0.3])
    differences = parameter_differences(
        CommonItems.pair(target, source), SAME, known_slope, errors(np.nan, [0.4, 0.4])
    )
    found = wald_drift(differences)
    assert found.statistic == pytest.approx([0.3**2 / (0.3**2 + 0.4**2), 0.0])
    assert found.degrees.tolist() == [1, 1]
    assert found.p_value == pytest.approx(chi2.sf([0.36, 0.0], 1))


def test_the_wald_statistic_counts_covariances_on_either_side():
    target, source = two_pl([0.0, 0.5]), two_pl([0.2, 0.5], slope=1.2)
    names = [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
    own = np.array([[0.02, 0.01], [0.01, 0.03]])
    uncertainty = Covariance(names, np.kron(np.eye(2), own))
    differences = parameter_differences(
        CommonItems.pair(target, source), Link(2.0, 0.0), None, uncertainty
    )
    scale = np.diag([0.5, 2.0])
    value = np.array([1.0 - 0.6, 0.0 - 0.4])
    by_hand = value @ np.linalg.inv(scale @ own @ scale) @ value
    assert wald_drift(differences).statistic[0] == pytest.approx(by_hand)


def test_an_estimated_link_brings_its_uncertainty_correlated_with_the_items():
    target = two_pl([-1.0, 0.0, 1.0])
    link = mean_mean(target, target, slope=1.0)
    differences = parameter_differences(
        CommonItems.pair(target, target), link, errors(np.nan, [0.3] * 3), None
    )
    # b_j minus the mean of three: variance 0.09 (1 - 1/3).
    assert differences.covariance[:, 1, 1] == pytest.approx([0.06] * 3)
    known = parameter_differences(
        CommonItems.pair(target, target), SAME, errors(np.nan, [0.3] * 3), None
    )
    assert known.covariance[:, 1, 1] == pytest.approx([0.09] * 3)


def test_what_cannot_be_tested_says_why():
    target = two_pl([0.0, 0.5, 1.0, 1.5])
    target.difficulty[0] = np.nan
    items = CommonItems.pair(target, two_pl([0.0, 0.5, 1.0, 1.5]))
    covariance = Covariance(
        [(1, "b"), (2, "a"), (2, "b"), (3, "b")],
        np.diag([np.nan, 1.0, 1.0, 1.0]) + np.diag([0, 1.0, 0], 1) + np.diag([0, 1.0, 0], -1),
    )
    found = wald_drift(parameter_differences(items, SAME, covariance))
    assert found.status.tolist() == [
        "not estimated alike on both scales",
        "no standard errors",
        "singular covariance",
        "ok",
    ]
    assert np.isfinite(found.statistic).tolist() == [False, False, False, True]
    assert found.degrees.tolist() == [0, 0, 0, 1]


def test_the_distance_is_the_weighted_area_between_the_curves():
    target = ItemParameters.from_rows(
        [(Model.TWO_PL, 1.0, 0.0, 0, 1), (Model.GRADED, 1.2, [-0.5, 0.5], 0, 1)]
    )
    source = moved(target, 0, 0.4)
    items = CommonItems.pair(target, source)
    found = curve_distance(items, SAME, parameter_differences(items, SAME), GRID)
    gap = expected_score(target, GRID.nodes) - expected_score(source, GRID.nodes)
    assert found.rmsd == pytest.approx([np.sqrt(gap[0] ** 2 @ GRID.weights), 0.0])
    assert found.signed == pytest.approx([gap[0] @ GRID.weights, 0.0])
    assert found.signed[0] > 0.05
    assert found.target_score.max() <= 1.0
    assert found.status.tolist() == ["no standard errors"] * 2
    assert np.isnan(found.p_value).all()


def test_the_noise_of_the_distance_is_what_sampling_makes():
    target = two_pl([0.0, 1.0], slope=1.3)
    uncertainty = errors([0.05, 0.1], [0.04, 0.08])
    items = CommonItems.pair(target, target)
    found = curve_distance(items, SAME, parameter_differences(items, SAME, uncertainty), GRID)
    rng = np.random.default_rng(4)
    squares, curves = [], []
    for _ in range(400):
        drawn = replace(
            target,
            discrimination=target.discrimination + uncertainty.discrimination * rng.normal(size=2),
            difficulty=target.difficulty + uncertainty.difficulty * rng.normal(size=(2, 1)),
        )
        gap = expected_score(drawn, GRID.nodes) - expected_score(target, GRID.nodes)
        squares.append(gap**2 @ GRID.weights)
        curves.append(gap)
    assert found.expected_rmsd == pytest.approx(np.sqrt(np.mean(squares, axis=0)), rel=0.1)
    middle = slice(20, 41)
    spread = np.std(curves, axis=0)[:, middle]
    assert found.difference_se[:, middle] == pytest.approx(spread, rel=0.15)
    assert found.p_value.tolist() == [1.0, 1.0]


def test_drifted_items_are_told_from_those_that_only_vary():
    rng = np.random.default_rng(2)
    truth = two_pl(np.linspace(-1.5, 1.5, 20), slope=1.2)
    noise = errors(np.full(20, 0.06), np.full(20, 0.06))
    target, source = (
        replace(
            truth,
            discrimination=truth.discrimination + 0.06 * rng.normal(size=20),
            difficulty=truth.difficulty + 0.06 * rng.normal(size=(20, 1)),
        )
        for _ in range(2)
    )
    source = Link(1.2, 0.5).inverse.parameters(moved(source, 4, 0.6))
    link = stocking_lord(target, source)
    items = CommonItems.pair(target, source)
    differences = parameter_differences(items, link, noise, noise)
    assert wald_drift(differences).p_value.argmin() == 4
    assert curve_distance(items, link, differences, GRID).rmsd.argmax() == 4
    assert np.abs(robust_z(items, link).difficulty).argmax() == 4


def test_nominal_rates_hold_without_drift():
    """The full table is `benchmarks.error_rates_drift`; here 3 standard deviations of 150 x 20."""
    rng = np.random.default_rng(9)
    truth = two_pl(np.linspace(-2, 2, 20), slope=1.2)
    noise = errors(np.full(20, 0.08), np.full(20, 0.08))
    rejected = np.zeros(2)
    for _ in range(150):
        target, source = (
            replace(
                truth,
                discrimination=truth.discrimination + 0.08 * rng.normal(size=20),
                difficulty=truth.difficulty + 0.08 * rng.normal(size=(20, 1)),
            )
            for _ in range(2)
        )
        link = mean_sigma(target, source)
        items = CommonItems.pair(target, source)
        differences = parameter_differences(items, link, noise, noise)
        distance = curve_distance(items, link, differences, GRID)
        rejected += [
            (wald_drift(differences).p_value < 0.05).sum(),
            (distance.p_value < 0.05).sum(),
        ]
    assert rejected / 3000 == pytest.approx([0.05, 0.05], abs=0.015)


def test_a_cusum_adds_what_goes_beyond_the_allowance():
    estimates = [[0.0, 1.0, 0.0], [-0.3, 1.2, np.nan], [-0.4, 1.5, np.nan]]
    found = cusum(estimates, np.full((3, 3), 0.1), [0.0, 1.0, np.nan], threshold=5.0)
    assert found.lower[:, 0] == pytest.approx([0.0, 2.5, 6.0])
    assert found.higher[:, 1] == pytest.approx([0.0, 1.5, 6.0])
    assert found.alarm.tolist() == [2, 2, -1]
    assert found.status.tolist() == ["drifted down", "drifted up", "no estimates to compare"]


def test_a_cusum_waits_where_a_calibration_has_no_estimate_and_never_falls_below_zero():
    found = cusum([[-0.3], [np.nan], [9.0], [-0.1]], [[0.1], [0.1], [0.0], [0.1]], [0.0])
    assert found.lower[:, 0] == pytest.approx([2.5, 2.5, 2.5, 3.0])
    assert found.higher[:, 0].tolist() == [0.0] * 4
    assert found.status.tolist() == ["in control"]


def test_a_cusum_needs_arrays_that_fit_and_limits_above_zero():
    with pytest.raises(ValueError, match=r"estimates and errors must be \(T, J\)"):
        cusum([0.0, 0.1], [0.1, 0.1], [0.0])
    with pytest.raises(ValueError, match="threshold above 0"):
        cusum([[0.0]], [[0.1]], [0.0], threshold=0.0)


def test_the_false_alarm_rate_is_that_of_simulated_charts():
    expected = false_alarm_rate(10, allowance=0.25, threshold=3.0)
    rng = np.random.default_rng(3)
    charts = cusum(
        rng.normal(size=(10, 40000)),
        np.ones((10, 40000)),
        np.zeros(40000),
        allowance=0.25,
        threshold=3.0,
    )
    simulated = (charts.lower.max(axis=0) >= 3.0).mean()
    assert simulated == pytest.approx(expected, abs=3 * np.sqrt(expected / 40000))
    # After one step it is the tail of the normal distribution.
    assert false_alarm_rate(1, allowance=0.5, threshold=1.0) == pytest.approx(0.0668, abs=1e-4)
