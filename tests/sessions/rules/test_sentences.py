"""What the engine finds, in the words of the pages; the engine itself gives codes and values."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.utils import translation

from irt.faults import Fault
from irt.policy.stopping_json import RuleError, rule_from_json
from sessions.rules.contradictions import describe_fault
from sessions.rules.settings.groups import FAULTS
from sessions.rules.stopping_words import REASONS, describe_rule_fault

POLICY_FAULTS = ("constraints/feasibility.py", "stopping/faults.py")
RULE_FAULTS = ("policy/stopping_json.py", "policy/stopping_rules.py")
PLACEHOLDER = re.compile(r"%\((\w+)\)")
STIMULI = {5: "passage-1"}


def told_by_the_engine(names):
    """{code: names of its values} of each fault that modules of irt can find."""
    found = {}
    for name in names:
        source = Path(site.BASE_DIR, "irt", name).read_text("utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Fault.of":
                values = {keyword.arg for keyword in node.keywords}
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found[code.value] = values
                elif isinstance(code, ast.JoinedStr):
                    found |= {f"too_many_{kind}": values for kind in ("words", "seconds")}
    return found


def test_every_fault_of_the_engine_has_a_sentence_of_its_values():
    found = told_by_the_engine(POLICY_FAULTS)
    assert found.keys() == FAULTS.keys()
    for code, (_field, sentence) in FAULTS.items():
        used = set(PLACEHOLDER.findall(str(sentence))) - {"percent"}
        assert (code, used - found[code]) == (code, set())


def test_every_fault_of_a_stopping_rule_has_a_reason_of_its_values():
    found = told_by_the_engine(RULE_FAULTS)
    assert found.keys() == REASONS.keys()
    for code, reason in REASONS.items():
        used = set(PLACEHOLDER.findall(str(reason))) - {"what"}
        assert (code, used - found[code]) == (code, set())


@pytest.mark.parametrize(
    ("fault", "field", "sentence"),
    [
        (
            Fault.of("too_few_items", needed=10, available=9),
            "min_items",
            "A test of at least 10 items needs as many operational items, the bank has 9: release "
            "more of them or lower the fewest items.",
        ),
        (
            Fault.of("shadow_test_too_few_items", needed=8, available=6),
            "max_items",
            "A shadow test always holds the most items, 8, and the bank has 6 operational ones: "
            "lower the most items or release more.",
        ),
        (
            Fault.of("cuts_not_rising", cuts="0.5, -0.5"),
            "cut_scores",
            "The cut scores must be finite and rise, not 0.5, -0.5.",
        ),
        (
            Fault.of(
                "unreachable_standard_error",
                at_most=0.2,
                needed=24.0000001,
                count=64,
                given=15.96,
                theta=-0.04,
            ),
            "stopping_rule",
            "A standard error of 0.2 is out of reach: it needs information 24.0, and the 64 most "
            "informative items give at most 16.0, at θ = -0.0. Allow a larger error or a longer "
            "test, or release more informative items.",
        ),
        (
            Fault.of("information_never_left", below=0.26, given=0.25, theta=0.0),
            "stopping_rule",
            "No item has information 0.26 at any θ, the most is 0.25 at θ = 0.0, so that every "
            "test would end at once: lower the limit of the information left.",
        ),
        (
            Fault.of("classification_without_cuts"),
            "cut_scores",
            "A test that ends when the level is certain needs a cut score: add one or choose "
            "another rule.",
        ),
        (
            Fault.of("indifference_overlaps", apart=0.375, limit=0.1875, indifference=0.25),
            "stopping_rule",
            "The cut scores are only 0.375 apart, so that their indifference regions of ±0.25 "
            "overlap: make the indifference 0.1875 at most.",
        ),
        (
            Fault.of("unknown_area", area="algebr", known="algebra"),
            "blueprint",
            "The bank has no content area algebr; it has: algebra.",
        ),
        (
            Fault.of("unknown_area", area="algebra", known=""),
            "blueprint",
            "The bank has no content area algebra; it has: none.",
        ),
        (
            Fault.of("unknown_set", stimulus=5),
            "blueprint",
            "Stimulus passage-1 has no operational item in the bank: release some, or take its "
            "bound out of the blueprint.",
        ),
        (
            Fault.of("area_too_few_items", area="algebra", needed=12, available=9),
            "blueprint",
            "algebra needs 12 operational items, the bank has 9: release more of them or ask for "
            "fewer.",
        ),
        (
            Fault.of("area_too_few_together", area="algebra", needed=3, available=4, together=2),
            "blueprint",
            "algebra needs 3 operational items; the bank has 4, but enemies and stimulus sets let "
            "at most 2 of them into one test: release more of them or ask for fewer.",
        ),
        (
            Fault.of("share_outside_bounds", area="x", share=0.45, length=10, wanted=4.5),
            "blueprint",
            "x: 45% of 10 items are 4.5, which is not between its minimum and maximum. Change the "
            "share or the bounds.",
        ),
        (
            Fault.of("shares_above_one", total=1.1),
            "blueprint",
            "The shares of the areas add up to 110%; they may add up to 100%.",
        ),
        (
            Fault.of("set_too_small", stimulus=5, available=2, needed=3),
            "blueprint",
            "Stimulus passage-1 has 2 operational items, and a set that is entered gives at least "
            "3: release more items of it or lower the minimum of sets.",
        ),
        (
            Fault.of("set_longer_than_test", stimulus=6, needed=3, length=2),
            "blueprint",
            "Stimulus 6 gives at least 3 items, and the test has at most 2: lower the minimum of "
            "sets or allow a longer test.",
        ),
        (
            Fault.of("areas_cross", first="x", second="y"),
            "blueprint",
            "x and y share some items but neither holds the other, which maximum priority cannot "
            "plan: choose shadow tests, or bound only one of them.",
        ),
        (
            Fault.of("set_across_areas", stimulus=5),
            "blueprint",
            "The items of stimulus passage-1 lie in areas with different bounds, which maximum "
            "priority cannot plan: choose shadow tests, or bound only an area that holds all of "
            "them.",
        ),
        (
            Fault.of("nested_minimums_above_maximum", area="math", maximum=3, needed=4),
            "blueprint",
            "math may give at most 3 items, but the areas within it need 4: raise the maximum or "
            "lower their minimums.",
        ),
        (
            Fault.of("nested_maximums_below_minimum", area="math", minimum=4, allowed=3),
            "blueprint",
            "math needs 4 items, but the maximums of the areas within it allow 3: raise them or "
            "lower the minimum.",
        ),
        (
            Fault.of("minimums_above_length", needed=6, length=5),
            "blueprint",
            "The minimums of the areas need 6 items, and the test has at most 5: lower them or "
            "allow a longer test.",
        ),
        (
            Fault.of("maximums_below_length", allowed=5, length=6),
            "blueprint",
            "Areas, enemies and stimulus sets allow at most 5 items, and the test needs 6: raise "
            "the maximums, shorten the test or release more items.",
        ),
        (
            Fault.of("too_many_words", count=3, load=210.0, limit=200.0),
            "blueprint",
            "The 3 items with the fewest words that make a test of the blueprint have 210 words, "
            "the limit is 200: raise it or shorten the test.",
        ),
        (
            Fault.of("too_many_seconds", count=3, load=16.5, limit=15.0),
            "blueprint",
            "The 3 shortest items that make a test of the blueprint take 16.5 seconds, the limit "
            "is 15: raise it or shorten the test.",
        ),
        (
            Fault.of("cannot_hold_together", constraints="length <= 8, algebra >= 9"),
            "blueprint",
            "No test from the bank keeps all of these together: length ≤ 8, algebra ≥ 9. Relax one "
            "of them or release more items.",
        ),
        (Fault.of("new", n=3), "blueprint", "new: n=3"),
    ],
    ids=lambda value: value.code if isinstance(value, Fault) else "",
)
def test_a_fault_is_told_at_its_setting_in_its_sentence(fault, field, sentence):
    with translation.override("en"):
        assert describe_fault(fault, STIMULI) == (field, sentence)


NAMES = (
    "standard_error, standard_error_gain, theta_change, information_left, classified, time, any, "
    "all"
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "a rule is an object with one key, the name of the rule"),
        ({"se": {"at_most": 0.3}}, f"'se' is no rule; there are {NAMES}"),
        ({"any": []}, "a combination is a list of at least one rule"),
        ({"time": 60}, "the values of a rule are an object"),
        ({"time": {}}, "seconds is missing"),
        (
            {"time": {"seconds": 60, "minutes": 1}},
            "'minutes' is no value of this rule; it has seconds",
        ),
        ({"time": {"seconds": "60"}}, "seconds is a number"),
        ({"time": {"seconds": 10**400}}, "seconds is too large"),
        (
            {"standard_error": {"at_most": -1}},
            "a standard error to reach must be a positive number, not -1.0",
        ),
        (
            {"standard_error_gain": {"below": 0}},
            "a limit for the gain in standard error must be a positive number, not 0.0",
        ),
        (
            {"theta_change": {"below": float("nan")}},
            "a limit for the change of theta must be a positive number, not nan",
        ),
        (
            {"information_left": {"below": 0}},
            "a limit for the information left must be a positive number, not 0.0",
        ),
        (
            {"time": {"seconds": -5}},
            "the seconds of a time rule must be a positive number, not -5.0",
        ),
        ({"classified": {"method": "wald"}}, "method is one of sprt, glr, interval"),
        (
            {"classified": {"method": "sprt", "alpha": 0.7}},
            "alpha is an error rate between 0 and 0.5, not 0.7",
        ),
        (
            {"classified": {"method": "glr", "indifference": 0}},
            "the indifference around a cut score must be a positive number, not 0.0",
        ),
        (
            {"classified": {"method": "interval", "confidence": 1}},
            "the confidence must lie between 0 and 1, not 1.0",
        ),
    ],
    ids=str,
)
def test_json_that_is_no_stopping_rule_is_told_in_a_reason(data, reason):
    with pytest.raises(RuleError) as refused:
        rule_from_json(data)
    with translation.override("en"):
        assert describe_rule_fault(refused.value.fault) == reason


def test_combinations_that_nest_too_deep_are_told_in_a_reason():
    fault = Fault.of("nested_too_deep", most=8)
    with translation.override("en"):
        assert describe_rule_fault(fault) == "combinations nest at most 8 deep"


def test_faults_are_told_in_the_language_of_the_page():
    fault = Fault.of("not_positive", rule="time", name="seconds", value=-5.0)
    with translation.override("ko"):
        assert describe_rule_fault(fault) == "양수가 필요합니다(시간 규칙의 초): -5.0"
