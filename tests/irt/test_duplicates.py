"""Items that are one item twice are found, and items that only measure the same are not."""

import numpy as np
import pytest

from irt.fit.duplicates import duplicates
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses


def scores_of(n_persons, rows, seed=0):
    rng = np.random.default_rng(seed)
    items = ItemParameters.from_rows(rows)
    return simulate_responses(items, rng.normal(0, 1, n_persons), rng)


def dichotomous(slope=1.3, n_items=8):
    return [(Model.TWO_PL, slope, b, 0.0, 1.0) for b in np.linspace(-1.5, 1.5, n_items)]


def graded(n_items=6):
    return [(Model.GRADED, 1.5, [b - 1, b, b + 1], 0.0, 1.0) for b in np.linspace(-1, 1, n_items)]


def with_copy(scores, item, flipped=0, mirror=False, seed=1):
    """The scores with one more item, a copy of `item` in which some persons answer otherwise."""
    copy = scores[:, item].copy()
    highest = copy.max()
    who = np.random.default_rng(seed).choice(len(copy), flipped, replace=False)
    copy[who] = (copy[who] + 1) % (highest + 1)
    return np.column_stack([scores, highest - copy if mirror else copy])


def pairs(found):
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


@pytest.mark.parametrize("rows", [dichotomous(), graded()])
@pytest.mark.parametrize("flipped", [0, 3, 12])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_copy_is_found_with_a_few_other_answers_and_turned_around(rows, flipped, mirror):
    scores = with_copy(scores_of(500, rows), 3, flipped, mirror)
    found = duplicates(dense_responses(scores))
    assert pairs(found) == [(3, len(rows))]
    assert found.is_sure.all()
    assert found.reversed.tolist() == [mirror]
    assert (found.n_persons[0], found.n_alike[0]) == (500, 500 - flipped)
    assert (found.kappa[0] == 1) == (flipped == 0)
    assert found.items.tolist() == [3, len(rows)]


def test_three_copies_are_three_pairs():
    scores = with_copy(with_copy(scores_of(300, dichotomous()), 2), 2)
    assert sorted(pairs(duplicates(dense_responses(scores)))) == [(2, 8), (2, 9), (8, 9)]


def test_a_copy_with_other_numbers_for_its_scores_is_one():
    scores = scores_of(300, dichotomous())
    doubled = np.column_stack([scores, 2 * scores[:, 4]])
    assert pairs(duplicates(dense_responses(doubled))) == [(4, 8)]


@pytest.mark.parametrize("slope", [1.0, 2.5, 5.0])
def test_items_that_measure_the_same_are_no_copies(slope):
    rows = [(Model.TWO_PL, slope, b, 0.0, 1.0) for b in np.repeat(np.linspace(-2.2, 2.2, 6), 2)]
    assert len(duplicates(dense_responses(scores_of(800, rows, seed=2)))) == 0


def test_easy_items_that_nearly_everybody_solves_are_no_copies():
    rows = [(Model.TWO_PL, 1.0, -3.5, 0.0, 1.0)] * 6
    assert len(duplicates(dense_responses(scores_of(1000, rows, seed=3)))) == 0


def test_items_with_one_score_tell_nothing():
    scores = scores_of(200, dichotomous())
    scores[:, :2] = 1
    assert len(duplicates(dense_responses(scores, np.full(8, 2)))) == 0


def test_only_those_who_answered_both_are_compared():
    scores = with_copy(scores_of(400, dichotomous()), 3)
    scores[:150, 3], scores[250:, 8] = -1, -1
    dense = duplicates(dense_responses(scores))
    assert pairs(dense) == [(3, 8)]
    assert dense.n_persons.tolist() == [100]
    person, item = np.nonzero(scores >= 0)
    sparse = duplicates(
        sparse_responses(person, item, scores[person, item], n_persons=400, n_items=9)
    )
    assert pairs(sparse) == [(3, 8)]


def test_agreement_of_few_persons_is_told_as_unsure():
    scores = with_copy(scores_of(400, dichotomous()), 3)
    scores[:, 8] = np.where(np.arange(400) < 9, scores[:, 8], -1)
    found = duplicates(dense_responses(scores))
    at = pairs(found).index((3, 8))
    assert not found.is_sure[at]
    assert found.n_persons[at] == 9
    assert 8 not in found.items


def test_a_test_of_copies_alone_is_found_out():
    scores = scores_of(200, dichotomous(n_items=1))
    assert len(duplicates(dense_responses(np.repeat(scores, 3, axis=1)))) == 3
    assert duplicates(dense_responses(np.repeat(scores, 3, axis=1))).is_sure.all()


def test_one_item_or_none_has_no_pair():
    assert len(duplicates(dense_responses(scores_of(50, dichotomous(n_items=1))))) == 0


def rasch(ability, difficulties, seed=4, slope=1.0):
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-slope * (ability[:, None] - difficulties)))
    return (rng.random(chance.shape) < chance).astype(int)


def abilities(kind, n_persons=800):
    rng = np.random.default_rng(11)
    if kind == "two crowds":
        return np.where(np.arange(n_persons) < n_persons // 2, -4.0, 4.0) + rng.normal(
            size=n_persons
        )
    return rng.normal(0, {"wide": 6.0, "usual": 1.0}[kind], n_persons)


@pytest.mark.parametrize(
    ("kind", "slope"), [("two crowds", 1.0), ("wide", 1.0), ("usual", 12.0), ("usual", 20.0)]
)
def test_neighbors_in_a_wide_population_or_on_steep_items_are_no_copies(kind, slope):
    scores = rasch(abilities(kind), np.linspace(-1.5, 1.5, 20), slope=slope)
    assert pairs(duplicates(dense_responses(scores))) == []


@pytest.mark.parametrize("flipped", [0, 10])
@pytest.mark.parametrize(("kind", "slope"), [("two crowds", 1.0), ("wide", 1.0), ("usual", 6.0)])
def test_copies_are_found_in_a_wide_population_and_among_steep_items(kind, slope, flipped):
    scores = with_copy(rasch(abilities(kind), np.linspace(-1.5, 1.5, 20), slope=slope), 6, flipped)
    assert pairs(duplicates(dense_responses(scores))) == [(6, 20)]
    half = scores.copy()
    half[::3, :10] = -1
    found = duplicates(
        sparse_responses(*np.nonzero(half >= 0), half[half >= 0], n_persons=800, n_items=21)
    )
    assert pairs(found) == [(6, 20)]
