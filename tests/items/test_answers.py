import pytest

from common.errors import InvalidInput
from items.answers import ScoringRule, check_and_score, scoring_rule
from tests.factories import choice_content, likert_content, make_bank, make_item, numeric_content

CHOICE = ScoringRule("single_choice", 1, {1: 0, 2: 1, 3: 0}, ())
LIKERT = ScoringRule("likert", 4, {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}, ())
ALL_OR_NOTHING = ScoringRule("multiple_response", 1, {1: 1, 2: 0, 3: 1, 4: 0}, ())
PARTIAL = ScoringRule("multiple_response", 3, {1: 2, 2: 1, 3: 0}, ())
NUMBER = ScoringRule("numeric", 2, {}, ((2.9, 3.1, 1), (3.0, 3.0, 2), (-1.5, -1.5, 1)))


@pytest.mark.parametrize(
    ("rule", "answer", "normal", "score"),
    [
        (CHOICE, {"option": 2}, {"option": 2}, 1),
        (CHOICE, {"option": 3}, {"option": 3}, 0),
        (LIKERT, {"option": 4}, {"option": 4}, 3),
        (ALL_OR_NOTHING, {"options": [3, 1]}, {"options": [1, 3]}, 1),
        (ALL_OR_NOTHING, {"options": [1]}, {"options": [1]}, 0),
        (ALL_OR_NOTHING, {"options": [1, 2, 3]}, {"options": [1, 2, 3]}, 0),
        (ALL_OR_NOTHING, {"options": []}, {"options": []}, 0),
        (PARTIAL, {"options": [1]}, {"options": [1]}, 2),
        (PARTIAL, {"options": [2, 1]}, {"options": [1, 2]}, 3),
        (PARTIAL, {"options": [1, 3]}, {"options": [1, 3]}, 0),
        (NUMBER, {"number": "3"}, {"number": "3"}, 2),
        (NUMBER, {"number": 3}, {"number": "3"}, 2),
        (NUMBER, {"number": 3.05}, {"number": "3.05"}, 1),
        (NUMBER, {"number": " 3,0 "}, {"number": "3.0"}, 2),
        (NUMBER, {"number": "6/2"}, {"number": "6/2"}, 2),
        (NUMBER, {"number": "6 / 2"}, {"number": "6 / 2"}, 2),
        (NUMBER, {"number": "-1.5"}, {"number": "-1.5"}, 1),
        (NUMBER, {"number": "\u22121.5"}, {"number": "-1.5"}, 1),
        (NUMBER, {"number": "-1 1/2"}, {"number": "-1 1/2"}, 1),
        (NUMBER, {"number": "+3."}, {"number": "+3."}, 2),
        (NUMBER, {"number": "4,000"}, {"number": "4000"}, 0),
        (NUMBER, {"number": "3,00"}, {"number": "3.00"}, 2),
        (NUMBER, {"number": "1.234,5"}, {"number": "1234.5"}, 0),
        (NUMBER, {"number": "\u0663"}, {"number": "3"}, 2),
        (NUMBER, {"number": 1e-7}, {"number": "1e-07"}, 0),
        (NUMBER, {"number": "4"}, {"number": "4"}, 0),
    ],
)
def test_answers_and_their_scores(rule, answer, normal, score):
    assert check_and_score(rule, answer) == (normal, score)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,500", 1500.0), ("1,5", 1.5), ("0,125", 0.125), ("12,345,678.5", 12345678.5)],
)
def test_a_comma_groups_thousands_or_marks_decimals(text, number):
    rule = ScoringRule("numeric", 1, {}, ((number, number, 1),))
    assert check_and_score(rule, {"number": text})[1] == 1


@pytest.mark.parametrize("option", [0, 4, -1, 10**30])
def test_an_option_that_is_not_there_is_unknown(option):
    for rule, answer in ((CHOICE, {"option": option}), (PARTIAL, {"options": [1, option]})):
        with pytest.raises(InvalidInput) as refused:
            check_and_score(rule, answer)
        assert refused.value.code == "unknown_option"


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        (CHOICE, None),
        (CHOICE, []),
        (CHOICE, {}),
        (CHOICE, "2"),
        (CHOICE, {"option": "2"}),
        (CHOICE, {"option": 2.0}),
        (CHOICE, {"option": True}),
        (CHOICE, {"option": None}),
        (CHOICE, {"option": [2]}),
        (CHOICE, {"options": [2]}),
        (CHOICE, {"option": 2, "score": 1}),
        (LIKERT, {"number": "2"}),
        (PARTIAL, {"options": 1}),
        (PARTIAL, {"options": [1, 1]}),
        (PARTIAL, {"options": [True]}),
        (PARTIAL, {"options": ["1"]}),
        (PARTIAL, {"options": {"1": 1}}),
        (NUMBER, {"number": None}),
        (NUMBER, {"number": True}),
        (NUMBER, {"number": [3]}),
        (NUMBER, {"number": ""}),
        (NUMBER, {"number": "three"}),
        (NUMBER, {"number": "nan"}),
        (NUMBER, {"number": "inf"}),
        (NUMBER, {"number": float("nan")}),
        (NUMBER, {"number": float("inf")}),
        (NUMBER, {"number": "1e999"}),
        (NUMBER, {"number": "3/0"}),
        (NUMBER, {"number": "3//2"}),
        (NUMBER, {"number": "1 2"}),
        (NUMBER, {"number": "3" * 41}),
        (NUMBER, {"number": 10**5000}),
        (NUMBER, {"option": 1}),
    ],
)
def test_an_answer_of_another_shape_is_malformed(rule, answer):
    with pytest.raises(InvalidInput) as refused:
        check_and_score(rule, answer)
    assert refused.value.code == "malformed_answer"


@pytest.mark.django_db
def test_a_rule_is_what_the_version_pays():
    bank = make_bank()
    choice = make_item(bank, "A", choice_content(bank, options=3))
    likert = make_item(bank, "B", likert_content(bank, categories=3))
    numeric = make_item(bank, "C", numeric_content(bank))
    assert scoring_rule(choice) == ScoringRule("single_choice", 1, {1: 1, 2: 0, 3: 0}, ())
    assert scoring_rule(likert) == ScoringRule("likert", 2, {1: 0, 2: 1, 3: 2}, ())
    assert scoring_rule(numeric) == ScoringRule("numeric", 1, {}, ((0.5, 0.5, 1),))
