"""What is at a bound, or where the likelihood is flat, has no standard error in any file."""

import csv
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from tests.irt.test_determinacy import two_pl
from tests.scoring.files.test_calibrate_csv import calibrate

FREE = ("--prior-a", "none", "--prior-c", "none", "--prior-d", "none")


def write_scores(folder, scores):
    path = folder / "r.csv"
    with path.open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["person", *(f"q{number}" for number in range(scores.shape[1]))])
        rows.writerows([f"p{at}", *line] for at, line in enumerate(scores.tolist()))
    return path


@pytest.mark.parametrize(("model", "name"), [("3pl", "c"), ("4pl", "c"), ("4pl", "d")])
def test_an_asymptote_at_its_bound_is_told_in_every_output(tmp_path, model, name):
    source = write_scores(tmp_path, two_pl()[0])
    rows, summary, _, err = calibrate(tmp_path, source, *FREE, model=model)
    bound = {"c": 0.0, "d": 1.0}[name]
    there = [item for item, row in rows.items() if abs(float(row[name]) - bound) < 1e-4]
    assert there
    for item in there:
        assert rows[item][f"se_{name}"] == ""
        assert rows[item]["se_a"] != ""
        assert rows[item]["status"] in {"at a bound", "undetermined", "steep slope"}
        assert f"warning: item {item}: no standard error of " in err
        told = [one for one in summary["undetermined"] if one["parameter"] == f"{item}:{name}"]
        assert [one["cause"] for one in told] == ["at a bound"]
    assert f"{name} = {float(rows[there[0]][name]):.3g}" in err
    assert "at a bound; the errors of the item's other parameters take this for known" in err
    assert f"(--prior-{name})" in err


def test_a_difficulty_that_flies_off_is_told_with_what_helps(tmp_path):
    scores, theta = two_pl()
    easy = (np.random.default_rng(3).random(len(theta)) < 0.9).astype(int)
    rows, *_, err = calibrate(tmp_path, write_scores(tmp_path, np.column_stack([scores, easy])))
    assert (rows["q12"]["se_b"], rows["q12"]["status"]) == ("", "undetermined")
    assert [row["status"] for row in rows.values()][:12] == [""] * 12
    assert "warning: item q12: no standard error of b = " in err
    assert "the likelihood hardly changes there; a simpler model or more responses" in err


def test_covariances_of_what_is_undetermined_are_empty(tmp_path):
    matrix = tmp_path / "v.csv"
    source = write_scores(tmp_path, two_pl()[0])
    _, summary, *_ = calibrate(tmp_path, source, *FREE, "--covariance", matrix, model="3pl")
    with matrix.open() as file:
        rows = {row["parameter"]: row for row in csv.DictReader(file)}
    unknown = {one["parameter"] for one in summary["undetermined"]}
    assert unknown
    for name, row in rows.items():
        assert (row[name] in {"", "nan"}) == (name in unknown)


def test_a_file_with_a_status_is_scored_and_anchors_as_any_other(tmp_path):
    source = write_scores(tmp_path, two_pl()[0])
    rows, *_ = calibrate(tmp_path, source, *FREE, model="3pl")
    assert any(row["status"] for row in rows.values())
    call_command(
        *("score_csv", str(source), "--items", str(tmp_path / "p.csv")),
        *("--out", str(tmp_path / "scores.csv")),
        stdout=StringIO(),
    )
    assert len((tmp_path / "scores.csv").read_text().splitlines()) == 601


def test_without_doubt_there_is_no_column_and_no_entry(tmp_path):
    source = write_scores(tmp_path, two_pl()[0])
    rows, summary, _, err = calibrate(tmp_path, source, model="3pl")
    assert "status" not in rows["q0"]
    assert "undetermined" not in summary
    assert err == ""
