import csv
import json
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.reference import reader as reference


def run(command, *arguments):
    """Standard output and standard error of a command."""
    out, err = StringIO(), StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def columns(path):
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(path, name):
    return np.array([float(cell) for cell in columns(path)[name]])


def test_calibration_recovers_the_difficulties_of_generated_data(tmp_path):
    run("generate_data", "--model", "2pl", "--students", 2000, "--items", 50, "--out", tmp_path)
    out = tmp_path / "params.csv"
    run("calibrate_csv", tmp_path / "responses.csv", "--model", "2pl", "--out", out)
    truth = numbers(tmp_path / "items.csv", "Difficulty")
    assert np.corrcoef(numbers(out, "b"), truth)[0, 1] > 0.98
    slopes = numbers(tmp_path / "items.csv", "Discrimination")
    assert np.corrcoef(numbers(out, "a"), slopes)[0, 1] > 0.95
    assert (numbers(out, "a") / slopes).mean() == pytest.approx(1.7, abs=0.1)


@pytest.mark.parametrize("model", ["3pl", "grm"])
def test_calibration_recovers_the_other_models(tmp_path, model):
    run(
        *("generate_data", "--model", model, "--students", 1500, "--items", 30),
        *("--metric", 1, "--out", tmp_path),
    )
    out = tmp_path / "params.csv"
    run("calibrate_csv", tmp_path / "responses.csv", "--model", model, "--out", out)
    estimated, true = ("b", "Difficulty") if model == "3pl" else ("b2", "Difficulty2")
    truth = numbers(tmp_path / "items.csv", true)
    assert np.corrcoef(numbers(out, estimated), truth)[0, 1] > 0.97
    slopes = numbers(tmp_path / "items.csv", "Discrimination")
    assert (numbers(out, "a") / slopes).mean() == pytest.approx(1.0, abs=0.15)


def test_generated_files_have_the_columns_of_edu_irt(tmp_path):
    run("generate_data", "--model", "3pl", "--students", 7, "--items", 3, "--out", tmp_path)
    assert list(columns(tmp_path / "responses.csv")) == ["Q1", "Q2", "Q3"]
    assert len(columns(tmp_path / "responses.csv")["Q1"]) == 7
    assert list(columns(tmp_path / "abilities.csv")) == ["Student_abilities"]
    assert list(columns(tmp_path / "items.csv")) == ["Difficulty", "Discrimination", "Guessing"]
    assert len(columns(tmp_path / "items.csv")["Guessing"]) == 3


def test_the_same_seed_generates_the_same_files(tmp_path):
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        run(
            *("generate_data", "--model", "grm", "--students", 20, "--items", 4),
            *("--seed", seed, "--out", tmp_path / folder),
        )
    first, second, third = (
        (tmp_path / folder / "responses.csv").read_text() for folder in ("a", "b", "c")
    )
    assert first == second
    assert first != third


def test_lsat7_is_reproduced_to_three_digits(tmp_path):
    fit = reference.fit("LSAT7__2pl")
    source = reference.responses_file(tmp_path, "LSAT7")
    out, summary = tmp_path / "params.csv", tmp_path / "summary.json"
    run("calibrate_csv", source, "--model", "2pl", "--out", out, "--summary", summary)
    slopes = np.array([item["estimate"][0] for item in fit["items"]])
    intercepts = np.array([item["estimate"][1] for item in fit["items"]])
    assert numbers(out, "a") == pytest.approx(slopes, abs=1e-3)
    assert numbers(out, "b") == pytest.approx(-intercepts / slopes, abs=1e-3)
    assert json.loads(summary.read_text())["log_likelihood"] == pytest.approx(
        fit["log_likelihood"], abs=1e-6
    )


def write_responses(folder, model="2pl", name="responses.csv"):
    rng = np.random.default_rng(3)
    theta = rng.standard_normal((300, 1))
    levels = np.linspace(-1, 1, 6)
    if model == "grm":
        scores = (theta + rng.logistic(size=(300, 6)) > levels).astype(int)
        scores += theta + rng.logistic(size=(300, 6)) > levels + 1
    else:
        scores = (theta + rng.logistic(size=(300, 6)) > levels).astype(int)
    path = folder / name
    with path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["person", *(f"i{item}" for item in range(6))])
        writer.writerows([f"p{row}", *line] for row, line in enumerate(scores.tolist()))
    return path


def test_the_summary_has_the_agreed_keys(tmp_path):
    source = write_responses(tmp_path)
    run(
        *("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv"),
        *("--summary", tmp_path / "s.json", "--nodes", 41, "--range", 5, "--tolerance", 1e-5),
    )
    summary = json.loads((tmp_path / "s.json").read_text())
    assert list(summary) == [
        *("log_likelihood", "log_posterior", "converged", "iterations", "max_gradient"),
        *("n_persons", "n_items", "group_mean", "group_variance", "nodes", "range", "seconds"),
        *("n_parameters", "aic", "bic", "group_mean_se", "group_variance_se"),
    ]
    assert (summary["converged"], summary["max_gradient"] < 1e-5) == (True, True)
    assert (summary["n_persons"], summary["n_items"]) == (300, 6)
    assert (summary["nodes"], summary["range"]) == (41, 5.0)


def test_columns_are_empty_where_the_model_has_no_such_parameter(tmp_path):
    run("calibrate_csv", write_responses(tmp_path), "--model", "2pl", "--out", tmp_path / "p.csv")
    table = columns(tmp_path / "p.csv")
    assert list(table) == [*("item", "model", "a", "b", "c", "d", "se_a", "se_b", "se_c", "se_d")]
    assert table["item"] == [f"i{item}" for item in range(6)]
    assert set(table["c"] + table["d"] + table["se_c"] + table["se_d"]) == {""}


def test_graded_items_have_their_steps_in_columns_of_their_own(tmp_path):
    source = write_responses(tmp_path, "grm")
    run("calibrate_csv", source, "--model", "grm", "--out", tmp_path / "p.csv")
    table = columns(tmp_path / "p.csv")
    assert list(table) == [
        *("item", "model", "a", "b", "c", "d", "b1", "b2"),
        *("se_a", "se_b", "se_c", "se_d", "se_b1", "se_b2"),
    ]
    assert set(table["b"]) == {""}
    assert (numbers(tmp_path / "p.csv", "b1") < numbers(tmp_path / "p.csv", "b2")).all()


@pytest.mark.parametrize("model", ["2pl", "3pl", "grm"])
def test_scores_of_the_calibration_equal_those_at_its_parameters(tmp_path, model):
    source = write_responses(tmp_path, model)
    params, first, second = (tmp_path / name for name in ("p.csv", "s1.csv", "s2.csv"))
    run("calibrate_csv", source, "--model", model, "--out", params, "--scores", first)
    run("score_csv", source, "--items", params, "--out", second)
    assert first.read_text() == second.read_text()
    assert columns(first)["person"][:2] == ["p0", "p1"]


def test_wide_and_long_files_give_the_same_parameters(tmp_path):
    wide = write_responses(tmp_path)
    long = tmp_path / "long.csv"
    with wide.open() as source, long.open("w") as target:
        writer = csv.writer(target)
        writer.writerow(["person", "item", "response"])
        for row in csv.DictReader(source):
            writer.writerows([row["person"], name, row[name]] for name in list(row)[1:])
    for path, out in ((wide, "p1.csv"), (long, "p2.csv")):
        run("calibrate_csv", path, "--model", "2pl", "--out", tmp_path / out)
    assert (tmp_path / "p1.csv").read_text() == (tmp_path / "p2.csv").read_text()


def test_the_prior_of_the_scores_can_be_chosen(tmp_path):
    source = write_responses(tmp_path)
    params, scores = tmp_path / "p.csv", tmp_path / "s.csv"
    run("calibrate_csv", source, "--model", "2pl", "--out", params)
    run("score_csv", source, "--items", params, "--out", scores)
    flat = numbers(scores, "eap")
    run(
        *("score_csv", source, "--items", params, "--out", scores),
        *("--prior-mean", 1, "--prior-sd", 0.1, "--nodes", 201, "--range", 8),
    )
    assert numbers(scores, "eap").mean() == pytest.approx(1.0, abs=0.1)
    assert flat.mean() == pytest.approx(0.0, abs=0.1)


def test_the_command_prints_what_it_used(tmp_path):
    source = write_responses(tmp_path)
    out, _ = run("calibrate_csv", source, "--model", "3pl", "--out", tmp_path / "p.csv")
    assert "300 persons, 6 items, 1800 responses" in out
    assert "model 3pl, metric D = 1, population N(0, 1)" in out
    assert "priors: a ~ lognormal:0,0.5, c ~ beta:5,17" in out
    assert "61 nodes on -6..6, tolerance 1e-06" in out
    assert "\nconverged after" in out


def test_unusable_items_may_be_left_out_named_left_empty_and_not_scored(tmp_path):
    source = write_responses(tmp_path)
    lines = source.read_text().splitlines()
    source.write_text("\n".join([lines[0] + ",all", *(line + ",1" for line in lines[1:])]))
    params, scores = tmp_path / "p.csv", tmp_path / "s.csv"
    _, warnings = run(
        *("calibrate_csv", source, "--model", "2pl", "--out", params, "--scores", scores),
        "--skip-unusable",
    )
    assert warnings == "warning: left out: item all (line 1): every response is 1\n"
    assert columns(params)["a"][-1] == ""
    _, warnings = run("score_csv", source, "--items", params, "--out", tmp_path / "s2.csv")
    assert warnings == "warning: item all has no parameters and is left out\n"
    assert (tmp_path / "s2.csv").read_text() == scores.read_text()


def test_a_negative_slope_is_reported(tmp_path):
    source = write_responses(tmp_path)
    rows = list(csv.reader(source.read_text().splitlines()))
    flipped = [[*row[:2], str(1 - int(row[2])), *row[3:]] for row in rows[1:]]
    source.write_text("\n".join(",".join(row) for row in [rows[0], *flipped]))
    _, warnings = run("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv")
    assert warnings == "warning: item i1: negative slope (a wrong key?)\n"


@pytest.mark.parametrize("model", ["2pl", "3pl", "grm", "gpcm"])
def test_a_calibration_with_negative_slopes_is_scored_and_reported(tmp_path, model):
    source = write_responses(tmp_path, "grm" if model in ("grm", "gpcm") else "2pl")
    rows = list(csv.reader(source.read_text().splitlines()))
    highest = max(int(row[2]) for row in rows[1:])
    flipped = [[*row[:2], str(highest - int(row[2])), *row[3:]] for row in rows[1:]]
    source.write_text("\n".join(",".join(row) for row in [rows[0], *flipped]))
    params, own, again = (tmp_path / name for name in ("p.csv", "s1.csv", "s2.csv"))
    options = ("--prior-a", "none") if model == "3pl" else ()
    run("calibrate_csv", source, "--model", model, "--out", params, "--scores", own, *options)
    assert (numbers(params, "a") < 0).tolist() == [False, True, False, False, False, False]
    run("score_csv", source, "--items", params, "--out", again)
    assert own.read_text() == again.read_text()
    printed, _ = run("calibration_report", source, "--items", params, "--out", tmp_path / "report")
    assert "report.html" in printed
    assert "i1" in (tmp_path / "report" / "item_fit.csv").read_text()


def test_negative_slopes_are_no_anchors(tmp_path):
    anchors = tmp_path / "a.csv"
    anchors.write_text("item,model,a,b\ni0,2pl,-1,0\n")
    source = write_responses(tmp_path)
    options = ("--model", "2pl", "--out", tmp_path / "p.csv", "--anchors", anchors)
    assert "the discrimination must be positive" in refused("calibrate_csv", source, *options)


def refused(*arguments):
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 2
    return str(refusal.value)


def test_bad_responses_leave_no_file_and_the_old_one_as_it_was(tmp_path):
    source = tmp_path / "r.csv"
    source.write_text("Q1,Q2\n1,0\n0,7\n")
    out = tmp_path / "p.csv"
    out.write_text("old")
    message = refused("calibrate_csv", source, "--model", "2pl", "--out", out)
    assert message == (
        f"{source} line 3, item Q2: a score of 7, but the item's scores are 0 to 1; a score above "
        "1 takes a graded or partial credit model (--model, --models)"
    )
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "r.csv"]


def test_data_in_which_nothing_varies_are_refused(tmp_path):
    source = tmp_path / "r.csv"
    source.write_text("Q1,Q2\n1,0\n1,0\n")
    arguments = ("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv")
    message = refused(*arguments)
    assert (
        "item Q1 (line 1): every response is 1\n  item Q2 (line 1): every response is 0" in message
    )
    assert refused(*arguments, "--skip-unusable") == message


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    source = write_responses(tmp_path)
    nowhere = tmp_path / "no" / "p.csv"
    assert "does not exist" in refused("calibrate_csv", source, "--model", "2pl", "--out", nowhere)
    assert "is a folder" in refused("calibrate_csv", source, "--model", "2pl", "--out", tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("item,a,b1,b2\ni0,1,0,1\n", "lacks the column model"),
        ("item,model,a,b\ni0,2pl,x,0\n", "line 2, column a: 'x' is not a number"),
        ("item,model,a,b\ni0,2pl,1,\n", "line 2, column b: '' is not a number"),
        ("item,model,a,b\ni0,2pl,nan,0\n", "line 2, item i0: every parameter must be a finite"),
        ("item,model,a,b\ni0,2pl,0,0\n", "line 2, item i0: the discrimination is 0"),
        ("item,model,a,b,c\ni0,3pl,1,0,1.5\n", "line 2, item i0: the asymptotes must satisfy"),
        ("item,model,a,b1,b2\ni0,grm,1,1,0\n", "line 2, item i0: thresholds must rise strictly"),
        ("item,model,a,b1,b2\ni0,grm,-1,0,1\n", "line 2, item i0: thresholds must fall strictly"),
        ("item,model,a,b\ni0,grm,1,0\n", "line 2: a grm item needs b1, b2, ..."),
        ("item,model,a,b\ni0,5pl,1,0\n", "line 2: unknown model '5pl'; known are rasch, 1pl, 2pl"),
        ("item,model,a,b\ni0,2pl,1,0\ni0,2pl,1,0\n", "line 3: item 'i0' is empty or appears twice"),
        ("item,model,a,b\ni0,2pl,1\n", "line 2: 3 cells where the header has 4"),
        ("item,model,a,b\n", "has no item with parameters"),
        ("item,model,a,b\nother,2pl,1,0\n", "holds none of the items of the parameter file"),
    ],
)
def test_bad_parameter_files_are_refused_with_place_and_reason(tmp_path, content, reason):
    params = tmp_path / "p.csv"
    params.write_text(content)
    source = write_responses(tmp_path)
    message = refused("score_csv", source, "--items", params, "--out", tmp_path / "s.csv")
    assert reason in message
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--nodes", "1"), ("--range", "0"), ("--range", "nan"), ("--tolerance", "-1")],
)
def test_impossible_settings_are_refused(tmp_path, option, value):
    source = write_responses(tmp_path)
    with pytest.raises(CommandError, match=f"argument {option}"):
        run("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv", option, value)


def test_bad_data_end_the_process_with_status_two_and_one_sentence(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "calibrate_csv", tmp_path / "none.csv"),
            *("--model", "2pl", "--out", tmp_path / "p.csv"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    reason = f"{tmp_path / 'none.csv'} cannot be read: No such file or directory"
    assert done.stderr == f"CommandError: {reason}\n"
    assert "Traceback" not in done.stderr


def test_estimates_that_say_nothing_are_counted(tmp_path):
    (tmp_path / "p.csv").write_text("item,model,a,b\nQ1,2pl,0.05,0\nQ2,2pl,0.05,0\n")
    (tmp_path / "r.csv").write_text("person,Q1,Q2\nann,1,0\n")
    out, _ = run(
        *("score_csv", tmp_path / "r.csv", "--items", tmp_path / "p.csv"),
        *("--out", tmp_path / "s.csv"),
    )
    assert "ml: 1 with an error above 5 (--fences)" in out


def test_a_grid_that_no_machine_could_hold_is_refused(tmp_path):
    source = write_responses(tmp_path)
    with pytest.raises(CommandError, match="must be at most 10001, not 1000000000"):
        run(
            *("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv"),
            *("--nodes", 1000000000),
        )
