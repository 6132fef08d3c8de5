"""A release as arrays: what the adaptive engine is told of the items of a bank."""

from dataclasses import replace

import numpy as np
import pytest

from irt.pool import build_pool
from irt.quadrature import normal_grid
from items.authoring import revise
from items.enemies import create_group, set_enemies
from items.item_parameters import Parameters
from items.models import ContentArea, ReleasedItem, Role, Stimulus
from items.release_rows import load_release, released_row, set_parameters, upsert
from items.releases import open_draft, publish
from items.stimuli import create_stimulus, revise_stimulus
from items.words import count_words
from tests.factories import (
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_release,
    numeric_content,
    parameters_for,
)


@pytest.mark.django_db
def test_a_release_loads_its_pretest_items_beside_the_operational_ones():
    bank = make_bank()
    make_release(bank, (0.5, -0.5))
    make_item(bank, "P1")
    make_item(bank, "P2", likert_content(bank, categories=4))
    arrays = load_release(publish(open_draft(bank, None), None, "pretest"))
    assert arrays.operational.tolist() == [True, True, False, False]
    assert arrays.parameters.model.tolist() == ["2pl", "2pl", "rasch", "pcm"]
    assert arrays.parameters.discrimination.tolist() == [1.0] * 4
    assert arrays.parameters.difficulty[:, 0].tolist() == [0.5, -0.5, 0.0, 0.0]
    assert arrays.parameters.n_categories.tolist() == [2, 2, 2, 4]


@pytest.mark.django_db
def test_a_pretest_item_with_provisional_parameters_keeps_them():
    bank = make_bank()
    version = make_item(bank, "P1")
    draft = open_draft(bank, None)
    provisional = Parameters("3pl", 1.2, (0.7,), 0.2)
    upsert([released_row(draft, version, Role.PRETEST, "import", provisional)])
    arrays = load_release(draft)
    assert (arrays.operational.tolist(), arrays.parameters.model.tolist()) == ([False], ["3pl"])
    assert arrays.parameters.difficulty.tolist() == [[0.7]]
    assert arrays.parameters.lower_asymptote.tolist() == [0.2]


@pytest.mark.django_db
def test_the_items_of_an_area_are_those_of_the_areas_below_it_too():
    bank = make_bank()
    algebra = bank.areas.get()
    lines = ContentArea.objects.create(bank=bank, parent=algebra, code="lines", name={"en": "L"})
    ContentArea.objects.create(bank=bank, parent=lines, code="slopes", name={"en": "S"})
    make_item(bank, "A")
    make_item(bank, "B", replace(choice_content(bank), area=lines))
    categories = load_release(open_draft(bank, None)).categories
    assert {code: members.tolist() for code, members in categories.items()} == {
        "algebra": [True, True],
        "lines": [False, True],
        "slopes": [False, False],
    }


@pytest.mark.django_db
def test_a_passage_has_one_id_through_all_its_versions():
    bank = make_bank()
    tale = create_stimulus(bank, "tale", {"en": "Once."}, None)
    make_item(bank, "A", replace(choice_content(bank, "old"), stimulus=tale))
    corrected = revise_stimulus(tale, {"en": "Once upon a time."}, None)
    make_item(bank, "B", replace(choice_content(bank, "new"), stimulus=corrected))
    make_item(bank, "C")
    other = make_bank("other")
    Stimulus.objects.create(bank=other, code="tale", body={"en": "Another."})
    assert load_release(open_draft(bank, None)).stimulus.tolist() == [tale.pk, tale.pk, -1]


@pytest.mark.django_db
def test_words_are_those_of_stem_and_options_in_the_first_language_of_the_bank():
    bank = make_bank(languages=("en", "ko"))
    stem = {"en": "How *much* is $x^2 + 1$?", "ko": "얼마입니까?"}
    tale = create_stimulus(bank, "tale", {"en": "Once upon a time.", "ko": "옛날"}, None)
    make_item(bank, "A", replace(choice_content(bank, options=3), stem=stem, stimulus=tale))
    make_item(bank, "B", numeric_content(bank, "How much is a half?"))
    arrays = load_release(open_draft(bank, None))
    assert arrays.words.tolist() == [4 + 3 * 2, 5]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("", 0),
        ("One, two - three.", 3),
        ("$5 and $6 are prices", 5),
        ("Solve $x^2 - 1 = 0$ and $$\\frac{a}{b}$$", 4),
        ("**bold** _x_ and `code`", 4),
        ("| a | b |\n|---|---|\n| 1,000.5 | don't |", 4),
        ("see [the map](https://example.org/a/b)", 3),
        ("철수는 사과를 3개 샀다.", 4),
    ],
)
def test_marks_are_no_words_and_a_formula_is_one(markdown, words):
    assert count_words(markdown) == words


@pytest.mark.django_db
def test_seconds_are_nan_where_nobody_said():
    bank = make_bank()
    make_item(bank, "A", replace(choice_content(bank), expected_seconds=90))
    make_item(bank, "B")
    seconds = load_release(open_draft(bank, None)).seconds
    assert (seconds[0], np.isnan(seconds[1])) == (90.0, True)


@pytest.mark.django_db
def test_enemies_meet_in_no_session_of_the_release_that_froze_them():
    bank = make_bank()
    release = make_release(bank, (-1.0, 0.0, 1.0, 2.0))
    items = list(bank.items.order_by("pk"))
    assert load_release(release).enemies is None
    twins, cousins = create_group(bank, "twins", "", None), create_group(bank, "cousins", "", None)
    set_enemies(twins, items[:2], None, "one gives the other away")
    set_enemies(cousins, items[1:3], None, "the same story")
    draft = open_draft(bank, None)
    expected = np.zeros((4, 4), dtype=bool)
    expected[[0, 1, 1, 2], [1, 0, 2, 1]] = True
    assert np.array_equal(load_release(draft).enemies, expected)
    published = publish(draft, None, "enemies")
    set_enemies(twins, [], None, "rewritten")
    assert np.array_equal(load_release(published).enemies, expected)
    assert load_release(release).enemies is None
    rows = ReleasedItem.objects.filter(release=published).order_by("item")
    assert [row.enemy_groups for row in rows] == [["twins"], ["cousins", "twins"], ["cousins"], []]


@pytest.mark.django_db
def test_a_release_of_any_size_loads_with_four_queries(django_assert_num_queries):
    bank = make_bank()
    for number in range(3):
        make_item(bank, f"P{number}")
    release = make_release(bank, [0.01 * n for n in range(12)])
    release.refresh_from_db()
    with django_assert_num_queries(4):
        assert load_release(release).item_ids.shape == (15,)


@pytest.mark.django_db
def test_an_edit_that_waits_for_approval_changes_nothing_that_a_release_says():
    bank = make_bank()
    release = make_release(bank, (0.0,))
    before = load_release(release)
    longer = replace(choice_content(bank, "A stem of many more words"), expected_seconds=60)
    revise(bank.items.get(), longer, None, "longer")
    after = load_release(release)
    assert after.words.tolist() == before.words.tolist()
    assert np.isnan(after.seconds).tolist() == [True]


@pytest.mark.django_db
def test_a_pool_is_built_from_a_release_and_its_attributes():
    bank = make_bank()
    pretest = make_item(bank, "P1")
    version = make_item(bank, "A1")
    draft = open_draft(bank, None)
    set_parameters(draft, version, parameters_for(version), None, "for a test")
    arrays = load_release(draft)
    pool = build_pool(arrays.item_ids, arrays.parameters, normal_grid(5, 2.0), arrays.attributes)
    assert pool.item_ids.tolist() == [pretest.item_id, version.item_id]
    assert pool.operational.tolist() == [False, True]
    assert pool.categories["algebra"].tolist() == [True, True]
    assert pool.log_probabilities[0].tolist() == [[0.0] * 5] * 2
