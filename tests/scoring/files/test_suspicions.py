"""Scores that can be read and are wrong all the same: what the commands say of them."""

import numpy as np
import pytest

from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model
from tests.scoring.files.test_csv_commands import columns, refused, run

LIKERT = ItemParameters.from_rows(
    [
        (Model.GRADED, a, [b - 1.5, b - 0.5, b + 0.5, b + 1.5], 0, 1)
        for a, b in ((1.6, 0.2), (1.2, -0.3), (1.4, 0.0), (1.1, 0.4))
    ]
)
PARAMETERS = "item,model,a,b1,b2,b3,b4\n" + "".join(
    f"q{at},grm,{LIKERT.discrimination[at]},"
    + ",".join(f"{step}" for step in LIKERT.difficulty[at])
    + "\n"
    for at in range(4)
)


def simulate(n_persons, seed, mean=0.0):
    """Scores (N, 4) from 0 to 4."""
    rng = np.random.default_rng(seed)
    shares = category_probabilities(LIKERT, rng.normal(mean, 1, n_persons))
    return (rng.random((n_persons, 4, 1)) > shares.transpose(2, 0, 1).cumsum(axis=2)).sum(axis=2)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "p.csv").write_text(PARAMETERS)
    return tmp_path


def write(folder, scores):
    rows = "".join(f"p{at}," + ",".join(map(str, row)) + "\n" for at, row in enumerate(scores))
    (folder / "r.csv").write_text("id,q0,q1,q2,q3\n" + rows)
    return folder / "r.csv"


def score(folder, *options):
    arguments = (folder / "r.csv", "--items", folder / "p.csv", "--out", folder / "s.csv")
    _, told = run("score_csv", *arguments, *options)
    return np.array(columns(folder / "s.csv")["eap"], dtype=float), told


def test_codes_from_one_that_fit_are_pointed_out_and_taken_down_on_request(folder):
    scores = np.minimum(simulate(60, 1, mean=-1.0), 3)
    write(folder, scores)
    right, told = score(folder)
    assert "counts from 1" not in told
    write(folder, scores + 1)
    wrong, told = score(folder)
    assert wrong.mean() - right.mean() > 0.5
    assert told == (
        "warning: none of the 240 scores of items with several categories is 0; if the file "
        "counts from 1, say so by --lowest 1\n"
    )
    again, told = score(folder, "--lowest", 1)
    assert again == pytest.approx(right, abs=1e-12)
    assert "counts from 1" not in told


def test_codes_from_one_that_do_not_fit_are_refused_with_what_mends_them(folder):
    source = write(folder, simulate(60, 2) + 1)
    arguments = ("score_csv", source, "--items", folder / "p.csv", "--out", folder / "s.csv")
    reason = refused(*arguments)
    assert "a score of 5, but the item's scores are 0 to 4" in reason
    assert reason.endswith("no score of the file is 0: if it counts from 1, say so by --lowest 1")


def test_a_category_that_nobody_reached_is_pointed_out_where_many_were_expected(folder):
    scores = simulate(400, 3)
    scores[:, 1] = np.minimum(scores[:, 1], 3)
    write(folder, scores)
    _, told = score(folder)
    assert told == (
        "warning: nobody is in the highest category of q1 (4), where the parameters expect at "
        "least ten; are the scores those that the parameters are for (--lowest, --recode)?\n"
    )


def test_few_persons_without_the_highest_category_are_no_reason_to_doubt(folder):
    write(folder, np.minimum(simulate(12, 4), 3))
    assert score(folder)[1] == ""


@pytest.mark.parametrize(("n_persons", "highest"), [(60, 2), (40, 2), (100, 1)])
def test_several_empty_categories_are_pointed_out_together(folder, n_persons, highest):
    write(folder, np.minimum(simulate(n_persons, 9), highest))
    assert "nobody is in the highest category of q0 (4), q1 (4)" in score(folder)[1]


def test_empty_low_categories_of_single_items_are_pointed_out(folder):
    scores = simulate(60, 10)
    scores[:, 2] = np.maximum(scores[:, 2], 2)
    write(folder, scores)
    assert "nobody is in the lowest category of q2 (0), where" in score(folder)[1]


def test_the_report_says_it_too(folder):
    write(folder, np.minimum(simulate(300, 5), 3) + 1)
    arguments = ("--items", folder / "p.csv", "--out", folder / "report", "--population=0,1")
    _, told = run("calibration_report", folder / "r.csv", *arguments)
    assert "counts from 1, say so by --lowest 1" in told


def test_a_calibration_says_which_items_have_fewer_categories_than_the_others(folder):
    scores = simulate(500, 6)
    scores[:, 2] = np.minimum(scores[:, 2], 3)
    source = write(folder, scores)
    _, told = run("calibrate_csv", source, "--model", "grm", "--out", folder / "o.csv")
    assert "item q2: no answer above 3, where other items go to 4; it has 4 categories now" in told
    assert told.count("no answer above") == 1


@pytest.mark.parametrize(
    ("add", "model", "told"),
    [
        (1, "grm", "no score of the file is 0; if it counts from 1, say so by --lowest 1"),
        (1, "2pl", "no score of the file is 0: if it counts from 1, say so by --lowest 1"),
    ],
)
def test_a_calibration_of_codes_from_one_says_what_mends_it(folder, add, model, told):
    scores = simulate(200, 7) if model == "grm" else (simulate(200, 7) > 1).astype(int)
    source = write(folder, scores + add)
    arguments = ("calibrate_csv", source, "--model", model, "--out", folder / "o.csv")
    assert told in refused(*arguments)
    run(*arguments, "--lowest", 1)
    assert columns(folder / "o.csv")["model"] == [model] * 4


@pytest.mark.parametrize(("code", "model"), [(9, "pcm"), (99, "grm"), (9, "2pl"), (8, "rasch")])
def test_a_calibration_of_codes_for_no_answer_says_what_mends_it(folder, code, model):
    scores = simulate(200, 8) if model in ("pcm", "grm") else (simulate(200, 8) > 1).astype(int)
    scores[::9, 1] = code
    source = write(folder, scores)
    arguments = ("calibrate_csv", source, "--model", model, "--out", folder / "o.csv")
    reason = refused(*arguments)
    assert f"if {code} stands for a missing answer, say so by --missing {code}" in reason
    run(*arguments, "--missing", code)
    assert columns(folder / "o.csv")["a"][1] != ""
