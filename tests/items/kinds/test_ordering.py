from itertools import permutations

import pytest

from common.errors import InvalidInput
from items.answers import ScoringRule, answer_from_form, check_and_score
from items.content import OptionContent
from items.kinds.ordering import Ordering
from items.kinds.shuffle import shuffle
from tests.items.kinds.forms import posted

FOUR = ScoringRule("ordering", 3, {1: 0, 2: 0, 3: 0, 4: 0}, ())


@pytest.mark.parametrize(
    ("order", "score"),
    [
        ([1, 2, 3, 4], 3),
        ([2, 3, 4, 1], 2),
        ([4, 1, 2, 3], 2),
        ([3, 4, 1, 2], 2),
        ([1, 2, 4, 3], 1),
        ([4, 3, 2, 1], 0),
        ([2, 4, 1, 3], 0),
    ],
)
def test_each_pair_of_neighbors_of_the_key_that_follow_one_another_pays_a_point(order, score):
    assert check_and_score(FOUR, {"order": order}) == ({"order": order}, score)


def test_only_the_key_earns_everything_and_every_score_can_be_had():
    rule = ScoringRule("ordering", 4, dict.fromkeys(range(1, 6), 0), ())
    scores = [
        check_and_score(rule, {"order": list(order)})[1] for order in permutations(range(1, 6))
    ]
    assert scores.count(4) == 1
    assert set(scores) == {0, 1, 2, 3, 4}


def test_an_answer_names_the_options_by_the_places_at_which_the_session_saw_them():
    shown = (3, 1, 4, 2)
    # The examinee puts the second, the fourth, the first and the third line in this order.
    assert check_and_score(FOUR, {"order": [2, 4, 1, 3]}, shown) == ({"order": [1, 2, 3, 4]}, 3)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"order": None}, "malformed_answer"),
        ({"order": "1234"}, "malformed_answer"),
        ({"order": {"1": 2}}, "malformed_answer"),
        ({"order": [1, 2, 3]}, "malformed_answer"),
        ({"order": [1, 2, 3, 3]}, "malformed_answer"),
        ({"order": [1, 2, 3, 4, 4]}, "malformed_answer"),
        ({"order": [1, 2, 3, True]}, "malformed_answer"),
        ({"order": [1, 2, 3, 4.0]}, "malformed_answer"),
        ({"order": []}, "malformed_answer"),
        ({"options": [1, 2, 3, 4]}, "malformed_answer"),
        ({"order": [0, 1, 2, 3]}, "unknown_option"),
        ({"order": [1, 2, 3, 5]}, "unknown_option"),
    ],
)
def test_anything_but_every_option_once_is_refused(answer, code):
    with pytest.raises(InvalidInput) as refused:
        check_and_score(FOUR, answer)
    assert refused.value.code == code


def test_a_form_gives_each_line_its_number():
    assert answer_from_form(posted(order=["2", "3", "1"])) == {"order": [3, 1, 2]}
    assert answer_from_form(posted(order=["", "", ""])) is None


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        (["1", "", "2"], "Give every line a number."),
        (["1", "1", "2"], "Give each number to one line only."),
        (["1", "2", "4"], "Give each number to one line only."),
        (["1", "2", "x"], "damaged"),
    ],
)
def test_a_form_that_is_not_whole_is_refused(places, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        answer_from_form(posted(order=places))


def faults(*options):
    parts = type("Parts", (), {"options": options, "rules": ()})
    return [fault.reason for fault in Ordering().faults(parts, ["en"])]


def option(text, **fields):
    return OptionContent({"en": text}, **fields)


def test_two_to_twenty_one_options_without_scores_are_sound():
    assert faults(option("a"), option("b")) == []
    assert faults(*(option(str(n)) for n in range(21))) == []
    assert faults(*(option(str(n)) for n in range(22))) == [
        "The highest score is 21; 20 is the most."
    ]
    assert faults(option("a")) == ["An item has 2 to 26 options, not 1."]
    assert faults(option("a", score=1), option("b")) == [
        "This kind of item scores the whole answer: no option has a score."
    ]
    assert faults(option("a", note="x"), option("b")) == [
        "This kind of item has no mistakes behind its options."
    ]
    assert faults(option("a", term={"en": "x"}), option("b")) == [
        "This kind of item has no terms to match."
    ]


def test_a_session_sees_one_order_for_ever_and_others_see_others():
    assert shuffle(range(1, 7), seed=12, version_id=5) == (6, 4, 5, 1, 3, 2)
    assert shuffle(range(1, 7), seed=12, version_id=5) == shuffle(range(1, 7), 12, 5)
    assert len({shuffle(range(1, 7), seed, 5) for seed in range(50)}) > 40
    assert len({shuffle(range(1, 7), 12, version) for version in range(50)}) > 40


def test_every_order_comes_equally_often_the_key_among_them():
    drawn = [shuffle((1, 2, 3), seed, 7) for seed in range(6000)]
    counts = [drawn.count(order) for order in permutations((1, 2, 3))]
    # Five degrees of freedom: beyond 20.5 once in a thousand seeds.
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 20.5
