"""The section that says whether one scale holds all items, and what the responses leave open."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command

from tests.irt.test_determinacy import two_pl
from tests.irt.test_linkage import forms
from tests.scoring.report.report_files import rows_of


def write(folder, scores):
    path = folder / "r.csv"
    with path.open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["person", *(f"q{number}" for number in range(scores.shape[1]))])
        lines = ([score if score >= 0 else "" for score in row] for row in scores.tolist())
        rows.writerows([f"p{at}", *line] for at, line in enumerate(lines))
    return path


def report(folder, scores, *options, model="2pl", of_report=(), language="en"):
    """What the commands say of the scale, the rows of blocks.csv and the page."""
    source, params, out = write(folder, scores), folder / "p.csv", folder / "report"
    call_command(
        *("calibrate_csv", str(source), "--model", model, "--out", str(params), *options),
        **{"stdout": StringIO(), "stderr": StringIO()},
    )
    told = StringIO()
    call_command(
        *("calibration_report", str(source), "--items", str(params), "--out", str(out)),
        *("--language", language, *of_report),
        stdout=told,
    )
    name = {"en": "The scale: ", "ko": "척도: "}[language]
    [line] = [line for line in told.getvalue().splitlines() if line.startswith(name)]
    return line.removeprefix(name), rows_of(out / "blocks.csv"), (out / "report.html").read_text()


def test_items_that_hang_together_are_one_block(tmp_path):
    line, rows, _ = report(tmp_path, forms((range(18), 200)))
    assert line == "All items hang together."
    assert [(row["kind"], row["n_items"], row["persons"]) for row in rows] == [
        ("block", "18", "200")
    ]


def test_blocks_that_nothing_links_are_named(tmp_path):
    scores = forms((range(8), 150), (range(8, 18), 200))
    line, rows, page = report(tmp_path, scores)
    assert line == "The items fall into 2 blocks that nothing links."
    assert [(row["items"].split()[0], row["persons"]) for row in rows] == [
        ("q8", "200"),
        ("q0", "150"),
    ]
    assert "q0, q1, q2, q3, q4, q5 and 2 more (150 persons)" in page
    assert "Calibrate each block by itself" in page


def test_a_block_that_hangs_by_a_thread_is_told_with_the_error_of_the_link(tmp_path):
    line, rows, page = report(tmp_path, forms((range(10), 300), (range(9, 18), 250)))
    assert line == "1 block of items hangs on the others by a thread."
    tie = rows[1]
    assert (tie["kind"], tie["common_items"], tie["persons"]) == ("tie", "q9", "250")
    assert 0.05 < float(tie["standard_error"]) < 0.4
    assert f"standard error of this link is {float(tie['standard_error']):.3f}" in page


def test_a_parameter_at_its_bound_is_told(tmp_path):
    line, _, page = report(
        *(tmp_path, two_pl()[0], "--prior-a", "none", "--prior-c", "none"), model="3pl"
    )
    assert "have a parameter that the responses leave open." in line
    assert ">at a bound</td>" in page
    assert "a parameter has no standard error (" in page


@pytest.mark.parametrize(("given", "is_told"), [("1.2,1", True), ("0,1", False)])
def test_a_population_that_is_given_elsewhere_is_told(tmp_path, given, is_told):
    line, _, page = report(tmp_path, forms((range(18), 400)), of_report=("--population", given))
    assert ("By the items ability has mean" in page) == is_told
    assert (line == "All items hang together.") != is_told
