"""Blocks of responses: linked, not linked, and held by a thread."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.population import standard_population
from irt.common_scale.link_errors import judge_links
from irt.models.parameters import ItemParameters, Model
from irt.responses import MISSING, dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses

N_ITEMS = 18


def bank(n_items=N_ITEMS, model=Model.TWO_PL, seed=3):
    rng = np.random.default_rng(seed)
    return ItemParameters.from_rows(
        [
            (model, 1.0 if model is Model.RASCH else float(rng.uniform(0.8, 1.6)), [b], 0.0, 1.0)
            for b in np.linspace(-1.4, 1.4, n_items)[rng.permutation(n_items)].tolist()
        ]
    )


def forms(*given, items=None, seed=1, means=None):
    """Scores of persons by form: each (item numbers, how many persons answered them)."""
    items = items or bank()
    rng = np.random.default_rng(seed)
    parts = []
    for at, (numbers, n_persons) in enumerate(given):
        theta = rng.normal(means[at] if means else 0.0, 1.0, n_persons)
        scores = simulate_responses(items, theta, rng)
        out = np.setdiff1d(np.arange(items.n_items), list(numbers))
        scores[:, out] = MISSING
        parts.append(scores)
    return np.vstack(parts)


def judge(scores, anchored=(), items=None):
    marks = np.zeros(scores.shape[1], dtype=bool)
    marks[list(anchored)] = True
    return judge_links(dense_responses(scores), items or bank(scores.shape[1]), marks)


def blocks_of(links):
    return [(block.items.tolist(), block.n_persons) for block in links.linkage.blocks]


def test_one_form_is_one_block():
    links = judge(forms((range(18), 50)))
    assert blocks_of(links) == [(list(range(18)), 50)]
    assert links.is_sound


def test_two_sets_without_anything_in_common_are_two_blocks():
    links = judge(forms((range(8), 100), (range(8, 18), 200)))
    assert blocks_of(links) == [(list(range(8, 18)), 200), (list(range(8)), 100)]
    assert not links.is_sound
    assert links.linkage.ties == ()


def test_so_are_three_that_lie_among_one_another():
    first, second, third = range(0, 18, 3), range(1, 18, 3), range(2, 18, 3)
    links = judge(forms((first, 90), (second, 80), (third, 70)))
    assert blocks_of(links) == [(list(first), 90), (list(second), 80), (list(third), 70)]


def test_persons_with_a_single_answer_link_nothing():
    alone = [([item], 4) for item in range(18)]
    links = judge(forms((range(9), 100), (range(9, 18), 100), *alone))
    assert [len(items) for items, _ in blocks_of(links)] == [9, 9]


def test_when_everybody_has_a_single_answer_every_item_is_a_block():
    links = judge(forms(*[([item], 10) for item in range(18)]))
    assert len(links.linkage.blocks) == 18


def test_items_that_nobody_answered_or_without_an_estimate_are_no_blocks():
    scores = forms((range(9), 60))
    assert blocks_of(judge(scores)) == [(list(range(9)), 60)]
    items = bank()
    items.discrimination[[3, 12]] = np.nan
    assert blocks_of(judge(forms((range(18), 60)), items=items)) == [
        ([item for item in range(18) if item not in (3, 12)], 60)
    ]


def test_anchored_items_link():
    scores = forms((range(9), 100), (range(9, 18), 100))
    assert judge(scores, anchored=(0, 1, 2, 9, 10, 11)).is_sound
    assert judge(scores, anchored=range(18)).is_sound


def test_a_block_that_hangs_on_one_anchor_is_told():
    links = judge(forms((range(9), 300), (range(9, 18), 200)), anchored=(0, 1, 2, 12))
    [tie] = links.linkage.ties
    assert links.linkage.is_linked
    assert tie.items.tolist() == [9, 10, 11, 13, 14, 15, 16, 17]
    assert tie.common_items.tolist() == [12]
    assert 0.05 < links.errors[0] < 0.5


@pytest.mark.parametrize("common", [[8], [8, 9]])
def test_fewer_than_three_common_items_are_a_thread(common):
    first, second = range(common[-1] + 1), range(8, 18)
    links = judge(forms((first, 400), (second, 300)))
    [tie] = links.linkage.ties
    assert tie.items.tolist() == [item for item in second if item not in common]
    assert tie.common_items.tolist() == common
    assert tie.common_persons.size == 0
    assert tie.persons.tolist() == list(range(400, 700))
    assert judge(forms((range(11), 400), (second, 300))).is_sound


@pytest.mark.parametrize("n_common", [1, 29])
def test_fewer_than_thirty_common_persons_are_a_thread(n_common):
    given = (range(10), 400), (range(10, 18), 300)
    links = judge(forms(*given, (range(18), n_common)))
    [tie] = links.linkage.ties
    assert tie.items.tolist() == list(range(10, 18))
    assert tie.common_items.size == 0
    assert tie.common_persons.tolist() == list(range(700, 700 + n_common))
    assert len(tie.persons) == 300
    assert judge(forms(*given, (range(18), 30))).is_sound


def test_a_chain_has_a_thread_at_each_of_its_joints():
    links = judge(forms((range(7), 300), (range(6, 13), 400), (range(12, 18), 200)))
    told = {(tuple(tie.items), tuple(tie.common_items)) for tie in links.linkage.ties}
    assert told == {((0, 1, 2, 3, 4, 5), (6,)), ((13, 14, 15, 16, 17), (12,))}


def test_threads_of_both_kinds_are_told():
    links = judge(forms((range(7), 300), (range(6, 18), 400), (range(12, 18), 5)))
    assert [tie.common_items.tolist() for tie in links.linkage.ties] == [[6]]
    scores = forms((range(7), 300), (range(6, 12), 400), (range(6, 18), 8), (range(12, 18), 90))
    kinds = [(len(tie.common_items), len(tie.common_persons)) for tie in judge(scores).linkage.ties]
    assert sorted(kinds) == [(0, 8), (1, 0)]


def test_common_persons_who_have_everything_right_tell_nothing():
    scores = forms((range(9), 200), (range(9, 18), 200), (range(18), 50))
    scores[400:, 9:] = 1
    links = judge(scores)
    [tie] = links.linkage.ties
    assert tie.is_one_sided
    assert links.errors == [np.inf]


def test_a_common_item_that_one_side_only_has_right_tells_nothing():
    scores = forms((range(10), 200), (range(9, 18), 200))
    scores[200:, 9] = 1
    links = judge(scores)
    assert [tie.common_items.tolist() for tie in links.linkage.ties] == [[9]]
    assert links.errors == [np.inf]


@pytest.mark.parametrize("n_answers", [2, 5])
def test_many_short_random_forms_hold_together(n_answers):
    rng = np.random.default_rng(2)
    scores = forms((range(18), 900))
    for row in scores:
        row[rng.permutation(18)[n_answers:]] = MISSING
    assert judge(scores).is_sound


def test_sparse_responses_of_many_persons_are_judged_alike():
    """More persons than are looked at first; a small block is found all the same."""
    rng = np.random.default_rng(4)
    n_persons, n_items = 45_000, 60
    person = np.repeat(np.arange(n_persons), 4)
    first = rng.integers(0, 50, n_persons)
    item = ((first[:, None] + np.arange(4)) % 50).ravel()
    last = person >= n_persons - 40
    item[last] = 50 + np.tile(np.arange(4), 40) + np.repeat(rng.integers(0, 7, 40), 4)
    links = judge_links(
        sparse_responses(
            person, item, rng.integers(0, 2, len(item)), n_persons=n_persons, n_items=n_items
        ),
        bank(n_items),
        np.zeros(n_items, dtype=bool),
    )
    assert [n_persons for _, n_persons in blocks_of(links)] == [n_persons - 40, 40]


@pytest.mark.parametrize("n_common", [1, 2])
def test_the_error_of_common_items_is_that_of_a_free_group(n_common):
    """What is left of the error of the group's mean when both samples are taken from it."""
    items = bank(model=Model.RASCH)
    scores = forms((range(9 + n_common), 1500), (range(9, 18), 1500), items=items)
    group = np.repeat([0, 1], 1500)
    models = ["rasch"] * 18
    fit = calibrate(
        dense_responses(scores), models, population=standard_population(models, group=group)
    )
    found = judge(scores, items=fit.parameters)
    sampling = (fit.group_variance / 1500).sum() * 1.35  # ability is known at reliability 1/1.35
    implied = np.sqrt(fit.group_mean_se[1] ** 2 - sampling)
    assert found.errors[0] == pytest.approx(implied, rel=0.15)


def test_the_error_of_common_persons_is_that_of_a_free_group():
    scores = forms((range(9), 1500), (range(9, 18), 1500), (range(18), 20))
    group = np.repeat([0, 1, 2], [1500, 1500, 20])
    models = ["2pl"] * 18
    fit = calibrate(
        dense_responses(scores), models, population=standard_population(models, group=group)
    )
    found = judge(scores, items=fit.parameters)
    assert found.errors[0] == pytest.approx(fit.group_mean_se[1], rel=0.25)
