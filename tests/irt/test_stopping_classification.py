from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from irt.ability import Ability
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Policy
from irt.policy.stopping_rules import AllOf, AnyOf, Classified, Classifier, StandardError, Stopping
from irt.state import examinees, fresh_state, record_answers
from irt.stopping.classification import UNDECIDED, Verdict, classified_level, level_of, verdict
from irt.stopping.decision import stop_reason
from irt.stopping.likelihood import highest_log_likelihood, log_likelihood_at
from tests.irt.stopping_states import ability_of, mixed_pool, pool_of, state_of

SPRT = Classified(Classifier.SPRT, alpha=0.05, beta=0.1, indifference=0.4)
GLR = Classified(Classifier.GLR, alpha=0.05, beta=0.1, indifference=0.4)
INTERVAL = Classified(Classifier.INTERVAL, confidence=0.95)


def identical_items(n_items, a=1.5, b=0.0):
    return pool_of(ItemParameters.from_rows([(Model.TWO_PL, a, b, 0, 1)] * n_items))


def random_state(pool, n, length, seed=11):
    rng = np.random.default_rng(seed)
    items = np.array([rng.permutation(pool.n_items)[:length] for _ in range(n)])
    scores = (rng.random(items.shape) * (pool.parameters.n_categories[items] + 1)).astype(int) - 1
    return state_of(pool, items, scores)


def directly(pool, state, theta):
    """(N, Q) log-likelihood by a plain loop over the answers that count."""
    table = log_category_probabilities(pool.parameters, theta)
    result = np.zeros((len(state.items), len(theta)))
    for row, (items, scores) in enumerate(zip(state.items, state.scores, strict=True)):
        for item, score in zip(items, scores, strict=True):
            if score >= 0 and pool.operational[item]:
                result[row] += table[item, score]
    return result


def test_levels_begin_at_their_cut_score():
    theta = np.array([-2.0, -1.0, 0.4, 0.5, 3.0])
    assert level_of(theta, (-1.0, 0.5)).tolist() == [0, 1, 1, 2, 2]
    assert level_of(theta, ()).tolist() == [0, 0, 0, 0, 0]


def test_the_likelihood_at_a_point_is_that_of_the_counted_answers_themselves():
    pool = mixed_pool(60, operational=np.arange(60) % 7 != 0)
    state = random_state(pool, 50, 20)
    points = (-0.777, 0.123456, 1.9)
    expected = directly(pool, state, np.array(points))
    np.testing.assert_allclose(log_likelihood_at(pool, state, points), expected, rtol=0, atol=1e-12)


def test_left_out_and_pretest_answers_do_not_count():
    everything = mixed_pool()
    without = mixed_pool(operational=np.arange(40) != 3)
    points = (-0.5, 0.5)
    plain = log_likelihood_at(everything, state_of(everything, [0, 1, 2], [1, 0, 1]), points)
    left_out = state_of(everything, [0, 1, 3, 2], [1, 0, -1, 1])
    pretest = state_of(without, [0, 1, 3, 2], [1, 0, 1, 1])
    assert log_likelihood_at(everything, left_out, points).tolist() == plain.tolist()
    assert log_likelihood_at(without, pretest, points).tolist() == plain.tolist()


def test_the_highest_likelihood_of_an_interval_is_that_of_a_very_fine_grid():
    pool = mixed_pool(60)
    state = random_state(pool, 100, 25)
    intervals = [(-6.0, -0.35), (0.17, 6.0), (-0.05, 0.06)]
    highest = highest_log_likelihood(pool, state, intervals)
    for place, (low, high) in enumerate(intervals):
        fine = directly(pool, state, np.linspace(low, high, 20001)).max(axis=1)
        difference = highest[:, place] - fine
        assert difference.min() >= -1e-12
        assert difference.max() < 1e-5


def test_the_highest_of_two_modes_is_found():
    rows = [(Model.THREE_PL, 2.0, -2.0, 0.3, 1)] * 6 + [(Model.THREE_PL, 2.0, 2.0, 0.3, 1)] * 6
    pool = pool_of(ItemParameters.from_rows(rows))
    state = state_of(pool, np.arange(12), [1, 1, 1, 1, 1, 0] * 2)
    fine = np.linspace(-6, 6, 120001)
    curve = directly(pool, state, fine)[0]
    rising = np.diff(curve) > 0
    assert (rising[:-1] & ~rising[1:]).sum() == 2
    for low, high in ((-6.0, 6.0), (-6.0, 0.0), (0.0, 6.0), (-0.51, -0.49)):
        inside = (fine >= low - 1e-9) & (fine <= high + 1e-9)
        highest = highest_log_likelihood(pool, state, [(low, high)])[0, 0]
        assert highest == pytest.approx(curve[inside].max(), abs=1e-6)


def test_the_sprt_compares_the_likelihood_ratio_with_walds_bounds():
    pool = identical_items(20, a=1.0)
    state = state_of(pool, np.arange(10), [1] * 9 + [0])
    found = verdict(pool, (0.0,), SPRT, state, ability_of(0.0, 1.0))
    assert found.upper == pytest.approx(np.log(0.9 / 0.05), rel=1e-15)
    assert found.lower == pytest.approx(np.log(0.1 / 0.95), rel=1e-15)
    # Each answer to a Rasch item at the cut moves the logit by +-2 delta a over its symmetric
    # alternatives: log P(.4) - log P(-.4) = 0.4 * 2 / 2 = 0.4 for a right answer.
    assert found.statistic[0, 0] == pytest.approx((9 - 1) * 0.4, rel=1e-12)


def test_for_a_likelihood_with_one_mode_beyond_the_region_glr_decides_sooner_than_sprt():
    pool = mixed_pool(60)
    state = random_state(pool, 200, 15)
    sprt = verdict(pool, (0.0,), SPRT, state, ability_of(0.0, 1.0))
    glr = verdict(pool, (0.0,), GLR, state, ability_of(0.0, 1.0))
    assert (sprt.lower, sprt.upper) == (glr.lower, glr.upper)
    grid = np.linspace(-6, 6, 24001)
    curve = directly(pool, state, grid)
    expected = curve[:, grid >= 0.4 - 1e-9].max(axis=1) - curve[:, grid <= -0.4 + 1e-9].max(axis=1)
    np.testing.assert_allclose(glr.statistic[:, 0], expected, rtol=0, atol=1e-5)
    outside = np.abs(grid[curve.argmax(axis=1)]) > 0.4
    assert outside.sum() > 100
    assert (np.abs(glr.statistic) >= np.abs(sprt.statistic) - 1e-9)[outside].all()


def test_the_interval_decides_when_it_lies_on_one_side_of_the_cut():
    pool = identical_items(5)
    state = state_of(pool, [[0], [0], [0], [0]], [[1], [1], [1], [1]])
    z = 1.959963984540054
    ability = ability_of(
        [0.5 * z + 1e-9, 0.5 * z - 1e-9, -0.5 * z - 1e-9, 0.1], [0.5] * 3 + [np.inf]
    )
    found = verdict(pool, (0.0,), INTERVAL, state, ability)
    assert found.side[:, 0].tolist() == [1, 0, -1, 0]
    assert found.level.tolist() == [1, UNDECIDED, 0, UNDECIDED]


def test_an_estimate_without_error_is_certain_except_on_the_cut():
    pool = identical_items(5)
    state = state_of(pool, [[0], [0], [0]], [[1], [1], [1]])
    found = verdict(pool, (0.0,), INTERVAL, state, ability_of([0.1, 0.0, -0.1], [0.0] * 3))
    assert found.level.tolist() == [1, UNDECIDED, 0]


@pytest.mark.parametrize("rule", [SPRT, GLR])
def test_items_so_steep_that_probabilities_underflow_decide_at_once(rule):
    pool = identical_items(5, a=300.0)
    state = state_of(pool, [[0, 1], [0, 1]], [[1, 1], [0, 0]])
    ability = ability_of([0.0, 0.0], [1.0, 1.0])
    assert verdict(pool, (-4.0,), rule, state, ability).level.tolist() == [1, UNDECIDED]
    assert verdict(pool, (0.0,), rule, state, ability).level.tolist() == [1, 0]


def test_the_level_is_certain_when_every_cut_is_decided_and_they_agree():
    statistic = np.array(
        [[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0], [5.0, 0.0], [0.0, -5.0]]
    )
    found = Verdict(statistic, -3.0, 3.0)
    assert found.level.tolist() == [0, 1, 2, UNDECIDED, UNDECIDED, UNDECIDED]
    assert found.certain.tolist() == [True, True, True, False, False, False]


def test_the_bounds_themselves_decide():
    found = Verdict(np.array([[3.0], [-3.0], [np.nextafter(3.0, 0)]]), -3.0, 3.0)
    assert found.level.tolist() == [1, 0, UNDECIDED]


@pytest.mark.parametrize("rule", [SPRT, GLR, INTERVAL])
def test_without_cut_scores_nothing_is_ever_certain(rule):
    pool = identical_items(5)
    state = state_of(pool, [0, 1], [1, 1])
    assert verdict(pool, (), rule, state, ability_of(0.0, 0.1)).certain.tolist() == [False]


@pytest.mark.parametrize("rule", [SPRT, GLR])
def test_without_answers_nothing_is_certain(rule):
    pool = identical_items(5)
    state = state_of(pool, np.empty((2, 0), int), np.empty((2, 0), int))
    found = verdict(pool, (-1.0, 1.0), rule, state, ability_of([0.0, 0.0], [1.0, 1.0]))
    assert found.statistic.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert found.level.tolist() == [UNDECIDED, UNDECIDED]


@pytest.mark.parametrize("rule", [SPRT, GLR, INTERVAL])
def test_statistics_do_not_depend_on_the_batch(rule):
    pool = mixed_pool(60)
    state = random_state(pool, 60, 20)
    shorter = state_of(pool, state.items[:, :13], state.scores[:, :13])
    ability = ability_of(np.linspace(-2, 2, 60), np.full(60, 0.4))
    together = verdict(pool, (-0.5, 0.6), rule, shorter, ability).statistic
    for one in range(60):
        own = ability_of(ability.theta[one], ability.standard_error[one])
        alone = verdict(pool, (-0.5, 0.6), rule, shorter.take([one]), own).statistic
        assert alone.tolist() == [together[one].tolist()]


@pytest.mark.parametrize("rule", [SPRT, GLR])
def test_statistics_do_not_depend_on_the_longest_test_of_the_batch(rule):
    pool = mixed_pool(60)
    state = random_state(pool, 60, 20)
    beyond = ((0, 0), (0, 17))
    wider = replace(
        state,
        items=np.pad(state.items, beyond, constant_values=-1),
        scores=np.pad(state.scores, beyond, constant_values=-1),
    )
    ability = ability_of(np.zeros(60), np.ones(60))
    expected = verdict(pool, (-0.5, 0.6), rule, state, ability).statistic
    assert verdict(pool, (-0.5, 0.6), rule, wider, ability).statistic.tolist() == expected.tolist()


def test_the_reported_level_is_the_certain_one_and_else_that_of_theta():
    pool = identical_items(30, a=2.0)
    scores = np.array([[1] * 8, [0] * 8, [1, 0] * 4])
    state = state_of(pool, np.tile(np.arange(8), (3, 1)), scores)
    theta = ability_of([-0.1, 0.1, 0.1], [0.5] * 3)
    rule = AnyOf((StandardError(0.1), AllOf((SPRT, StandardError(0.2)))))
    assert verdict(pool, (0.0,), SPRT, state, theta).level.tolist() == [1, 0, UNDECIDED]
    policy = Policy(stopping=Stopping(rule=rule), cuts=(0.0,))
    assert classified_level(pool, policy, state, theta).tolist() == [1, 0, 1]
    by_theta = Policy(stopping=Stopping(rule=StandardError(0.1)), cuts=(0.0,))
    assert classified_level(pool, by_theta, state, theta).tolist() == [0, 1, 1]


def test_of_two_classifications_the_first_that_is_certain_gives_the_level():
    pool = identical_items(30, a=2.0)
    state = state_of(pool, np.tile(np.arange(8), (2, 1)), [[1] * 8, [1, 0] * 4])
    theta = ability_of([-2.0, -2.0], [0.5, 0.5])
    for rules, levels in (((SPRT, INTERVAL), [1, 0]), ((INTERVAL, SPRT), [0, 0])):
        policy = Policy(stopping=Stopping(rule=AnyOf(rules)), cuts=(0.0,))
        assert classified_level(pool, policy, state, theta).tolist() == levels


def sequential_levels(parameters, rule, cuts, theta, n, seed):
    """(n,) levels of examinees with one theta whose tests only end when the level is certain."""
    rng = np.random.default_rng(seed)
    pool = pool_of(parameters)
    chances = np.exp(log_category_probabilities(parameters, np.array([theta])))[:, 1, 0]
    policy = Policy(stopping=Stopping(1, parameters.n_items, rule), cuts=cuts)
    state = fresh_state(pool, examinees(policy, np.arange(n)))
    levels = []
    for item, chance in enumerate(chances):
        n_left = state.n_examinees
        unused = Ability(np.zeros(n_left), np.ones(n_left))
        scores = (rng.random(n_left) < chance).astype(int)
        state = record_answers(pool, state, np.full(n_left, item), scores, np.zeros(n_left), unused)
        ended = stop_reason(pool, policy, state, unused, ~state.administered) > 0
        levels += verdict(pool, cuts, rule, state, unused).level[ended].tolist()
        state = state.take(~ended)
        if not state.n_examinees:
            break
    assert UNDECIDED not in levels
    return np.array(levels)


def at_most(bound, n):
    """The share of n that a true rate of `bound` exceeds once in a thousand times."""
    return float(stats.binom.ppf(0.999, n, bound)) / n


def rasch_items():
    return ItemParameters.from_rows([(Model.RASCH, 1.0, 0.25, 0.0, 1.0)] * 500)


def two_pl_items():
    rng = np.random.default_rng(17)
    return ItemParameters.from_rows(
        (Model.TWO_PL, rng.lognormal(0.2, 0.3), rng.normal(), 0.0, 1.0) for _ in range(500)
    )


def three_pl_items():
    rng = np.random.default_rng(18)
    return ItemParameters.from_rows(
        (Model.THREE_PL, rng.lognormal(0.2, 0.3), rng.normal(), 0.2, 1.0) for _ in range(500)
    )


@pytest.mark.parametrize("items", [rasch_items, two_pl_items, three_pl_items])
@pytest.mark.parametrize(("alpha", "beta"), [(0.05, 0.05), (0.1, 0.02)])
def test_the_untruncated_sprt_errs_no_more_often_than_wald_says(items, alpha, beta):
    n, cut, delta = 4000, 0.25, 0.5
    rule = Classified(Classifier.SPRT, alpha, beta, delta)
    passed = sequential_levels(items(), rule, (cut,), cut - delta, n, 1) == 1
    failed = sequential_levels(items(), rule, (cut,), cut + delta, n, 2) == 0
    assert (len(passed), len(failed)) == (n, n)
    assert passed.mean() <= at_most(alpha / (1 - beta), n)
    assert failed.mean() <= at_most(beta / (1 - alpha), n)
    # The overshoot over a bound lowers the rates, but not to nothing.
    assert passed.mean() > 0.3 * alpha
    assert failed.mean() > 0.3 * beta


@pytest.mark.slow
def test_the_sprt_of_three_levels_errs_at_each_cut_no_more_often_than_wald_says():
    n, cuts, delta, alpha, beta = 4000, (-0.5, 0.7), 0.5, 0.05, 0.05
    rule = Classified(Classifier.SPRT, alpha, beta, delta)
    limit = at_most(alpha / (1 - beta), n)
    for cut, level in zip(cuts, (0, 1), strict=True):
        below = sequential_levels(two_pl_items(), rule, cuts, cut - delta, n, 3)
        above = sequential_levels(two_pl_items(), rule, cuts, cut + delta, n, 4)
        assert (below > level).mean() <= limit
        assert (above <= level).mean() <= limit
