import hashlib
import re
from collections import Counter

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from demo.bank.content import LANGUAGES, MATHEMATICS_AREAS, WELLBEING_AREAS
from demo.bank.generate import ITEM_MODELS, mathematics_items
from demo.bank.korean import particle
from demo.bank.questionnaire import wellbeing_items
from tests.demo.tex_reading import evaluate, formulas, integers, meaning

MATHEMATICS = mathematics_items()
WELLBEING = wellbeing_items()
ALL = MATHEMATICS + WELLBEING
CHOICE = [item for item in MATHEMATICS if item.options]
SINGLE_CHOICE = [item for item in MATHEMATICS if item.response_kind == "single_choice"]

# Korean names the months by their numbers, and says "one president" where English has an article.
NUMBERS_ONLY_IN_KOREAN = {("tables", 1), ("counting", 2)}


def texts(item):
    """Every text of the item: stem, rationale and options, one dictionary of languages each."""
    return [item.stem, item.rationale, *(option.text for option in item.options)]


def test_the_bank_has_thirty_item_models_six_in_each_area():
    assert {area: len(models) for area, models in ITEM_MODELS.items()} == {
        area.code: 6 for area in MATHEMATICS_AREAS if area.parent
    }
    assert len({model.name for models in ITEM_MODELS.values() for model in models}) == 30


def test_every_area_has_twenty_four_items_at_every_level():
    cells = Counter((item.area, item.level) for item in MATHEMATICS)
    areas = [area.code for area in MATHEMATICS_AREAS if area.parent]
    assert cells == {(area, level): 24 for area in areas for level in (1, 2, 3)}


def test_the_response_kinds_are_mostly_single_choice_with_some_of_the_others():
    assert Counter(item.response_kind for item in MATHEMATICS) == {
        "single_choice": 300,
        "numeric": 36,
        "multiple_response": 24,
    }


def test_areas_form_a_tree_with_one_root():
    for areas in (MATHEMATICS_AREAS, WELLBEING_AREAS):
        assert [area.parent for area in areas] == [None] + [areas[0].code] * (len(areas) - 1)
        assert all(set(area.name) == set(LANGUAGES) for area in areas)


def test_codes_and_stems_are_all_distinct():
    assert len({item.code for item in ALL}) == len(ALL)
    for language in LANGUAGES:
        assert len({item.stem[language] for item in ALL}) == len(ALL)


def test_two_calls_give_the_same_bank():
    digests = {
        hashlib.sha256(repr((mathematics_items(), wellbeing_items())).encode()).hexdigest()
        for _ in range(2)
    }
    assert len(digests) == 1


def test_no_two_options_mean_the_same():
    for item in CHOICE:
        for language in LANGUAGES:
            meanings = [meaning(option.text[language]) for option in item.options]
            assert len(set(meanings)) == len(meanings), item.code


def test_options_mean_the_same_in_both_languages():
    for item in CHOICE:
        english, korean = (
            [meaning(option.text[lang]) for option in item.options] for lang in LANGUAGES
        )
        assert english == korean, item.code


def test_single_choice_items_have_one_key_and_four_or_five_options():
    assert {sum(option.score for option in item.options) for item in SINGLE_CHOICE} == {1}
    assert {len(item.options) for item in SINGLE_CHOICE} == {4, 5}


def test_multiple_response_items_have_five_options_and_two_or_three_keys():
    items = [item for item in MATHEMATICS if item.response_kind == "multiple_response"]
    assert {len(item.options) for item in items} == {5}
    assert {sum(option.score for option in item.options) for item in items} == {2, 3}


def test_numeric_items_have_one_exact_rule_and_no_options():
    for item in MATHEMATICS:
        if item.response_kind == "numeric":
            ((lower, upper, score),) = item.rules
            assert (lower, score, item.options) == (upper, 1, ())
        else:
            assert item.rules == ()


def test_every_distractor_names_its_mistake_in_plain_words_and_no_key_has_a_note():
    for item in MATHEMATICS:
        for option in item.options:
            assert bool(option.note) == (option.score == 0)
            assert "$" not in option.note


def test_keys_are_spread_evenly_over_the_places():
    places = Counter(
        (len(item.options), [option.score for option in item.options].index(1))
        for item in SINGLE_CHOICE
    )
    for size in (4, 5):
        counts = [places[size, place] for place in range(size)]
        assert max(counts) - min(counts) <= 1


def test_both_languages_are_there_and_korean_words_are_in_hangul():
    for item in ALL:
        for text in texts(item):
            assert set(text) == set(LANGUAGES)
            words = re.sub(r"\$[^$]*\$", "", text["en"])
            assert not re.search("[가-힣]", text["en"])
            if re.search(r"[A-Za-z]{3,}", words):
                assert re.search("[가-힣]", text["ko"])


def test_tex_is_balanced():
    for item in ALL:
        for text in texts(item):
            for shown in text.values():
                assert shown.count("$") % 2 == 0
                for formula in formulas(shown):
                    assert formula.strip() == formula != "", item.code
                    assert formula.count("{") == formula.count("}"), item.code
                    assert formula.count("(") == formula.count(")"), item.code


def test_both_languages_use_the_same_numbers():
    for item in MATHEMATICS:
        if (item.item_model, item.level) not in NUMBERS_ONLY_IN_KOREAN:
            stems = [sorted(integers(item.stem[language])) for language in LANGUAGES]
            assert stems[0] == stems[1], item.code


def test_every_sum_worked_out_in_a_rationale_is_right():
    worked = [
        (item.code, language, formula)
        for item in MATHEMATICS
        for language in LANGUAGES
        for formula in formulas(item.rationale[language])
        if "=" in formula and not re.search(r"(?<![\\a-z])[xyz]", formula)
    ]
    assert len(worked) > 400
    for code, language, formula in worked:
        values = {round(float(evaluate(part)), 6) for part in formula.split("=")}
        assert len(values) == 1, (code, language, formula)


def test_markdown_finds_every_formula_and_every_table():
    markdown = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    for item in ALL:
        for text in texts(item):
            for shown in text.values():
                blocks = markdown.parse(shown)
                inline = [token for block in blocks for token in block.children or []]
                assert sum(token.type == "math_inline" for token in inline) == shown.count("$") // 2
                assert any(block.type == "table_open" for block in blocks) == ("|---" in shown)


def test_true_parameters_fit_their_models_and_spread_over_the_scale():
    for item in MATHEMATICS:
        a, (b,), c = item.true_parameters
        assert a > 0.4
        assert -2.5 <= b <= 2.5
        assert (c > 0) == (item.model == "3pl") == (item.response_kind == "single_choice")
        assert c <= 1.1 / 4
    difficulties = {
        level: [item.true_parameters[1][0] for item in MATHEMATICS if item.level == level]
        for level in (1, 2, 3)
    }
    for level, mean in ((1, -1.2), (2, 0.0), (3, 1.2)):
        assert abs(sum(difficulties[level]) / len(difficulties[level]) - mean) < 0.15


def test_the_questionnaire_has_twelve_graded_items_keyed_both_ways():
    scores = Counter(tuple(option.score for option in item.options) for item in WELLBEING)
    assert scores == {(0, 1, 2, 3, 4): 7, (4, 3, 2, 1, 0): 5}
    assert {(item.response_kind, item.model) for item in WELLBEING} == {("likert", "grm")}


def test_the_questionnaire_has_ordered_thresholds():
    for item in WELLBEING:
        a, thresholds, c = item.true_parameters
        assert 1 <= a <= 2.5
        assert len(thresholds) == 4
        assert list(thresholds) == sorted(set(thresholds))
        assert c == 0


@pytest.mark.parametrize(
    ("number", "expected"),
    [(3, "3을"), (4, "4를"), (10, "10을"), (-9, "-9를"), (12, "12를"), (17, "17을")],
)
def test_the_particle_follows_how_the_number_is_read(number, expected):
    assert f"{number}{particle(number, '을', '를')}" == expected
