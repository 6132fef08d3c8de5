import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irt.faults import Fault
from irt.policy.stopping_json import MAX_DEPTH, RuleError, rule_from_json, rule_to_json
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    Classifier,
    InformationLeft,
    StandardError,
    StandardErrorGain,
    ThetaChange,
    TimeSpent,
)

positive = st.floats(1e-300, 1e300)
rates = st.floats(1e-300, 0.5, exclude_max=True)
simple_rules = st.one_of(
    *(
        st.builds(kind, positive)
        for kind in (StandardError, StandardErrorGain, ThetaChange, InformationLeft, TimeSpent)
    ),
    st.builds(
        Classified,
        st.sampled_from(Classifier),
        rates,
        rates,
        positive,
        st.floats(1e-300, 1.0, exclude_max=True),
    ),
)


def combined(rules):
    return st.one_of(st.builds(kind, rules) for kind in (AnyOf, AllOf))


def nested(depth):
    if depth == 0:
        return simple_rules
    below = nested(depth - 1)
    return simple_rules | combined(st.lists(below, min_size=1, max_size=3).map(tuple))


@given(nested(3))
def test_every_rule_survives_the_way_through_json(rule):
    assert rule_from_json(json.loads(json.dumps(rule_to_json(rule)))) == rule


def test_the_form_is_the_one_that_is_documented():
    rule = AnyOf(
        (
            StandardError(0.3),
            AllOf((ThetaChange(0.02), StandardErrorGain(0.01), TimeSpent(1200.0))),
            Classified(Classifier.SPRT),
            InformationLeft(0.1),
        )
    )
    assert rule_to_json(rule) == {
        "any": [
            {"standard_error": {"at_most": 0.3}},
            {
                "all": [
                    {"theta_change": {"below": 0.02}},
                    {"standard_error_gain": {"below": 0.01}},
                    {"time": {"seconds": 1200.0}},
                ]
            },
            {
                "classified": {
                    "method": "sprt",
                    "alpha": 0.05,
                    "beta": 0.05,
                    "indifference": 0.2,
                    "confidence": 0.95,
                }
            },
            {"information_left": {"below": 0.1}},
        ]
    }


def test_what_has_a_default_may_be_left_out_and_whole_numbers_are_numbers():
    assert rule_from_json({"classified": {"method": "glr"}}) == Classified(Classifier.GLR)
    assert rule_from_json({"time": {"seconds": 60}}) == TimeSpent(60.0)


NO_RULE = Fault.of("no_single_rule")
NAMES = (
    "standard_error, standard_error_gain, theta_change, information_left, classified, time, any, "
    "all"
)
NO_METHOD = Fault.of("unknown_choice", name="method", known="sprt, glr, interval")
NAN = float("nan")
PRECISE = {"standard_error": {"at_most": 0.3}}


@pytest.mark.parametrize(
    ("data", "path", "fault"),
    [
        (None, "", NO_RULE),
        ([], "", NO_RULE),
        ({}, "", NO_RULE),
        (PRECISE | {"time": {"seconds": 1}}, "", NO_RULE),
        ({"se": {"at_most": 0.3}}, "", Fault.of("unknown_rule", name="se", known=NAMES)),
        ({1: 2}, "", Fault.of("unknown_rule", name=1, known=NAMES)),
        ({"any": []}, "any", Fault.of("empty_combination")),
        ({"all": PRECISE}, "all", Fault.of("empty_combination")),
        ({"any": [PRECISE, 3]}, "any[1]", NO_RULE),
        ({"time": 60}, "time", Fault.of("values_no_object")),
        ({"time": {}}, "time", Fault.of("missing_value", name="seconds")),
        (
            {"time": {"seconds": 60, "minutes": 1}},
            "time",
            Fault.of("unknown_value", name="minutes", known="seconds"),
        ),
        ({"time": {"seconds": "60"}}, "time", Fault.of("no_number", name="seconds")),
        ({"time": {"seconds": True}}, "time", Fault.of("no_number", name="seconds")),
        ({"time": {"seconds": 10**400}}, "time", Fault.of("too_large", name="seconds")),
        (
            {"any": [PRECISE, {"all": [{"standard_error": {"at_most": -1}}]}]},
            "any[1].all[0].standard_error",
            Fault.of("not_positive", rule="standard_error", name="at_most", value=-1.0),
        ),
        (
            {"theta_change": {"below": NAN}},
            "theta_change",
            Fault.of("not_positive", rule="theta_change", name="below", value=NAN),
        ),
        ({"classified": {}}, "classified", Fault.of("missing_value", name="method")),
        (
            {"classified": {"method": "wald"}},
            "classified",
            NO_METHOD,
        ),
        ({"classified": {"method": []}}, "classified", NO_METHOD),
        (
            {"all": [{"classified": {"method": "sprt", "alpha": 0.7}}]},
            "all[0].classified",
            Fault.of("no_error_rate", rule="classified", name="alpha", value=0.7),
        ),
    ],
)
def test_json_that_is_no_rule_is_refused_with_its_place_and_its_fault(data, path, fault):
    with pytest.raises(RuleError) as caught:
        rule_from_json(data)
    assert (caught.value.path, caught.value.fault) == (path, fault)
    assert str(caught.value) == (f"{path}: {fault}" if path else str(fault))


def in_lists(depth):
    data = PRECISE
    for _ in range(depth):
        data = {"any": [data]}
    return data


def test_combinations_nest_so_deep_and_no_deeper():
    assert rule_to_json(rule_from_json(in_lists(MAX_DEPTH))) == in_lists(MAX_DEPTH)
    for too_deep in (MAX_DEPTH + 1, 5000):
        with pytest.raises(RuleError) as caught:
            rule_from_json(in_lists(too_deep))
        assert caught.value.fault == Fault.of("nested_too_deep", most=8)
