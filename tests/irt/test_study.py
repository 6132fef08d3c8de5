"""What a simulation tells: by hand on few sessions, and against what is known on many."""

import numpy as np
import pytest

from irt.models.parameters import ItemParameters, Model
from irt.policy.blueprint import AreaBound, Blueprint
from irt.policy.policy import Draw, Estimation, Policy, Selection
from irt.policy.stopping_rules import Classified, Classifier, StandardError, Stopping, StopReason
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.simulation.classification import classification
from irt.simulation.comparison import compare
from irt.simulation.sessions import Sessions, simulate_sessions
from irt.simulation.study import study
from irt.stopping.classification import level_of

CUTS = (-0.5, 0.5)


def pool_of(n_items=60, attributes=None):
    rng = np.random.default_rng(4)
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.normal(0, 1, n_items)
    rows = [(Model.TWO_PL, *pair, 0.0, 1.0) for pair in zip(a, b, strict=True)]
    parameters = ItemParameters.from_rows(rows)
    return build_pool(np.arange(n_items), parameters, normal_grid(31, 4.0), attributes)


def by_hand(pool=None):
    """Four sessions: two of ability -1, one of 0, one of 1."""
    nan = np.nan
    return Sessions(
        pool=pool or pool_of(5),
        seed=np.arange(4, dtype=np.uint64),
        true_theta=np.array([-1.0, 0.0, -1.0, 1.0]),
        theta=np.array([-0.8, 0.6, -1.4, 1.1]),
        standard_error=np.array([0.5, 0.3, 0.1, 0.4]),
        level=np.array([0, 2, 0, 2]),
        stop=np.array([StopReason.MAXIMUM_LENGTH, 1, 2, StopReason.STANDARD_ERROR]),
        elapsed=np.zeros(4),
        items=np.array([[0, 1, 2], [0, 1, -1], [0, 3, 2], [1, -1, -1]]),
        scores=np.array([[0, 1, 1], [1, 1, -1], [0, 0, 0], [1, -1, -1]]),
        theta_at=np.array([[0, -0.4, -0.6], [0, 0.2, nan], [0, -0.5, -1.0], [0, nan, nan]]),
        standard_error_at=np.array([[1, 0.8, 0.6], [1, 0.7, nan], [1, 0.9, 0.8], [1, nan, nan]]),
    )


def test_recovery_of_all_by_hand():
    found = study(Policy(), by_hand()).overall
    error = np.array([0.2, 0.6, -0.4, 0.1])
    assert found.n.tolist() == [4]
    assert found.theta == pytest.approx([-0.25])
    assert found.bias == pytest.approx([0.125])
    assert found.bias_error == pytest.approx([np.std(error, ddof=1) / 2])
    assert found.rmse == pytest.approx([np.sqrt((0.04 + 0.36 + 0.16 + 0.01) / 4)])
    assert found.sd == pytest.approx([np.std(error, ddof=1)])
    assert found.standard_error == pytest.approx([0.325])
    assert found.coverage.tolist() == [0.5]
    assert found.mean_length.tolist() == [2.25]
    assert (found.least_length[0], found.greatest_length[0]) == (1, 3)
    assert found.stop[0, StopReason.STANDARD_ERROR] == 0.5
    assert found.stop[0, StopReason.MAXIMUM_LENGTH] == 0.5
    assert found.stop.shape == (1, len(StopReason))


def test_recovery_in_bands_and_at_points_by_hand():
    in_bands = study(Policy(), by_hand(), limits=(-2.0, 0.0)).conditional
    assert in_bands.n.tolist() == [0, 2, 2]
    assert in_bands.bias[1:] == pytest.approx([-0.1, 0.35])
    for name in ("theta", "bias", "rmse", "standard_error", "coverage", "least_length"):
        assert np.isnan(getattr(in_bands, name)[0])
    at_points = study(Policy(), by_hand(), limits=None).conditional
    assert at_points.theta.tolist() == [-1.0, 0.0, 1.0]
    assert at_points.n.tolist() == [2, 1, 1]
    assert at_points.sd[0] == pytest.approx(np.std([-0.8, -1.4], ddof=1))
    assert np.isnan(at_points.sd[1:]).all()
    assert at_points.mean_length.tolist() == [3.0, 2.0, 1.0]


def test_the_course_of_the_estimates_by_hand():
    found = study(Policy(), by_hand()).course
    assert found.n.tolist() == [4, 3, 2]
    assert found.bias == pytest.approx([0.25, (0.6 + 0.2 + 0.5) / 3, 0.2])
    assert found.rmse == pytest.approx(
        [np.sqrt(3 / 4), np.sqrt((0.36 + 0.04 + 0.25) / 3), np.sqrt(0.16 / 2)]
    )
    assert found.standard_error == pytest.approx([1.0, 0.8, 0.7])


def test_use_of_items_by_hand():
    found = study(Policy(), by_hand(), limits=None)
    assert found.exposure.rates.tolist() == [0.75, 0.75, 0.5, 0.25, 0.0]
    assert found.exposure.n_unused == 1
    assert found.conditional_rates.tolist() == [
        [1.0, 1.0, 0.0],
        [0.5, 1.0, 1.0],
        [1.0, 0.0, 0.0],
        [0.5, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ]


def test_levels_by_hand():
    found = study(Policy(cuts=CUTS), by_hand()).classification
    assert found.table.tolist() == [[2, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert found.accuracy == 0.75
    assert found.false_positive.tolist() == [0.0, 1 / 3]
    assert found.false_negative.tolist() == [0.0, 0.0]
    # Neighbours in true ability: -1 and -1 agree, -1 and 0 do not, 0 and 1 do.
    assert found.consistency == pytest.approx(2 / 3)
    assert study(Policy(), by_hand()).classification is None


def test_the_level_that_ended_a_test_is_the_one_that_counts():
    rule = Classified(Classifier.SPRT, indifference=0.5)
    policy = Policy(
        estimation=Estimation(prior_mean=2.0, prior_sd=0.3),
        stopping=Stopping(max_items=40, rule=rule),
        cuts=(1.0,),
    )
    sessions = simulate_sessions(pool_of(), policy, np.zeros(200), 1)
    classified = sessions.stop == StopReason.CLASSIFIED
    contradicted = classified & (sessions.theta >= 1.0) & (sessions.level == 0)
    assert contradicted.sum() > 20
    assert (sessions.level[classified] > 0).mean() <= rule.alpha / (1 - rule.beta)
    assert (sessions.level == level_of(sessions.theta, policy.cuts))[~classified].all()


def test_levels_that_nobody_has_leave_their_rates_open():
    found = classification(np.array([2.0]), np.array([0]), (1.0,))
    assert np.isnan(found.false_positive[0])
    assert found.false_negative.tolist() == [1.0]
    assert found.table.tolist() == [[0, 0], [1, 0]]
    assert np.isnan(found.consistency)


def test_consistency_is_how_often_two_tests_of_one_examinee_agree():
    rng = np.random.default_rng(1)
    true = rng.standard_normal(20_000)
    first, second = true + 0.4 * rng.standard_normal((2, 20_000))
    agree = np.mean(np.searchsorted(CUTS, first) == np.searchsorted(CUTS, second))
    found = classification(true, level_of(first, CUTS), CUTS)
    assert found.consistency == pytest.approx(agree, abs=4 * np.sqrt(0.25 / 20_000))


def test_violations_of_the_blueprint_are_counted():
    area = np.arange(5) == 0
    pool = pool_of(5, Attributes(categories={"algebra": area}))
    blueprint = Blueprint(areas=(AreaBound("algebra", minimum=1),))
    found = study(Policy(blueprint=blueprint), by_hand(pool))
    assert found.violations.total == 1


def test_pretest_items_are_no_part_of_length_or_exposure():
    pool = pool_of(5, Attributes(operational=np.arange(5) != 2))
    found = study(Policy(), by_hand(pool))
    assert found.overall.mean_length.tolist() == [(2 + 2 + 2 + 1) / 4]
    assert found.exposure.rates[2] == 0.0


def test_eap_covers_the_truth_as_often_as_it_says():
    policy = Policy(stopping=Stopping(10, 10))
    theta = np.random.default_rng(5).standard_normal(3000)
    found = study(policy, simulate_sessions(pool_of(), policy, theta, 1)).overall
    assert abs(found.coverage[0] - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 3000)
    assert found.rmse[0] == pytest.approx(found.standard_error[0], rel=0.05)
    assert abs(found.bias[0]) < 3 * found.bias_error[0]


def test_a_study_differs_from_itself_by_nothing():
    one = study(Policy(cuts=CUTS), by_hand(), limits=None)
    found = compare(one, one)
    for differences in (found.overall, found.conditional):
        for name in ("bias", "rmse", "standard_error", "length"):
            assert (getattr(differences, name).value == 0).all()
    assert found.overall.rmse.error.tolist() == [0.0]
    assert found.accuracy.value.tolist() == [0.0]
    assert found.overlap.value.tolist() == [0.0]
    assert (found.maximum_exposure, found.n_unused) == (0.0, 0)


def test_differences_and_their_errors_are_those_of_repeated_simulations():
    """The stated Monte-Carlo errors match the spread over independent seeds."""
    best = Policy(stopping=Stopping(6, 6), cuts=CUTS)
    drawn = Policy(
        stopping=best.stopping, cuts=CUTS, selection=Selection(draw=Draw.RANDOMESQUE, among=15)
    )
    pool = pool_of()
    values, errors = [], []
    for seed in range(30):
        theta = np.random.default_rng(seed).standard_normal(250)
        found = compare(
            *(study(one, simulate_sessions(pool, one, theta, seed)) for one in (best, drawn))
        )
        overall = found.overall
        parts = (overall.rmse, overall.standard_error, found.overlap, found.accuracy)
        values.append([part.value[0] for part in parts])
        errors.append([part.error[0] for part in parts])
    ratio = np.std(values, axis=0, ddof=1) / np.mean(errors, axis=0)
    assert ((ratio > 0.65) & (ratio < 1.4)).all()
    assert np.mean(values, axis=0)[2] < 0


def test_common_random_numbers_make_a_difference_sharper():
    pool, theta = pool_of(), np.random.default_rng(5).standard_normal(600)
    longer = Policy(stopping=Stopping(4, 12, StandardError(0.40)))
    shorter = Policy(stopping=Stopping(4, 12, StandardError(0.45)))
    a, same, other = (
        study(policy, simulate_sessions(pool, policy, theta, seed))
        for policy, seed in ((longer, 1), (shorter, 1), (shorter, 2))
    )
    paired, apart = compare(a, same).overall.rmse, compare(a, other).overall.rmse
    assert paired.error[0] < 0.8 * apart.error[0]


def test_only_studies_of_the_same_abilities_compare():
    first = study(Policy(), by_hand())
    policy = Policy(stopping=Stopping(2, 2))
    second = study(policy, simulate_sessions(pool_of(), policy, np.zeros(4), 1))
    with pytest.raises(ValueError, match="simulate one of them anew"):
        compare(first, second)
