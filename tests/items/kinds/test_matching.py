import pytest

from common.errors import InvalidInput
from items.answers import ScoringRule, answer_from_form, check_and_score
from items.content import OptionContent
from items.kinds.matching import Matching
from tests.items.kinds.forms import posted

# Options 1, 3 and 4 have terms; option 2 is a distractor.
THREE = ScoringRule("matching", 3, {1: 0, 2: 0, 3: 0, 4: 0}, (), (1, 3, 4))


@pytest.mark.parametrize(
    ("matches", "score"),
    [([1, 3, 4], 3), ([1, 3, 2], 2), ([1, 1, 1], 1), ([3, 1, 2], 0), ([2, 2, 2], 0)],
)
def test_each_right_pair_pays_a_point_and_a_choice_may_come_several_times(matches, score):
    assert check_and_score(THREE, {"matches": matches}) == ({"matches": matches}, score)


def test_an_answer_names_the_choices_by_the_places_at_which_the_session_saw_them():
    shown = (4, 1, 2, 3)
    assert check_and_score(THREE, {"matches": [2, 4, 1]}, shown) == ({"matches": [1, 3, 4]}, 3)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"matches": None}, "malformed_answer"),
        ({"matches": {"1": 1}}, "malformed_answer"),
        ({"matches": [1, 3]}, "malformed_answer"),
        ({"matches": [1, 3, 4, 2]}, "malformed_answer"),
        ({"matches": [1, 3, "4"]}, "malformed_answer"),
        ({"matches": [1, 3, True]}, "malformed_answer"),
        ({"matches": []}, "malformed_answer"),
        ({"order": [1, 3, 4]}, "malformed_answer"),
        ({"matches": [0, 3, 4]}, "unknown_option"),
        ({"matches": [1, 3, 5]}, "unknown_option"),
    ],
)
def test_anything_but_a_known_choice_for_each_term_is_refused(answer, code):
    with pytest.raises(InvalidInput) as refused:
        check_and_score(THREE, answer)
    assert refused.value.code == code


def test_a_form_holds_a_choice_for_each_term():
    assert answer_from_form(posted(match=["4", "4", "1"])) == {"matches": [4, 4, 1]}
    assert answer_from_form(posted(match=["", "", ""])) is None
    with pytest.raises(InvalidInput, match="Choose something in every line"):
        answer_from_form(posted(match=["4", "", "1"]))


def pair(term, text, **fields):
    return OptionContent({"en": text}, term={"en": term} if term else {}, **fields)


def faults(*options, languages=("en",)):
    parts = type("Parts", (), {"options": options, "rules": ()})
    return [(fault.column, fault.reason) for fault in Matching().faults(parts, languages)]


def test_two_pairs_and_any_number_of_distractors_are_sound():
    assert faults(pair("a", "1"), pair("b", "2")) == []
    assert faults(pair("a", "1"), pair("", "2"), pair("b", "3"), pair("", "4")) == []


@pytest.mark.parametrize(
    ("options", "column", "reason"),
    [
        ((pair("a", "1"), pair("", "2")), "option_1_term_en", "at least 2 terms"),
        ((pair("a", "1"), pair("a", "2")), "option_2_term_en", "terms 1 and 2 read the same"),
        ((pair("a", "1"), pair("b", "1")), "option_2_en", "Options 1 and 2 read the same"),
        ((pair("a", "1", score=1), pair("b", "2")), "option_1_score", "no option has a score"),
        ((pair("a\0", "1"), pair("b", "2")), "option_1_term_en", "NUL"),
        (tuple(pair(f"t{n}", f"{n}") for n in range(21)), "key", "20 is the most"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(options, column, reason):
    ((where, why),) = faults(*options)
    assert where == column
    assert reason in why


def test_a_term_is_written_in_every_language():
    ((column, reason),) = faults(
        OptionContent({"en": "1", "ko": "일"}, term={"en": "a"}),
        OptionContent({"en": "2", "ko": "이"}, term={"en": "b", "ko": "나"}),
        languages=("en", "ko"),
    )
    assert (column, reason) == ("option_1_term_ko", "The text in “ko” is missing.")
