import numpy as np
import pytest

from irt.faults import Fault, ImpossibleValue
from irt.models.information import item_information
from irt.policy.blueprint import AreaBound, Blueprint
from irt.policy.policy import Policy
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    Classifier,
    InformationLeft,
    StandardError,
    StandardErrorGain,
    Stopping,
    StopReason,
    ThetaChange,
    TimeSpent,
)
from irt.simulation.sessions import simulate_sessions
from irt.stopping.decision import stop_reason
from tests.irt.stopping_states import ability_of, mixed_pool, state_of

NAN = float("nan")
GOES_ON, COMBINED = StopReason.CONTINUE, StopReason.COMBINATION
PRECISE, IMPRECISE = StandardError(0.5), StandardError(0.1)
SETTLED, UNSETTLED = ThetaChange(0.5), ThetaChange(0.01)
LATE, EARLY = TimeSpent(10.0), TimeSpent(1000.0)


def reason_of(
    rule,
    *,
    n_items=5,
    n_left_out=0,
    theta=0.3,
    error=0.4,
    before=(0.2, 0.45),
    seconds=10.0,
    min_items=1,
    max_items=30,
    pool=None,
    available=True,
    cuts=(),
):
    """Why the test of one examinee ends who answered the first items of a pool."""
    pool = pool or mixed_pool()
    scores = np.ones(n_items, dtype=int)
    scores[:n_left_out] = -1
    state = state_of(pool, np.arange(n_items), scores, seconds, before)
    policy = Policy(stopping=Stopping(min_items, max_items, rule), cuts=cuts)
    free = ~state.administered & available
    return stop_reason(pool, policy, state, ability_of(theta, error), free).tolist()[0]


def test_without_a_rule_the_length_alone_ends_a_test():
    assert reason_of(None, n_items=29, max_items=30) == GOES_ON
    assert reason_of(None, n_items=30, max_items=30) == StopReason.MAXIMUM_LENGTH


def test_left_out_items_count_towards_the_lengths_and_pretest_items_do_not():
    operational = np.arange(40) != 2
    pool = mixed_pool(operational=operational)
    assert reason_of(None, n_items=5, n_left_out=2, max_items=5) == StopReason.MAXIMUM_LENGTH
    assert reason_of(None, n_items=5, max_items=5, pool=pool) == GOES_ON
    assert reason_of(None, n_items=6, max_items=5, pool=pool) == StopReason.MAXIMUM_LENGTH


def test_the_standard_error_may_be_equal_to_what_is_asked():
    assert reason_of(StandardError(0.4), error=0.4) == StopReason.STANDARD_ERROR
    assert reason_of(StandardError(0.4), error=np.nextafter(0.4, 1)) == GOES_ON


def test_the_rule_is_named_before_the_maximum_length():
    assert reason_of(PRECISE, n_items=30) == StopReason.STANDARD_ERROR
    assert reason_of(IMPRECISE, n_items=30) == StopReason.MAXIMUM_LENGTH


@pytest.mark.parametrize(
    "rule",
    [
        PRECISE,
        StandardErrorGain(0.1),
        SETTLED,
        InformationLeft(100.0),
        Classified(Classifier.INTERVAL, confidence=0.5),
        AnyOf((PRECISE, SETTLED)),
        AllOf((PRECISE, SETTLED)),
        AllOf((PRECISE, LATE)),
    ],
)
def test_no_rule_ends_a_test_before_the_minimum_length(rule):
    asked = {"theta": 0.9, "before": (0.8, 0.41), "cuts": (0.0,), "min_items": 6}
    assert reason_of(rule, n_items=5, **asked) == GOES_ON
    assert reason_of(rule, n_items=6, **asked) != GOES_ON


def test_no_rule_but_the_time_and_the_maximum_length_ends_a_test_before_its_minimums_are_met():
    algebra = np.isin(np.arange(40), (0, 1, 8, 9))
    pool = mixed_pool(categories={"algebra": algebra})
    areas = (AreaBound("algebra", minimum=3),)

    def reason(items, rule, max_items=30):
        state = state_of(pool, items, np.ones(len(items), int), 10.0)
        policy = Policy(stopping=Stopping(1, max_items, rule), blueprint=Blueprint(areas=areas))
        found = stop_reason(pool, policy, state, ability_of(0.3, 0.4), ~state.administered)
        return found.tolist()[0]

    assert reason([0, 1, 2, 3], PRECISE) == GOES_ON
    assert reason([0, 1, 2, 8], PRECISE) == StopReason.STANDARD_ERROR
    assert reason([0, 1, 2, 3], PRECISE, max_items=4) == StopReason.MAXIMUM_LENGTH
    assert reason([0, 1, 2, 3], AnyOf((PRECISE, LATE))) == StopReason.TIME
    assert reason([0, 1, 2, 3], AllOf((PRECISE, LATE))) == GOES_ON


def test_the_time_ends_a_test_before_the_minimum_length_alone_and_by_or_but_not_by_and():
    short = {"n_items": 5, "min_items": 6}
    assert reason_of(LATE, **short) == StopReason.TIME
    assert reason_of(AnyOf((PRECISE, LATE)), **short) == StopReason.TIME
    assert reason_of(AllOf((PRECISE, LATE)), **short) == GOES_ON
    assert reason_of(AllOf((LATE, TimeSpent(20.0))), **short) == StopReason.TIME


def test_the_time_is_up_at_the_very_second():
    assert reason_of(TimeSpent(50.0), n_items=5, seconds=10.0) == StopReason.TIME
    assert reason_of(TimeSpent(50.5), n_items=5, seconds=10.0) == GOES_ON


def test_theta_has_settled_when_the_last_answer_moved_it_less_than_the_limit_either_way():
    assert reason_of(ThetaChange(0.25), theta=0.5, before=(0.25, 1.0)) == GOES_ON
    assert reason_of(ThetaChange(0.25), theta=0.5, before=(0.26, 1.0)) == StopReason.THETA_CHANGE
    assert reason_of(ThetaChange(0.25), theta=0.5, before=(0.74, 1.0)) == StopReason.THETA_CHANGE
    assert reason_of(ThetaChange(0.25), theta=0.5, before=(0.75, 1.0)) == GOES_ON


def test_the_error_has_settled_when_the_last_answer_changed_it_less_than_the_limit_either_way():
    gain, met = StandardErrorGain(0.25), StopReason.STANDARD_ERROR_GAIN
    assert reason_of(gain, error=0.5, before=(0.0, 0.75)) == GOES_ON
    assert reason_of(gain, error=0.5, before=(0.0, 0.74)) == met
    assert reason_of(gain, error=0.5, before=(0.0, 0.26)) == met
    assert reason_of(gain, error=0.5, before=(0.0, 0.25)) == GOES_ON


def test_an_error_that_stays_infinite_has_not_settled():
    assert reason_of(StandardErrorGain(1.0), error=np.inf, before=(0.0, np.inf)) == GOES_ON


@pytest.mark.parametrize("rule", [ThetaChange(10.0), StandardErrorGain(10.0)])
def test_changes_are_judged_neither_at_the_start_nor_at_the_first_answer_that_counts(rule):
    assert reason_of(rule, n_items=0) == GOES_ON
    assert reason_of(rule, n_items=1) == GOES_ON
    assert reason_of(rule, n_items=4, n_left_out=3) == GOES_ON
    assert reason_of(rule, n_items=5, n_left_out=3) != GOES_ON
    assert reason_of(rule, n_items=2) != GOES_ON


@pytest.mark.parametrize("rule", [ThetaChange(10.0), StandardErrorGain(10.0)])
def test_an_answer_that_does_not_count_changes_nothing_and_settles_nothing(rule):
    pretest_last = mixed_pool(operational=np.arange(40) != 4)
    assert reason_of(rule, n_items=5, pool=pretest_last) == GOES_ON
    pool = mixed_pool()
    state = state_of(pool, [0, 1, 2], [1, 1, -1])
    policy = Policy(stopping=Stopping(rule=rule))
    left_out = stop_reason(pool, policy, state, ability_of(0.0, 1.0), ~state.administered)
    assert left_out.tolist() == [GOES_ON]


def test_information_is_left_while_one_item_that_may_be_selected_has_as_much_as_the_limit():
    pool = mixed_pool()
    theta = np.array([0.3])
    information = item_information(pool.parameters, theta)[:, 0]
    information[:5] = 0.0
    best = information.max()
    rule, above = InformationLeft(float(best)), InformationLeft(float(np.nextafter(best, 10)))
    assert reason_of(rule, pool=pool) == GOES_ON
    assert reason_of(above, pool=pool) == StopReason.INFORMATION_LEFT
    others = np.arange(40) != information.argmax()
    assert reason_of(rule, pool=pool, available=others) == StopReason.INFORMATION_LEFT


def test_no_information_is_left_without_items_and_pretest_items_have_none():
    assert reason_of(InformationLeft(1e-9), available=False) == StopReason.INFORMATION_LEFT
    pool = mixed_pool(operational=np.arange(40) < 5)
    assert reason_of(InformationLeft(1e-9), pool=pool) == StopReason.INFORMATION_LEFT


def test_a_certain_level_ends_a_test():
    interval = Classified(Classifier.INTERVAL, confidence=0.95)
    assert reason_of(interval, theta=1.0, error=0.5, cuts=(0.0,)) == StopReason.CLASSIFIED
    assert reason_of(interval, theta=0.9, error=0.5, cuts=(0.0,)) == GOES_ON


@pytest.mark.parametrize(
    ("precise", "settled", "by_or", "by_or_turned", "by_and"),
    [
        (PRECISE, SETTLED, StopReason.STANDARD_ERROR, StopReason.THETA_CHANGE, COMBINED),
        (PRECISE, UNSETTLED, StopReason.STANDARD_ERROR, StopReason.STANDARD_ERROR, GOES_ON),
        (IMPRECISE, SETTLED, StopReason.THETA_CHANGE, StopReason.THETA_CHANGE, GOES_ON),
        (IMPRECISE, UNSETTLED, GOES_ON, GOES_ON, GOES_ON),
    ],
)
def test_or_is_named_after_its_first_rule_that_holds_and_and_needs_both(
    precise, settled, by_or, by_or_turned, by_and
):
    assert reason_of(AnyOf((precise, settled))) == by_or
    assert reason_of(AnyOf((settled, precise))) == by_or_turned
    assert reason_of(AllOf((precise, settled))) == by_and
    assert reason_of(AllOf((settled, precise))) == by_and


def test_rules_of_one_kind_combine_under_their_own_name():
    assert reason_of(AllOf((PRECISE, StandardError(0.6)))) == StopReason.STANDARD_ERROR
    assert reason_of(AllOf((PRECISE,))) == StopReason.STANDARD_ERROR
    assert reason_of(AnyOf((IMPRECISE, PRECISE))) == StopReason.STANDARD_ERROR


def test_combinations_nest():
    both = AllOf((PRECISE, SETTLED))
    one, other = AnyOf((UNSETTLED, PRECISE)), AnyOf((IMPRECISE, SETTLED))
    assert reason_of(AnyOf((IMPRECISE, both))) == COMBINED
    assert reason_of(AnyOf((both, PRECISE))) == COMBINED
    assert reason_of(AllOf((one, other))) == COMBINED
    assert reason_of(AllOf((one, PRECISE))) == StopReason.STANDARD_ERROR
    assert reason_of(AllOf((both, IMPRECISE))) == GOES_ON


EVERYTHING = AnyOf(
    (
        AllOf((StandardError(0.35), TimeSpent(90.0))),
        Classified(Classifier.SPRT, indifference=0.4),
        Classified(Classifier.GLR, indifference=0.5),
        Classified(Classifier.INTERVAL, confidence=0.99),
        ThetaChange(0.01),
        StandardErrorGain(0.005),
        InformationLeft(0.25),
    )
)


def test_a_decision_does_not_depend_on_who_else_is_in_the_batch():
    rng = np.random.default_rng(5)
    pool = mixed_pool(80)
    n = 200
    items = np.array([rng.permutation(80)[:12] for _ in range(n)])
    scores = rng.integers(-1, 2, items.shape)
    state = state_of(pool, items, scores, 10.0, (rng.normal(size=n), rng.uniform(0.3, 0.5, n)))
    ability = ability_of(state.theta + rng.normal(0, 0.1, n), rng.uniform(0.3, 0.5, n))
    available = ~state.administered & (rng.random((n, 80)) < 0.5)
    policy = Policy(stopping=Stopping(3, 30, EVERYTHING), cuts=(-0.6, 0.7))
    together = stop_reason(pool, policy, state, ability, available)
    alone = [
        stop_reason(
            pool,
            policy,
            state.take([one]),
            ability_of(ability.theta[one], ability.standard_error[one]),
            available[[one]],
        ).tolist()[0]
        for one in range(n)
    ]
    assert together.tolist() == alone
    assert len(set(alone)) > 4


def test_simulated_sessions_end_by_their_rules_and_not_before_their_minimums():
    rng = np.random.default_rng(8)
    algebra = rng.random(120) < 0.2
    pool = mixed_pool(120, categories={"algebra": algebra}, seconds=rng.uniform(20, 60, 120))
    rule = AnyOf((TimeSpent(800.0), AllOf((StandardError(0.4), ThetaChange(0.1)))))
    blueprint = Blueprint(areas=(AreaBound("algebra", minimum=3),))
    policy = Policy(stopping=Stopping(8, 20, rule), blueprint=blueprint)
    sessions = simulate_sessions(pool, policy, rng.normal(0, 1.5, 300), 4)
    in_algebra = (algebra[sessions.items] & (sessions.items >= 0)).sum(axis=1)
    by_rule = sessions.stop == COMBINED
    assert set(sessions.stop.tolist()) == {COMBINED, StopReason.TIME, StopReason.MAXIMUM_LENGTH}
    assert (sessions.length[by_rule] >= 8).all()
    assert (in_algebra[by_rule] >= 3).all()
    assert (sessions.standard_error[by_rule] <= 0.4).all()
    assert (sessions.elapsed[sessions.stop == StopReason.TIME] >= 800).all()
    assert (sessions.elapsed[sessions.stop != StopReason.TIME] < 800).all()
    assert (sessions.length[sessions.stop == StopReason.MAXIMUM_LENGTH] == 20).all()


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: StandardError(0.0), Fault.of("not_positive", name="at_most", value=0.0)),
        (lambda: StandardError(NAN), Fault.of("not_positive", name="at_most", value=NAN)),
        (lambda: StandardErrorGain(-1.0), Fault.of("not_positive", name="below", value=-1.0)),
        (lambda: ThetaChange(np.inf), Fault.of("not_positive", name="below", value=np.inf)),
        (lambda: InformationLeft(0.0), Fault.of("not_positive", name="below", value=0.0)),
        (lambda: TimeSpent(-5.0), Fault.of("not_positive", name="seconds", value=-5.0)),
        (
            lambda: Classified(Classifier.SPRT, alpha=0.5),
            Fault.of("no_error_rate", name="alpha", value=0.5),
        ),
        (
            lambda: Classified(Classifier.SPRT, beta=0.0),
            Fault.of("no_error_rate", name="beta", value=0.0),
        ),
        (
            lambda: Classified(Classifier.GLR, indifference=0.0),
            Fault.of("not_positive", name="indifference", value=0.0),
        ),
        (
            lambda: Classified(Classifier.INTERVAL, confidence=1.0),
            Fault.of("no_confidence", value=1.0),
        ),
        (lambda: AnyOf(()), Fault.of("empty_combination")),
        (lambda: AllOf(()), Fault.of("empty_combination")),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_its_fault(make, fault):
    with pytest.raises(ImpossibleValue) as refused:
        make()
    assert refused.value.fault == fault
    assert str(refused.value) == str(fault)
