import numpy as np
import pytest

from irt.faults import Fault
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Estimation, Estimator, Policy
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    Classifier,
    InformationLeft,
    StandardError,
    StandardErrorGain,
    Stopping,
    ThetaChange,
    TimeSpent,
)
from irt.stopping.faults import stopping_faults
from tests.irt.stopping_states import mixed_pool, pool_of


def rasch_pool(n_items, **attributes):
    """Each item has information 1/4 at theta 0, the most that it has anywhere."""
    rows = [(Model.RASCH, 1.0, 0.0, 0.0, 1.0)] * n_items
    return pool_of(ItemParameters.from_rows(rows), **attributes)


def faults(pool, rule, *, cuts=(), estimation=None, min_items=1, max_items=30):
    policy = Policy(
        estimation=estimation or Estimation(),
        stopping=Stopping(min_items, max_items, rule),
        cuts=cuts,
    )
    return stopping_faults(pool, policy)


def test_a_fault_is_a_code_and_values_and_reads_as_such():
    fault = Fault("too_few", (("needed", 3), ("given", "x")))
    assert fault == Fault.of("too_few", needed=3, given="x")
    assert str(fault) == "too_few: needed=3, given=x"
    assert str(Fault("no_cut")) == "no_cut"


def test_rules_that_can_hold_have_no_faults():
    rule = AnyOf(
        (
            StandardError(0.4),
            AllOf((ThetaChange(0.1), StandardErrorGain(0.1), TimeSpent(60.0))),
            InformationLeft(0.2),
            Classified(Classifier.SPRT),
        )
    )
    assert faults(mixed_pool(), rule, cuts=(-0.5, 0.5)) == []
    assert faults(mixed_pool(), None) == []


def test_an_error_that_the_best_items_do_not_reach_is_a_fault_with_the_numbers():
    # 64 items: information 16 and the prior's 1: a standard error of 1 / sqrt(17) = 0.2425.
    pool = rasch_pool(100)
    assert faults(pool, StandardError(0.2426), max_items=64) == []
    [fault] = faults(pool, StandardError(0.2), max_items=64)
    assert fault.code == "unreachable_standard_error"
    assert dict(fault.values) == pytest.approx(
        {"at_most": 0.2, "needed": 24.0, "count": 64, "given": 16.0, "theta": 0.0}
    )


@pytest.mark.parametrize(
    ("estimator", "prior_sd", "reached"),
    [
        (Estimator.EAP, 1.0, 17.0),
        (Estimator.MAP, 0.5, 20.0),
        (Estimator.ML, 1.0, 16.0),
        (Estimator.WLE, 0.5, 16.0),
    ],
)
def test_the_prior_informs_the_estimators_that_use_it(estimator, prior_sd, reached):
    estimation = Estimation(interim=estimator, prior_sd=prior_sd)
    for information, n_faults in ((reached * 0.999, 0), (reached * 1.001, 1)):
        rule = StandardError(information**-0.5)
        found = faults(rasch_pool(64), rule, estimation=estimation, max_items=64)
        assert len(found) == n_faults


def test_the_best_items_are_those_that_the_bank_has_and_pretest_items_are_none():
    pool = rasch_pool(100, operational=np.arange(100) < 16)
    [fault] = faults(pool, StandardError(0.3), max_items=64)
    assert dict(fault.values) == pytest.approx(
        {"at_most": 0.3, "needed": 0.3**-2 - 1, "count": 16, "given": 4.0, "theta": 0.0}
    )


def test_an_unreachable_error_is_found_within_combinations_and_once():
    rule = AnyOf((TimeSpent(60.0), AllOf((ThetaChange(0.1), StandardError(1e-200)))))
    assert len(faults(rasch_pool(10), rule)) == 1
    twice = AllOf((StandardError(0.01), AnyOf((StandardError(0.01), TimeSpent(1.0)))))
    assert len(faults(rasch_pool(10), twice)) == 1


def test_a_limit_of_information_that_no_item_has_is_a_fault():
    assert faults(rasch_pool(5), InformationLeft(0.25)) == []
    [fault] = faults(rasch_pool(5), InformationLeft(0.26))
    assert fault.code == "information_never_left"
    assert dict(fault.values) == pytest.approx({"below": 0.26, "given": 0.25, "theta": 0.0})


def test_fewer_operational_items_than_the_minimum_length_are_a_fault():
    pool = rasch_pool(12, operational=np.arange(12) < 9)
    assert faults(pool, None, min_items=9) == []
    assert faults(pool, None, min_items=10) == [Fault.of("too_few_items", needed=10, available=9)]


def test_a_pool_without_operational_items_has_that_fault_alone():
    pool = rasch_pool(12, operational=np.zeros(12, bool))
    rule = AnyOf((StandardError(0.1), InformationLeft(9.0)))
    assert faults(pool, rule) == [Fault.of("too_few_items", needed=1, available=0)]


@pytest.mark.parametrize("method", list(Classifier))
def test_a_classification_needs_a_cut_score(method):
    assert faults(mixed_pool(), Classified(method)) == [Fault.of("classification_without_cuts")]


@pytest.mark.parametrize(
    ("cuts", "shown"),
    [
        ((0.5, -0.5), "0.5, -0.5"),
        ((0.5, 0.5), "0.5, 0.5"),
        ((np.inf, np.inf), "inf, inf"),
        ((np.nan,), "nan"),
    ],
)
def test_cut_scores_rise(cuts, shown):
    expected = [Fault.of("cuts_not_rising", cuts=shown)]
    assert faults(mixed_pool(), Classified(Classifier.SPRT), cuts=cuts) == expected
    assert faults(mixed_pool(), None, cuts=cuts) == expected


def test_indifference_regions_may_touch_and_must_not_overlap():
    sprt, glr = (
        Classified(method, indifference=0.25) for method in (Classifier.SPRT, Classifier.GLR)
    )
    assert faults(mixed_pool(), sprt, cuts=(-1.0, 0.0, 0.5)) == []
    for rule in (sprt, glr):
        assert faults(mixed_pool(), rule, cuts=(-1.0, 0.0, 0.375)) == [
            Fault.of("indifference_overlaps", apart=0.375, limit=0.1875, indifference=0.25)
        ]
    tenth = Classified(Classifier.SPRT, indifference=0.1)
    assert faults(mixed_pool(), tenth, cuts=(0.1, 0.3)) == []
    interval = Classified(Classifier.INTERVAL, indifference=0.25)
    assert faults(mixed_pool(), interval, cuts=(0.0, 0.1)) == []
