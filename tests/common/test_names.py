"""Names in one spelling, without what nobody sees, and apart from those that look alike."""

# ruff: noqa: RUF001 - letters that look alike are what it is about

import unicodedata

import pytest

from common.errors import Conflict, InvalidInput
from common.names import (
    Known,
    appearance,
    blank_fault,
    find_twin,
    in_one_spelling,
    require_new_name,
    twin_fault,
)

HANGUL = "수학-01"


@pytest.mark.parametrize("name", [HANGUL, "Ångström", "naïve", "ガ-3", "résumé"])
def test_a_name_has_one_spelling_however_it_was_composed(name):
    taken_apart = unicodedata.normalize("NFD", name)
    assert taken_apart != name
    assert in_one_spelling(taken_apart) == name


@pytest.mark.parametrize(
    "blank",
    [
        *("\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\u202e", "\u200e"),  # format
        *("\u3164", "\uffa0", "\u115f", "\u034f", "\u2800", "\ufe0f", "\U000e0041"),  # letters
        *("\u00a0", "\u3000", "\u2003", "\t", "\n", "\x07", "\ue000"),  # spaces and controls
    ],
)
def test_a_character_that_nobody_sees_is_named_with_its_place(blank):
    fault = blank_fault(f"MA{blank}01")
    assert f"U+{ord(blank):04X}" in fault
    assert "as number 3" in fault


@pytest.mark.parametrize("name", [HANGUL, "a b", "Ж-1", "x²", "日本", "i_1.b", "Ünal", "§4"])
def test_what_people_write_is_no_fault(name):
    assert blank_fault(name) is None


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("MATH-1", "math-1"),
        ("МАТН-1", "MATH-1"),  # Cyrillic
        ("раураl", "paypal"),
        ("ΑΒΕ", "ABE"),  # Greek
        ("ｍａｔｈ", "math"),
        ("Ⅳ-a", "IV-a"),
        ("x²", "x2"),
        ("ﬁ-1", "fi-1"),
        ("a–1", "a-1"),
        ("a−1", "a-1"),
        ("a  1", "a 1"),
        ("o’neil", "o'neil"),
        ("へ-1", "ヘ-1"),
        ("ı1", "i1"),
        ("straße", "STRASSE"),
        ("КЛАСС-5", "класс-5"),
        ("ㄱ-1", "ᄀ-1"),
    ],
)
def test_names_that_look_alike_are_found(name, twin):
    assert find_twin(name, ["other", twin]) == twin
    assert find_twin(twin, ["other", name]) == name


@pytest.mark.parametrize(
    ("name", "other"),
    [("A1", "A2"), ("수학-01", "수학-02"), ("ab", "a b"), ("a-1", "a_1"), ("가", "각")],
)
def test_names_that_people_can_tell_apart_are_no_twins(name, other):
    assert find_twin(name, [other]) is None


def test_a_name_is_no_twin_of_itself():
    assert find_twin("A1", ["A1"]) is None


def test_the_sentence_names_the_letters_that_nobody_can_tell_apart():
    assert twin_fault("МA", "MA") == (
        "“МA” looks like “MA”, which is there already. They differ in U+041C CYRILLIC CAPITAL "
        "LETTER EM here and U+004D LATIN CAPITAL LETTER M there."
    )
    assert twin_fault("ma", "MA") == "“ma” looks like “MA”, which is there already."


def test_a_new_name_is_refused_for_a_blank_and_for_a_twin():
    with pytest.raises(InvalidInput) as blank:
        require_new_name("a\u200b1", [])
    with pytest.raises(Conflict) as twin:
        require_new_name("а1", ["a1"])
    assert (blank.value.code, twin.value.code) == ("invalid_name", "looks_alike")
    assert twin.value.detail == {"twin": "a1"}
    require_new_name("a2", ["a1"])


def test_twins_that_are_there_already_stay_what_they_are():
    known = Known(["A1", "a1"])
    assert known.fault("A1") is None
    assert known.fault("a1") is None
    assert known.fault("а1") is not None


def test_of_two_new_twins_the_first_is_taken():
    known = Known([])
    assert known.fault("Q1") is None
    assert "“q1” looks like “Q1”" in known.fault("q1")
    assert appearance("Q1") == appearance("q1")
