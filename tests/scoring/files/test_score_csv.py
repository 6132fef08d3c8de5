import csv
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.models.parameters import ItemParameters, Model
from irt.responses import MISSING, dense_responses
from tests.reference import reader as reference

HEADER = ["person", "eap", "eap_se", "map", "map_se", "ml", "ml_se", "wle", "wle_se"]
PARAMETERS = "item,model,a,b,c\ni0,2pl,1.0,-1,\ni1,2pl,1.5,0,\ni2,3pl,1.2,1,0.2\n"
ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.0, -1, 0, 1),
        (Model.TWO_PL, 1.5, 0, 0, 1),
        (Model.THREE_PL, 1.2, 1, 0.2, 1),
    ]
)
RESPONSES = "person,i0,i1,i2\nAnn,1,0,1\nBen,1,1,1\nCem,0,0,0\nDot,,,\nEva,1,,0\n"
SCORES = [[1, 0, 1], [1, 1, 1], [0, 0, 0], [MISSING] * 3, [1, MISSING, 0]]


class Terminal(StringIO):
    def isatty(self):
        return True


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "r.csv").write_text(RESPONSES)
    (tmp_path / "p.csv").write_text(PARAMETERS)
    return tmp_path


def run(folder, *options, stdout=None):
    """Rows of SCORES.csv by person, standard output and standard error."""
    out, err = stdout or StringIO(), StringIO()
    paths = folder / "r.csv", "--items", folder / "p.csv", "--out", folder / "s.csv"
    call_command("score_csv", *map(str, (*paths, *options)), stdout=out, stderr=err)
    return rows_of(folder / "s.csv"), out.getvalue(), err.getvalue()


def rows_of(path):
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {next(iter(row.values())): row for row in rows}


def numbers(rows, name):
    return [float(row[name]) for row in rows.values()]


def test_every_estimate_has_a_column_and_an_error(folder):
    scores, _, _ = run(folder)
    assert list(scores) == ["Ann", "Ben", "Cem", "Dot", "Eva"]
    assert list(scores["Ann"]) == HEADER
    assert all(scores["Ann"].values())


def test_no_highest_point_above_or_below_and_no_answer_are_three_things(folder):
    scores, _, _ = run(folder)
    assert [scores[name]["ml"] for name in ("Ben", "Cem", "Dot")] == ["inf", "-inf", ""]
    assert [scores[name]["ml_se"] for name in ("Ben", "Cem", "Dot")] == ["", "", ""]
    assert [scores["Dot"][name] for name in ("map", "map_se")] == ["0.0", "1.0"]
    assert [scores["Dot"][name] for name in ("wle", "wle_se")] == ["", ""]
    assert float(scores["Dot"]["eap"]) == pytest.approx(0.0, abs=1e-12)
    assert float(scores["Dot"]["eap_se"]) == pytest.approx(1.0, abs=1e-6)


def test_what_is_not_plain_is_counted(folder):
    _, printed, _ = run(folder)
    lines = printed.splitlines()
    assert lines[0] == "5 persons, 3 items, 11 responses"
    assert "prior N(0, 1^2), 121 nodes on -6..6" in lines[1]
    assert lines[2].startswith("reliability: empirical 0.")
    assert lines[3:] == [
        "eap: 1 no responses",
        "map: 1 no responses",
        "ml: 1 +infinite, 1 -infinite, 1 no responses",
        "wle: 1 no responses",
    ]


def test_the_prior_moves_eap_and_map_but_not_ml_and_wle(folder):
    standard, _, _ = run(folder)
    moved, _, _ = run(folder, "--prior-mean", 1, "--prior-sd", 0.1)
    assert np.abs(np.array(numbers(moved, "eap")) - 1).max() < 0.1
    assert np.abs(np.array(numbers(moved, "map")) - 1).max() < 0.1
    for name in ("ml", "ml_se", "wle", "wle_se"):
        assert [row[name] for row in moved.values()] == [row[name] for row in standard.values()]


def test_fences_keep_ml_finite(folder):
    scores, printed, _ = run(folder, "--fences=-3.5,4")
    expected = maximum_likelihood(dense_responses(SCORES), ITEMS, fences=(-3.5, 4.0))
    assert "fences of ML: -3.5 and 4" in printed
    assert "ml: 1 no responses, 2 at bound" in printed
    for row, theta in zip(scores.values(), expected.theta, strict=True):
        assert row["ml"] == ("" if np.isnan(theta) else str(theta))


def test_errors_may_come_from_observed_information(folder):
    expected, _, _ = run(folder)
    observed, printed, _ = run(folder, "--observed-errors")
    assert "errors of MAP, ML and WLE: observed information" in printed
    assert observed["Ann"]["ml"] == expected["Ann"]["ml"]
    error = maximum_likelihood(dense_responses(SCORES), ITEMS, observed_errors=True).standard_error
    assert observed["Ann"]["ml_se"] == str(error[0])
    assert observed["Ann"]["ml_se"] != expected["Ann"]["ml_se"]
    assert observed["Ann"]["eap_se"] == expected["Ann"]["eap_se"]


def test_summed_scores_go_to_a_file_of_their_own(folder):
    run(folder, "--summed-scores", folder / "sums.csv")
    table = rows_of(folder / "sums.csv")
    assert list(table["0"]) == ["score", "eap", "eap_se", "observed", "expected"]
    assert [row["observed"] for row in table.values()] == ["1", "0", "1", "1"]
    assert sum(numbers(table, "expected")) == pytest.approx(3.0)
    assert numbers(table, "eap") == sorted(numbers(table, "eap"))


def test_polytomous_items_are_scored_too(folder):
    (folder / "p.csv").write_text("item,model,a,b,b1,b2\ni0,2pl,1,-1,,\ni1,gpcm,1.5,,0.5,0\n")
    (folder / "r.csv").write_text("person,i0,i1\nAnn,1,0\nBen,0,2\n")
    items = ItemParameters.from_rows(
        [(Model.TWO_PL, 1, -1, 0, 1), (Model.GPCM, 1.5, [0.5, 0.0], 0, 1)]
    )
    expected = maximum_likelihood(dense_responses([[1, 0], [0, 2]], [2, 3]), items)
    assert numbers(run(folder)[0], "ml") == expected.theta.tolist()


def test_a_long_file_gives_the_same_scores(folder):
    wide, _, _ = run(folder)
    with (folder / "r.csv").open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["person", "item", "response"])
        for name, row in zip(wide, SCORES, strict=True):
            cells = ["" if score == MISSING else score for score in row]
            writer.writerows([name, f"i{item}", cell] for item, cell in enumerate(cells))
    assert run(folder)[0] == wide


def test_a_terminal_shows_a_progress_bar(folder):
    _, printed, _ = run(folder, stdout=Terminal())
    assert f"\r[{'#' * 24}] 100%  5 of 5 persons " in printed
    assert "\r" not in run(folder)[1]


def test_a_grid_that_cuts_the_prior_off_is_said(folder):
    with pytest.raises(CommandError, match=r"cut off the prior .* give a --range of 10, or leave"):
        run(folder, "--prior-mean", 4, "--range", 6)
    assert not (folder / "s.csv").exists()


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--fences=4,-4", "the lower fence must be below the upper, not 4,-4"),
        ("--fences=4", "must be two numbers as LOWER,UPPER, not 4"),
        ("--fences=-inf,4", "must be a finite number, not -inf"),
        ("--prior-sd=0", "must be a positive number, not 0"),
    ],
)
def test_impossible_options_are_refused(folder, option, reason):
    with pytest.raises(CommandError, match=reason):
        run(folder, option)


def test_a_score_beyond_the_items_categories_is_refused_with_item_and_line(folder):
    (folder / "r.csv").write_text(RESPONSES + "Fay,1,2,0\n")
    (folder / "s.csv").write_text("old")
    with pytest.raises(CommandError) as refusal:
        run(folder, "--summed-scores", folder / "sums.csv")
    assert refusal.value.returncode == 2
    assert str(refusal.value).endswith(
        "line 7, item i1: a score of 2, but the item's scores are 0 to 1"
    )
    assert (folder / "s.csv").read_text() == "old"
    assert sorted(path.name for path in folder.iterdir()) == ["p.csv", "r.csv", "s.csv"]


def test_the_scores_of_lsat7_equal_the_published_ones(folder):
    patterns, exact = reference.scores("LSAT7__2pl")
    parameters = reference.scored_parameters("LSAT7__2pl")
    lines = [
        f"i{item},2pl,{parameters.discrimination[item]},{parameters.difficulty[item, 0]}\n"
        for item in range(5)
    ]
    (folder / "p.csv").write_text("item,model,a,b\n" + "".join(lines))
    (folder / "r.csv").write_text(
        "i0,i1,i2,i3,i4\n" + "".join(",".join(map(str, row)) + "\n" for row in patterns.tolist())
    )
    scores, _, _ = run(folder)
    assert numbers(scores, "eap") == pytest.approx(exact["EAP_exact"], abs=1e-10)
    assert numbers(scores, "map") == pytest.approx(exact["MAP_exact"], abs=1e-7)
    assert numbers(scores, "wle") == pytest.approx(exact["WLEwarm_exact"], abs=1e-7)
