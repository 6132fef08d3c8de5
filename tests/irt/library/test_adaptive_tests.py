"""Simulated adaptive tests are those of the engine, with labels."""

import numpy as np
import pytest

import irt
from irt.policy.policy import Estimation
from irt.policy.stopping_rules import StandardError
from irt.simulation.sequential import simulate_in_sequence
from irt.simulation.sessions import simulate_sessions
from tests.irt.library.studies import bank_of, persons_of, responses_of

SAME = np.testing.assert_array_equal
THETA = persons_of(60)


def pool_of(bank):
    return irt.build_pool(np.arange(bank.n_items), bank.parameters, irt.normal_grid())


def test_the_sessions_are_those_of_the_engine():
    bank = bank_of(30)
    test = irt.simulate_adaptive_test(
        bank, THETA, standard_error=0.45, min_items=3, max_items=12, seed=4
    )
    policy = irt.Policy(stopping=irt.Stopping(min_items=3, max_items=12, rule=StandardError(0.45)))
    deep = simulate_sessions(pool_of(bank), policy, THETA, 4)
    SAME(test.sessions.items, deep.items)
    columns = test.to_columns()
    SAME(columns["theta"], deep.theta)
    SAME(columns["n_items"], deep.length)
    assert set(columns["stop"]) <= {"standard error", "maximum length"}
    SAME(test.item_use().to_columns()["exposure"].max(), test.study.exposure.rates.max())
    again = irt.simulate_adaptive_test(bank, THETA, policy=policy, seed=4)
    SAME(again.sessions.scores, test.sessions.scores)


def test_a_fit_brings_its_population_as_prior():
    fit = irt.fit_model(responses_of(bank_of(12), 500), "rasch")
    test = irt.simulate_adaptive_test(fit, THETA, max_items=5, seed=1)
    own = fit.calibration
    assert test.policy.estimation == Estimation(prior_sd=float(own.group_variance[0]) ** 0.5)


def test_a_session_is_told_answer_by_answer():
    bank = bank_of(20)
    test = irt.simulate_adaptive_test(bank, [0.3, -1.0], max_items=6, seed=2, persons=["Ann", "Bo"])
    session = test.session("Bo").to_columns()
    assert session["position"].tolist() == [1, 2, 3, 4, 5, 6]
    assert session["theta"][-1] == test.to_columns()["theta"][1]
    assert session["theta"][0] == test.sessions.theta_at[1, 1]
    answered = test.responses.take(np.array([1]))
    assert set(answered.to_columns()["item"]) == set(session["item"])
    SAME(answered.sum_score, [session["score"].sum()])
    with pytest.raises(irt.InputError, match="no examinee 'Cy'"):
        test.session("Cy")


def test_the_printed_test_tells_length_error_and_use():
    text = str(irt.simulate_adaptive_test(bank_of(30), THETA, max_items=8, seed=3))
    assert "60 adaptive tests of 30 items, D = 1" in text
    assert "items    8.0 on average, 8 to 8" in text
    assert "stopped  100% maximum length" in text
    assert "mean_items" in text


def test_a_rule_that_the_items_cannot_fulfill_is_named():
    test = irt.simulate_adaptive_test(bank_of(10), THETA, standard_error=0.1, max_items=8, seed=3)
    assert (
        str(test)
        .splitlines()[-1]
        .startswith("! unreachable standard error (at most 0.1, needed 99, count 8, given ")
    )


def test_eligibility_is_simulated_in_sequence():
    bank = bank_of(40)
    policy = irt.Policy(
        stopping=irt.Stopping(max_items=5),
        exposure=irt.Exposure(method=irt.ExposureMethod.ELIGIBILITY, rate=0.3),
    )
    theta = persons_of(400)
    test = irt.simulate_adaptive_test(bank, theta, policy=policy, seed=1)
    SAME(test.sessions.items, simulate_in_sequence(pool_of(bank), policy, theta, 1).items)
    uncontrolled = irt.simulate_adaptive_test(bank, theta, max_items=5, seed=1)
    assert test.study.exposure.maximum < 0.6 < uncontrolled.study.exposure.maximum


def test_content_areas_come_with_attributes():
    algebra = np.arange(20) % 2 == 0
    policy = irt.Policy(
        stopping=irt.Stopping(max_items=6),
        blueprint=irt.Blueprint(areas=(irt.AreaBound("algebra", minimum=4, maximum=4),)),
    )
    test = irt.simulate_adaptive_test(
        bank_of(20),
        THETA,
        policy=policy,
        attributes=irt.Attributes(categories={"algebra": algebra}),
        seed=1,
    )
    SAME(algebra[test.sessions.items].sum(axis=1), np.full(60, 4))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"theta": [np.nan]}, "finite abilities"),
        ({"theta": [0.0], "standard_error": -1.0}, "must be a positive number"),
        (
            {
                "theta": [0.0],
                "policy": irt.Policy(cuts=(0.0,)),
                "standard_error": 0.3,
            },
            "not both",
        ),
        ({"theta": [0.0], "standard_error": np.inf}, "not positive"),
        ({"theta": [0.0], "min_items": 9, "max_items": 3}, "min_items <= max_items"),
        ({"theta": [0.0], "max_items": 0}, "min_items <= max_items"),
        ({"theta": [0.0], "policy": irt.Policy(), "max_items": 3}, "not both"),
        ({"theta": [0.0, 1.0], "persons": ["Ann"]}, "1 labels for 2 persons"),
    ],
)
def test_impossible_tests_are_refused(arguments, sentence):
    with pytest.raises(irt.InputError, match=sentence):
        irt.simulate_adaptive_test(bank_of(5), arguments.pop("theta"), seed=1, **arguments)
