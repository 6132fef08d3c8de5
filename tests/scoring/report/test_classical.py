"""The section without a model: p, item-rest correlation, alpha, omega and options."""

import numpy as np
import pytest

from tests.scoring.report.report_files import rows_of, write
from tests.scoring.report.studies import (
    calibrate,
    graded,
    names_of,
    page_of,
    report,
    sampled,
    two_pl,
    write_items,
    write_study,
)


def classical_rows(folder):
    return {row["item"]: row for row in rows_of(folder / "report/classical_items.csv")}


def number(cell):
    return float(cell or "nan")


def test_items_and_sums_have_their_numbers(tmp_path):
    items = graded(6)
    scores, _ = sampled(items, [(0.0, 1.0, 400)], seed=21)
    write_study(tmp_path, scores)
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")
    rows = classical_rows(tmp_path)
    for item, name in enumerate(names_of(6)):
        rest = np.delete(scores, item, axis=1).sum(axis=1)
        assert number(rows[name]["p"]) == pytest.approx(scores[:, item].mean() / 3)
        assert number(rows[name]["mean"]) == pytest.approx(scores[:, item].mean())
        expected = np.corrcoef(scores[:, item], rest)[0, 1]
        assert number(rows[name]["item_rest"]) == pytest.approx(expected)
    (own,) = rows_of(tmp_path / "report/classical_reliability.csv")
    variances = scores.var(axis=0, ddof=1).sum() / scores.sum(axis=1).var(ddof=1)
    assert float(own["alpha"]) == pytest.approx(6 / 5 * (1 - variances))
    assert f"Alpha of the sum is {float(own['alpha']):.2f}" in told["Classical statistics"]


def test_what_does_not_exist_is_unknown_and_not_zero(tmp_path):
    scores, _ = sampled(two_pl(8), [(0.0, 1.0, 300)], seed=22)
    scores[:, 7] = 1  # everybody solves it: it has no parameters, but it was given
    write_study(tmp_path, scores)
    calibrate(tmp_path, "2pl", "--skip-unusable", "--no-errors")
    report(tmp_path)
    row = classical_rows(tmp_path)["q08"]
    assert (number(row["p"]), number(row["sd"]), row["item_rest"]) == (1.0, 0.0, "")
    assert row["note"] == "everybody has the same score: no correlation"
    (own,) = rows_of(tmp_path / "report/classical_reliability.csv")
    assert (own["items"], own["varying_items"]) == ("8", "7")


def test_two_items_have_an_alpha_and_no_omega(tmp_path):
    scores, _ = sampled(two_pl(2), [(0.0, 1.0, 200)], seed=23)
    write_study(tmp_path, scores)
    write_items(tmp_path, two_pl(2))
    told = report(tmp_path, "--known")
    (own,) = rows_of(tmp_path / "report/classical_reliability.csv")
    assert own["omega"] == ""
    assert "omega unknown" in told["Classical statistics"]


def test_an_item_with_a_wrong_key_goes_against_the_others(tmp_path):
    items = two_pl(10)
    scores, _ = sampled(items, [(0.0, 1.0, 400)], seed=24)
    scores[:, 4] = 1 - scores[:, 4]
    write_study(tmp_path, scores)
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")
    row = classical_rows(tmp_path)["q05"]
    assert number(row["item_rest"]) < -0.1
    assert row["note"] == "against the others"
    assert "1 of 10 items hardly goes with the others" in told["Classical statistics"]
    assert "those who do well elsewhere miss, or in which a wrong option draws them: q05" in (
        page_of(tmp_path)
    )


def test_persons_with_different_items_have_no_sums_to_compare(tmp_path):
    items = two_pl(12)
    scores, _ = sampled(items, [(0.0, 1.0, 300)], seed=25)
    scores[np.random.default_rng(1).random(scores.shape) < 0.5] = -1
    write_study(tmp_path, scores)
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")
    assert told["Classical statistics"].startswith("Persons answered different items")
    row = classical_rows(tmp_path)["q01"]
    assert number(row["p"]) == pytest.approx(scores[scores[:, 0] >= 0, 0].mean())
    assert row["item_rest"] == ""


def test_booklets_have_a_reliability_each(tmp_path):
    items = two_pl(12)
    scores, _ = sampled(items, [(0.0, 1.0, 600)], seed=26)
    for form in range(3):
        scores[form::3, form::3] = -1
    write_study(tmp_path, scores)
    write_items(tmp_path, items)
    report(tmp_path, "--known")
    rows = rows_of(tmp_path / "report/classical_reliability.csv")
    assert [(row["items"], row["persons"]) for row in rows] == [("8", "200")] * 3
    assert all(0.4 < float(row["alpha"]) < 0.95 for row in rows)


def chosen_options(scores, key, seed=3):
    """The key for a point, any other of the four options for none."""
    wrong = np.array([[letter for letter in "ABCD" if letter != own] for own in key])
    draw = np.random.default_rng(seed).integers(0, 3, scores.shape)
    letters = wrong[np.arange(len(key)), draw]
    return np.where(scores == 1, np.array(list(key)), letters)


def test_options_are_told_where_there_is_a_key(tmp_path):
    items, key = two_pl(8), "ABCDDCBA"
    scores, _ = sampled(items, [(0.0, 1.0, 400)], seed=27)
    letters = chosen_options(scores, key)
    able = np.argsort(scores.sum(axis=1))[-150:]
    letters[able, 3] = "B"  # in the fourth item a wrong option draws the able
    rows = ([f"p{number}", *own] for number, own in enumerate(letters.tolist()))
    write(tmp_path / "responses.csv", [["person", *names_of(8)], *rows])
    write_items(tmp_path, items)
    told = report(tmp_path, "--known", "--key", key)
    options = {
        (row["item"], row["option"]): row for row in rows_of(tmp_path / "report/options.csv")
    }
    assert len(options) == 8 * 4
    assert {item: option for (item, option), row in options.items() if row["key"]} == dict(
        zip(names_of(8), key, strict=True)
    )
    for (item, option), row in options.items():
        column = letters[:, names_of(8).index(item)]
        assert int(row["persons"]) == (column == option).sum()
        assert float(row["share"]) == pytest.approx((column == option).mean())
    assert options["q04", "B"]["note"] == "draws those who do well"
    assert float(options["q04", "B"]["correlation"]) > 0.2
    assert "q04" in page_of(tmp_path)
    assert told["Classical statistics"].startswith("Alpha")


def test_scores_have_no_options(tmp_path):
    scores, _ = sampled(two_pl(6), [(0.0, 1.0, 200)], seed=28)
    write_study(tmp_path, scores)
    write_items(tmp_path, two_pl(6))
    report(tmp_path, "--known")
    assert not (tmp_path / "report/options.csv").exists()
