"""One item twice is named: in the report, by the command and in the library; no pair is lost."""

import warnings

import numpy as np
import pytest

from irt import fit_model
from tests.scoring.report.report_files import rows_of
from tests.scoring.report.studies import (
    calibrate,
    graded,
    page_of,
    report,
    sampled,
    two_pl,
    write_study,
)


def with_copies(items, persons=400, flipped=0, mirror=False, seed=11):
    """Scores with a last item that copies the second, but for some answers."""
    scores, _ = sampled(items, [(0.0, 1.0, persons)], seed=seed)
    highest = int(items.n_categories[1] - 1)
    copy = scores[:, 1].copy()
    copy[:flipped] = (copy[:flipped] + 1) % (highest + 1)
    return np.column_stack([scores, highest - copy if mirror else copy])


@pytest.mark.parametrize(
    ("items", "model", "flipped", "mirror"),
    [
        (two_pl(9), "2pl", 0, False),
        (two_pl(9), "2pl", 5, False),
        (two_pl(9), "2pl", 0, True),
        (two_pl(9), "rasch", 0, False),
        (graded(7), "grm", 0, False),
    ],
)
def test_one_item_twice_is_named_and_no_pair_is_lost(tmp_path, items, model, flipped, mirror):
    write_study(tmp_path, with_copies(items, flipped=flipped, mirror=mirror))
    said = calibrate(tmp_path, model, "--no-errors")
    told = report(tmp_path)
    n_items = items.n_items + 1
    twin = f"q{n_items:02}"

    assert f"items q02 and {twin} " in said
    assert "Keep one of them" in said or "keep one of them" in said
    assert f"item {twin}: the slope is too steep" not in said
    assert f"q02 / {twin}" in told["Dependence between items"]
    (pair,) = rows_of(tmp_path / "report/duplicate_items.csv")
    assert (pair["item"], pair["other"]) == ("q02", twin)
    assert (int(pair["persons"]), int(pair["alike"])) == (400, 400 - flipped)
    assert ("the other way around" in pair["note"]) == mirror
    pairs = rows_of(tmp_path / "report/local_dependence.csv")
    assert len(pairs) == n_items * (n_items - 1) // 2
    assert all(row["q3"] or row["note"] for row in pairs)


def test_pairs_without_a_q3_are_counted_and_told_with_the_reason(tmp_path):
    scores, _ = sampled(two_pl(8), [(0.0, 1.0, 300)], seed=12)
    scores[:150, 0], scores[145:, 1] = -1, -1  # nobody answered both
    write_study(tmp_path, scores)
    calibrate(tmp_path, "2pl", "--no-errors")
    told = report(tmp_path)
    assert "Pairs that could not be judged: 1." in told["Dependence between items"]
    assert "1 of 28 pairs have no Q3 (too few persons: 1)" in page_of(tmp_path)
    last = rows_of(tmp_path / "report/local_dependence.csv")[-1]
    assert (last["item"], last["other"], last["note"]) == ("q01", "q02", "too few persons")


def test_copies_that_few_answered_both_are_told_but_not_called_copies(tmp_path):
    scores = with_copies(two_pl(9))
    scores[10:200, 1], scores[200:, 9] = -1, -1
    write_study(tmp_path, scores)
    said = calibrate(tmp_path, "2pl", "--no-errors")
    told = report(tmp_path)
    assert "all 10 persons who answered both: too few to say" in said
    assert "answered alike" not in told["Dependence between items"]
    (pair,) = rows_of(tmp_path / "report/duplicate_items.csv")
    assert pair["note"] == "too few persons to be sure"


def test_a_good_test_has_no_word_on_copies(tmp_path):
    scores, _ = sampled(two_pl(9), [(0.0, 1.0, 400)], seed=13)
    write_study(tmp_path, scores)
    said = calibrate(tmp_path, "2pl", "--no-errors")
    report(tmp_path)
    assert "answered alike" not in said
    assert not (tmp_path / "report/duplicate_items.csv").exists()


def test_the_library_names_copies_and_advises_no_prior_for_them():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_model(with_copies(two_pl(9)), "2pl")
    sentences = [str(warning.message) for warning in caught]
    (about,) = [sentence for sentence in sentences if "answered alike" in sentence]
    assert "400 of 400 persons" in about
    assert "Keep one of each pair" in about
    assert not any("a prior" in sentence for sentence in sentences)
