"""Benchmarks of today and of next year are about the same numbers."""

import numpy as np
import pytest

from benchmarks import data
from benchmarks.data import StreamChangedError, data_set
from benchmarks.large_data import long_adaptive
from tests.reference import reader as reference


@pytest.mark.parametrize("name", ["ref_3pl", "ref_anchor", "ref_graded"])
def test_the_reference_responses_are_made_anew(name):
    assert np.array_equal(data_set(name).scores, reference.responses_of(name))


@pytest.mark.parametrize("name", ["bench_1k20", "bench_10k50", "bench_3pl_10k50"])
def test_the_sets_of_the_benchmarks_have_their_hashes(name):
    made = data_set(name)
    assert made.digest == data.SETS[name][1]
    assert made.scores.shape == (len(made.theta), made.items.n_items)


def test_a_set_that_comes_out_differently_is_not_handed_out(monkeypatch):
    monkeypatch.setitem(data.SETS, "bench_1k20", (lambda: data.dichotomous(5, 5, 1), "0"))
    with pytest.raises(StreamChangedError, match="bench_1k20 differs from the published set"):
        data_set("bench_1k20")


def test_the_other_kinds_have_the_hashes_of_their_publication():
    made = data.mixed(2000, 208)
    assert made.digest.startswith("2eed98b5b521")
    assert data.missing_at_random(made, 0.1, 5).digest.startswith("8e1218e768ac")
    assert data.partial_credit(2000, 20, 4, 3).digest.startswith("4d753e56b763")
    fourth = data.dichotomous(2000, 20, 3, lower=(0.1, 0.3), upper=(0.8, 0.95))
    assert fourth.digest.startswith("a6ccb3396c60")
    assert data.adaptive(500, 100, 20, 4).digest.startswith("bc68e2f26808")


def test_adaptive_persons_answer_different_items_near_their_ability():
    made = long_adaptive(500, 300, 30, 1)
    assert all(len(set(items)) == 30 for items in made.item.tolist())
    last = made.items.difficulty[made.item[:, -5:], 0].mean(axis=1)
    assert np.corrcoef(last, made.theta)[0, 1] > 0.8
    assert set(np.unique(made.score)) == {0, 1}
