"""The lognormal model of response times, and response-time effort."""

import numpy as np
import pytest
from scipy import optimize, stats

from irt.response_times.effort import response_time_effort
from irt.response_times.lognormal import TimeStatus, fit_lognormal
from irt.response_times.speed import estimate_speed
from irt.response_times.times import ResponseTimeError, response_time_matrix, response_times


def simulated(n_persons=2000, n_items=15, seed=4, missing=0.0):
    rng = np.random.default_rng(seed)
    alpha, beta = rng.uniform(1.5, 3.0, n_items), rng.normal(4.0, 0.5, n_items)
    tau = rng.normal(0.0, 0.3, n_persons)
    log_seconds = beta - tau[:, None] + rng.standard_normal((n_persons, n_items)) / alpha
    log_seconds[rng.random(log_seconds.shape) < missing] = np.nan
    return alpha, beta, tau, np.exp(log_seconds)


@pytest.mark.parametrize("missing", [0.0, 0.6])
def test_the_truth_is_recovered_within_its_standard_errors(missing):
    alpha, beta, tau, seconds = simulated(missing=missing)
    times = response_time_matrix(seconds)
    items = fit_lognormal(times)
    assert items.converged
    assert items.sweeps < 15
    assert np.abs((items.intensity - beta) / items.intensity_se).max() < 3.5
    assert np.abs((items.discrimination - alpha) / items.discrimination_se).max() < 3.5
    assert items.speed_variance == pytest.approx(0.09, abs=3 * items.speed_variance_se)
    speed = estimate_speed(times, items)
    answered = np.isfinite(speed.speed)
    z = (speed.speed - tau)[answered] / speed.standard_error[answered]
    assert z.std() == pytest.approx(1.0, abs=0.06)


def test_estimates_and_errors_are_those_of_the_multivariate_normal_likelihood():
    *_, seconds = simulated(n_persons=300, n_items=4)
    seconds[:60, 0] = seconds[100:150, 3] = np.nan
    log_seconds = np.log(seconds)
    patterns = [np.isfinite(log_seconds) == row for row in ([0, 1, 1, 1], [1, 1, 1, 0], [1] * 4)]

    def minus(x):
        total = 0.0
        for pattern in patterns:
            rows, seen = pattern.all(axis=1), pattern[pattern.all(axis=1)]
            kept = np.isfinite(log_seconds[rows][0]) if len(seen) else []
            covariance = np.diag(np.exp(x[4:8])) + np.exp(x[8])
            normal = stats.multivariate_normal(x[:4][kept], covariance[np.ix_(kept, kept)])
            total -= normal.logpdf(log_seconds[rows][:, kept]).sum()
        return total

    start = np.concatenate([np.nanmean(log_seconds, axis=0), np.full(5, -2.0)])
    best = optimize.minimize(minus, start, method="BFGS", tol=1e-7)
    found = fit_lognormal(response_time_matrix(seconds), tolerance=1e-13)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    assert found.intensity == pytest.approx(best.x[:4], abs=1e-4)
    assert found.discrimination == pytest.approx(np.exp(-0.5 * best.x[4:8]), abs=1e-3)
    assert found.speed_variance == pytest.approx(np.exp(best.x[8]), abs=1e-4)
    # The numerical Hessian is the observed information, whose expectation the errors use.
    step = 1e-3 * np.eye(9)
    hessian = np.array(
        [
            [
                minus(best.x + p + q)
                - minus(best.x + p - q)
                - minus(best.x - p + q)
                + minus(best.x - p - q)
                for q in step
            ]
            for p in step
        ]
    ) / (4 * 1e-3**2)
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert found.intensity_se == pytest.approx(errors[:4], rel=0.03)
    assert found.discrimination_se == pytest.approx(
        0.5 * found.discrimination * errors[4:8], rel=0.1
    )
    assert found.speed_variance_se == pytest.approx(found.speed_variance * errors[8], rel=0.1)


def test_speed_and_residuals_follow_the_equations():
    *_, seconds = simulated(n_persons=40, n_items=5)
    times = response_time_matrix(seconds)
    items = fit_lognormal(times)
    found = estimate_speed(times, items)
    weight = items.discrimination**2
    gap = items.intensity - np.log(seconds)
    tau = (gap * weight).sum(axis=1) / weight.sum()
    assert found.speed == pytest.approx(tau, rel=1e-12)
    assert found.standard_error == pytest.approx(np.full(40, weight.sum() ** -0.5), rel=1e-12)
    z = items.discrimination * (tau[:, None] - gap)
    assert found.residual.reshape(40, 5) == pytest.approx(z, abs=1e-12)
    assert found.chi_square == pytest.approx((z**2).sum(axis=1), rel=1e-10)
    assert found.p_value == pytest.approx(stats.chi2.sf((z**2).sum(axis=1), 4), rel=1e-10)
    assert found.df.tolist() == [4.0] * 40


def test_residuals_are_standard_normal_and_their_chi_square_keeps_its_level():
    *_, seconds = simulated(n_persons=4000)
    times = response_time_matrix(seconds)
    found = estimate_speed(times, fit_lognormal(times))
    assert found.standardized.std() == pytest.approx(1.0, abs=0.01)
    assert (np.abs(found.standardized) > 1.96).mean() == pytest.approx(0.05, abs=0.005)
    assert 0.04 < (found.p_value < 0.05).mean() < 0.06


def test_times_to_known_items_show_who_was_unusually_fast():
    *_, seconds = simulated(n_persons=500)
    seconds[7, :5] = 2.0
    times = response_time_matrix(seconds)
    found = estimate_speed(times, fit_lognormal(times))
    assert found.chi_square.argmax() == 7
    assert found.p_value[7] < 1e-10
    assert (found.standardized[times.person == 7][:5] < -1.96).all()


def test_items_and_persons_without_enough_times_say_so():
    _, _, _, seconds = simulated(n_persons=50, n_items=6)
    seconds[:, 0] = np.nan
    seconds[2:, 1] = np.nan
    seconds[:, 2] = 30.0
    seconds[40, :] = np.nan
    seconds[41, 4:] = np.nan
    times = response_time_matrix(seconds)
    items = fit_lognormal(times)
    assert items.status.tolist() == [
        TimeStatus.NO_TIMES,
        TimeStatus.TOO_FEW,
        TimeStatus.CONSTANT,
        *[TimeStatus.OK] * 3,
    ]
    assert np.isnan(items.intensity[:3]).all()
    assert np.isfinite([items.intensity_se[3:], items.discrimination_se[3:]]).all()
    speed = estimate_speed(times, items)
    assert speed.status[40:43].tolist() == [
        TimeStatus.NO_TIMES,
        TimeStatus.ONE_TIME,
        TimeStatus.OK,
    ]
    assert np.isnan(speed.speed[40])
    assert np.isfinite(speed.speed[41])
    assert np.isnan(speed.p_value[[40, 41]]).all()


def test_effort_is_the_share_of_answers_above_a_tenth_of_the_mean_time():
    seconds = np.full((10, 3), 60.0)
    seconds[:, 2] = 300.0
    seconds[0] = [3.0, 4.0, 9.0]
    seconds[1] = [3.0, 60.0, 11.0]
    seconds[9] = np.nan
    times = response_time_matrix(np.column_stack([seconds, np.full(10, np.nan)]))
    found = response_time_effort(times)
    means = np.nanmean(seconds, axis=0)
    assert found.threshold[:2].tolist() == pytest.approx(0.1 * means[:2])
    assert found.threshold[2] == 10.0
    assert found.effort[:3] == pytest.approx([0.0, 2 / 3, 1.0])
    assert found.low_effort.tolist() == [True, True, *[False] * 8]
    assert found.rapid[times.person == 1].tolist() == [True, False, False]
    assert found.rapid_share[0] == pytest.approx(2 / 9)
    assert found.person_status[9] == TimeStatus.NO_TIMES
    assert found.item_status.tolist() == ["ok", "ok", "ok", "no times"]


@pytest.mark.parametrize(
    ("person", "item", "seconds", "reason"),
    [
        ([0], [0], [0.0], "person 0, item 0: a time must be a positive number"),
        ([0], [0], [np.inf], "positive number of seconds, not inf"),
        ([0, 0], [0, 0], [1.0, 2.0], "two times for one item"),
        ([3], [0], [1.0], "person indices must be from 0 to 1"),
        ([0], [-1], [1.0], "item indices"),
        ([0, 1], [0], [1.0], "equally long"),
    ],
)
def test_unusable_times_are_refused(person, item, seconds, reason):
    with pytest.raises(ResponseTimeError, match=reason):
        response_times(person, item, seconds, n_persons=2, n_items=2)


def test_a_model_without_enough_times_is_refused():
    lone = response_times([0, 1, 2], [0, 0, 0], [3.0, 4.0, 5.0], n_persons=3, n_items=2)
    with pytest.raises(ResponseTimeError, match="two such items"):
        fit_lognormal(lone)
    _, _, _, seconds = simulated(n_persons=50, n_items=6)
    with pytest.raises(ResponseTimeError, match="times of 2 items, but parameters of 6"):
        estimate_speed(lone, fit_lognormal(response_time_matrix(seconds)))
    with pytest.raises(ResponseTimeError, match="two dimensions"):
        response_time_matrix([1.0, 2.0])
