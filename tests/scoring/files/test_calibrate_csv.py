import csv
import json
import os
import pty
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

ITEMS = [f"i{item}" for item in range(8)]


def write_responses(folder, n_persons=400, top=1, seed=3, mean=0.0):
    """Scores 0..top of persons p0, p1, ... on the items i0 to i7, with difficulties -1..1."""
    rng = np.random.default_rng(seed)
    theta = mean + rng.standard_normal((n_persons, 1))
    levels = np.linspace(-1, 1, len(ITEMS))
    steps = (theta + rng.logistic(size=(n_persons, len(ITEMS))) > levels + k for k in range(top))
    scores = sum(step.astype(int) for step in steps)
    path = folder / "responses.csv"
    with path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["person", *ITEMS])
        writer.writerows([f"p{row}", *line] for row, line in enumerate(scores.tolist()))
    return path


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def calibrate(folder, source, *options, model="2pl"):
    """Rows of PARAMS.csv by item, SUMMARY.json, standard output and standard error."""
    out, err = StringIO(), StringIO()
    params, summary = folder / "p.csv", folder / "s.json"
    call_command(
        *("calibrate_csv", str(source), "--model", model, "--out", str(params)),
        *("--summary", str(summary), *map(str, options)),
        stdout=out,
        stderr=err,
    )
    with params.open() as file:
        rows = {row["item"]: row for row in csv.DictReader(file)}
    return rows, json.loads(summary.read_text()), out.getvalue(), err.getvalue()


def refused(folder, source, *options, model="2pl"):
    """What the command says when it refuses; it leaves every file as it was."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CommandError) as refusal:
        calibrate(folder, source, *options, model=model)
    assert refusal.value.returncode == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    return str(refusal.value)


def test_models_of_single_items_override_the_model(tmp_path):
    models = write(tmp_path, "m.csv", "item,model\ni1,3PL\ni2,rasch\n")
    rows, _, out, _ = calibrate(tmp_path, write_responses(tmp_path), "--models", models)
    assert [row["model"] for row in rows.values()] == ["2pl", "3pl", "rasch", *["2pl"] * 5]
    assert [bool(row["c"]) for row in rows.values()] == [False, True, *[False] * 6]
    assert (rows["i2"]["a"], rows["i2"]["se_a"]) == ("1.0", "")
    assert "model 2pl (6), 3pl (1), rasch (1), metric D = 1, population N(0, free)\n" in out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("item,model\nother,3pl\n", "line 2: item 'other' is not in "),
        ("item,model\ni1,3pl\ni2,5pl\n", "line 3: unknown model '5pl'; known are rasch, 1pl"),
        ("item,model\ni1,3pl\ni1,3pl\n", "line 3: item 'i1' appears twice"),
        ("item\ni1\n", "m.csv lacks the column model"),
        ("item,model\ni1\n", "line 2: 1 cells where the header has 2"),
    ],
)
def test_a_bad_file_of_models_is_refused_with_its_line(tmp_path, text, reason):
    source = write_responses(tmp_path)
    assert reason in refused(tmp_path, source, "--models", write(tmp_path, "m.csv", text))


def test_polytomous_and_dichotomous_items_stand_in_one_file(tmp_path):
    source = write_responses(tmp_path, top=2)
    lines = [row.split(",") for row in source.read_text().split()]
    for row in lines[1:]:
        row[1] = str(min(int(row[1]), 1))
    source.write_text("\n".join(map(",".join, lines)))
    models = write(tmp_path, "m.csv", "item,model\ni0,4pl\ni1,grm\ni2,pcm\n")
    rows, *_ = calibrate(tmp_path, source, "--models", models, model="gpcm")
    shape = {"a", "b1", "b2", "se_b1", "se_b2"}
    for name in ITEMS[1:]:
        given = {column for column, cell in rows[name].items() if cell} - {"item", "model"}
        assert given == (shape if name == "i2" else shape | {"se_a"})
    given = {column for column, cell in rows["i0"].items() if cell}
    assert given == {"item", "model", *"abcd", "se_a", "se_b", "se_c", "se_d"}


@pytest.mark.parametrize(
    ("model", "options", "text"),
    [
        ("2pl", (), "none"),
        ("3pl", (), "a ~ lognormal:0,0.5, c ~ beta:5,17"),
        ("4pl", (), "a ~ lognormal:0,0.5, c ~ beta:5,17, d ~ beta:17,5"),
        ("2pl", ("--prior-a", "lognormal:0.1,0.3"), "a ~ lognormal:0.1,0.3"),
        ("rasch", ("--prior-a", "lognormal:0,1"), "none"),
        ("3pl", ("--prior-a", "none", "--prior-c", "logit-normal:-1.4,0.5"),
         "c ~ logit-normal:-1.4,0.5"),
        ("3pl", ("--prior-c", "beta:2,8", "--prior-d", "beta:9,2"),
         "a ~ lognormal:0,0.5, c ~ beta:2,8"),
    ],
)  # fmt: skip
def test_the_priors_that_are_used_are_said(tmp_path, model, options, text):
    _, _, out, _ = calibrate(tmp_path, write_responses(tmp_path), *options, model=model)
    assert f"\npriors: {text}\n" in out


def test_a_prior_that_is_asked_for_holds_every_estimated_slope(tmp_path):
    source = write_responses(tmp_path)
    rows, *_ = calibrate(tmp_path, source, "--prior-a", "lognormal:0,0.001")
    assert [float(row["a"]) for row in rows.values()] == pytest.approx([1.0] * 8, abs=0.001)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--prior-a", "beta:5,17", "must be none or lognormal:M,S, not 'beta:5,17'"),
        ("--prior-c", "normal:0,1", "must be none or beta:A,B or logit-normal:M,S"),
        ("--prior-c", "beta:5", "beta takes two finite numbers, beta:A,B, not 'beta:5'"),
        ("--prior-c", "beta:5,x", "beta takes two finite numbers"),
        ("--prior-d", "beta:0.5,2", "beta needs A and B of at least 1, not 0.5,2"),
        ("--prior-a", "lognormal:0,0", "S must be positive, not 0"),
        ("--prior-a", "lognormal:0,nan", "lognormal takes two finite numbers"),
        ("--nodes", "many", "must be a whole number from 2, not many"),
        ("--max-iterations", "0", "must be a whole number from 1, not 0"),
        ("--acceleration", "ramsay", "invalid choice: 'ramsay'"),
    ],
)
def test_impossible_settings_are_refused_with_what_is_possible(tmp_path, option, value, reason):
    with pytest.raises(CommandError) as refusal:
        calibrate(tmp_path, tmp_path / "unread.csv", option, value)
    assert f"argument {option}: {reason}" in str(refusal.value)


def test_anchored_items_keep_their_parameters_and_fix_the_scale(tmp_path):
    source = write_responses(tmp_path, n_persons=3000, mean=0.5)
    anchors = write(
        tmp_path,
        "a.csv",
        "item,model,a,b,c\n" + "".join(f"i{k},2pl,1,{k / 3.5 - 1},\n" for k in range(6)),
    )
    rows, summary, out, _ = calibrate(tmp_path, source, "--anchors", anchors, "--free-group")
    assert [(rows[name]["a"], rows[name]["se_a"]) for name in ITEMS[:6]] == [("1.0", "")] * 6
    assert summary["group_mean"] == pytest.approx(0.5, abs=0.1)
    assert summary["group_variance"] == pytest.approx(1.0, abs=0.15)
    assert summary["group_mean_se"] == pytest.approx(0.022, abs=0.01)
    assert float(rows["i7"]["b"]) == pytest.approx(1.0, abs=0.15)
    assert "population N(free, free), 6 items anchored\n" in out
    assert f"group: mean {summary['group_mean']:.4f}, " in out


def test_the_model_of_an_anchor_wins_and_its_categories_count(tmp_path):
    source = write_responses(tmp_path)
    text = "item,model,a,b,c,d,b1,b2\ni0,3pl,1,-1,0.1,,,\ni1,gpcm,1,,,,0.5,-0.5\n"
    rows, *_ = calibrate(tmp_path, source, "--anchors", write(tmp_path, "a.csv", text))
    assert [rows[name]["model"] for name in ITEMS] == ["3pl", "gpcm", *["2pl"] * 6]
    assert (rows["i0"]["c"], rows["i1"]["b1"], rows["i1"]["b2"]) == ("0.1", "0.5", "-0.5")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("item,model,a,b\nother,2pl,1,0\n", "a.csv has none of the items of "),
        ("item,model,a,b\ni0,4pl,1,0\n", "line 2, column d: '' is not a number"),
        ("item,model,a,b,d\ni0,3pl,1,0,0.9\n", "line 2, item i0: model 3pl has no upper asymptote"),
        ("item,model,a,b1,b2\ni0,gpcm,1,,1\n", "line 2, column b1: '' is not a number"),
        ("item,model,a,b\ni2,3pl,1,0\n", "m.csv line 2: item i2 has model 2pl, but is anchored"),
    ],
)
def test_bad_anchors_are_refused_with_item_and_line(tmp_path, text, reason):
    source = write_responses(tmp_path)
    models = write(tmp_path, "m.csv", "item,model\ni2,2pl\n")
    anchors = write(tmp_path, "a.csv", text)
    message = refused(tmp_path, source, "--models", models, "--anchors", anchors)
    assert reason in message


def test_an_anchor_with_fewer_categories_than_the_data_is_refused(tmp_path):
    source = write_responses(tmp_path, top=2)
    anchors = write(tmp_path, "a.csv", "item,model,a,b\ni0,2pl,1,0\n")
    message = refused(tmp_path, source, "--anchors", anchors, model="grm")
    assert ", item i0: a score of 2, but the item's scores are 0 to 1" in message


def test_anchors_without_parameters_are_named_and_estimated(tmp_path):
    anchors = write(tmp_path, "a.csv", "item,model,a,b\ni0,2pl,1,0\ni1,2pl,,\n")
    rows, _, _, err = calibrate(tmp_path, write_responses(tmp_path), "--anchors", anchors)
    assert err == "warning: item i1 has no parameters among the anchors and is not anchored\n"
    assert rows["i1"]["se_a"] != ""


def test_a_free_group_without_anchors_is_refused_with_the_reason(tmp_path):
    message = refused(tmp_path, write_responses(tmp_path), "--free-group")
    assert "without anchored items nothing holds the scale; name anchors" in message


def test_with_every_item_anchored_only_a_free_group_is_left_to_estimate(tmp_path):
    source = write_responses(tmp_path)
    rows = "".join(f"i{k},2pl,1,{k / 3.5 - 1}\n" for k in range(8))
    anchors = write(tmp_path, "a.csv", "item,model,a,b\n" + rows)
    message = refused(tmp_path, source, "--anchors", anchors, "--fixed-group")
    assert "nothing is left to estimate" in message
    _, summary, *_ = calibrate(tmp_path, source, "--anchors", anchors, "--free-group")
    assert (summary["converged"], summary["n_parameters"]) == (True, 2)


def write_groups(folder, text="{}"):
    names = ["late" if row % 2 else "early" for row in range(400)]
    rows = "".join(f"p{row},{name}\n" for row, name in enumerate(names))
    return write(folder, "g.csv", text.format("person,group\n" + rows))


def test_several_groups_have_moments_of_their_own(tmp_path):
    source = write_responses(tmp_path)
    scores = tmp_path / "scores.csv"
    groups = write_groups(tmp_path)
    _, summary, out, _ = calibrate(tmp_path, source, "--groups", groups, "--scores", scores)
    assert "population early N(0, 1), late N(free, free)\n" in out
    assert list(summary["groups"]) == ["early", "late"]
    assert summary["groups"]["early"] == {
        **{"mean": 0.0, "variance": 1.0},
        **{"mean_se": None, "variance_se": None},
    }
    late = summary["groups"]["late"]
    assert late["mean"] == pytest.approx(0.0, abs=0.3)
    assert late["mean_se"] == pytest.approx(0.1, abs=0.05)
    assert (summary["group_mean"], summary["n_parameters"]) == (0.0, 18)
    with scores.open() as file:
        theta = np.array([float(row["eap"]) for row in csv.DictReader(file)])
    assert theta[1::2].mean() == pytest.approx(late["mean"], abs=1e-3)


def test_a_group_that_nothing_ties_to_the_reference_is_refused(tmp_path):
    source = write_responses(tmp_path)
    header, *lines = [row.split(",") for row in source.read_text().split()]
    for row, line in enumerate(lines):
        line[1 + 4 * (row % 2) : 5 + 4 * (row % 2)] = [""] * 4
    source.write_text("\n".join(map(",".join, [header, *lines])))
    groups = write_groups(tmp_path)
    message = refused(tmp_path, source, "--groups", groups)
    assert "group late has no responses to items that tie its scale to group early or" in message
    anchors = write(tmp_path, "a.csv", "item,model,a,b\ni0,2pl,1,-1\n")
    options = ("--groups", groups, "--anchors", anchors)
    _, summary, *_ = calibrate(tmp_path, source, *options, "--fixed-group")
    assert list(summary["groups"]) == ["early", "late"]
    for option in ((), ("--free-group",)):
        message = refused(tmp_path, source, *options, *option)
        assert "group early has no responses to items that tie its scale to anchored" in message
        assert "--fixed-group takes early as N(0, 1)" in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}p1,early\n", "line 402: person 'p1' appears twice"),
        ("person,group\np0,early\n", "g.csv has no group for person p1 ("),
        ("person,team\np0,early\n", "g.csv lacks the column group"),
    ],
)
def test_a_bad_file_of_groups_is_refused(tmp_path, text, reason):
    source = write_responses(tmp_path)
    assert reason in refused(tmp_path, source, "--groups", write_groups(tmp_path, text))


def test_groups_and_anchors_may_hold_more_than_the_data(tmp_path):
    source = write_responses(tmp_path)
    own = write_groups(tmp_path)
    anchors = write(tmp_path, "a.csv", "item,model,a,b\ni0,2pl,1,-1\n")
    options = ("--groups", own, "--anchors", anchors)
    fewer, *_ = calibrate(tmp_path, source, *options)
    more = write_groups(tmp_path, "{}nobody,early\nelsewhere,third\n")
    anchors.write_text("item,model,a,b\nother,3pl,1,0\ni0,2pl,1,-1\nlast,2pl,,\n")
    rows, summary, _, told = calibrate(tmp_path, source, *options)
    assert rows == fewer
    assert list(summary["groups"]) == ["early", "late"]
    assert f"warning: 1 items of {anchors} are not in {source}: other\n" in told
    assert f"warning: 2 persons of {more} are not in {source}: elsewhere, nobody\n" in told


def test_a_group_without_a_name_is_refused(tmp_path):
    source = write_responses(tmp_path, n_persons=2)
    groups = write(tmp_path, "g.csv", "person,group\np0,early\np1,\n")
    assert "g.csv line 3: the group has no name" in refused(tmp_path, source, "--groups", groups)


def test_the_prior_of_the_scores_is_the_estimated_group(tmp_path):
    source = write_responses(tmp_path, mean=0.3)
    own, again = tmp_path / "own.csv", tmp_path / "again.csv"
    _, summary, *_ = calibrate(tmp_path, source, "--scores", own, model="rasch")
    assert summary["group_variance"] != 1.0
    call_command(
        *("score_csv", str(source), "--items", str(tmp_path / "p.csv"), "--out", str(again)),
        *("--prior-sd", repr(summary["group_variance"] ** 0.5)),
        stdout=StringIO(),
    )
    with own.open() as first, again.open() as second:
        pairs = zip(csv.DictReader(first), csv.DictReader(second), strict=True)
        for mine, other in pairs:
            for name in ("eap", "eap_se"):
                assert float(mine[name]) == pytest.approx(float(other[name]), abs=1e-12)


def test_the_covariance_matrix_has_the_squares_of_the_standard_errors(tmp_path):
    matrix = tmp_path / "c.csv"
    rows, summary, *_ = calibrate(
        tmp_path, write_responses(tmp_path), "--covariance", matrix, model="1pl"
    )
    with matrix.open() as file:
        header, *lines = csv.reader(file)
    labels = [line[0] for line in lines]
    assert header == ["parameter", *labels]
    assert sorted(labels) == sorted(["1pl:a", *(f"{name}:b" for name in ITEMS)])
    values = np.array([line[1:] for line in lines], dtype=float)
    assert values == pytest.approx(values.T, rel=1e-12, abs=1e-15)
    errors = dict(zip(labels, np.sqrt(np.diag(values)), strict=True))
    assert float(rows["i3"]["se_b"]) == pytest.approx(errors["i3:b"], rel=1e-12)
    assert float(rows["i3"]["se_a"]) == pytest.approx(errors["1pl:a"], rel=1e-12)
    assert summary["n_parameters"] == len(labels)


def test_standard_errors_may_be_left_out_but_not_with_their_covariances(tmp_path):
    source = write_responses(tmp_path)
    rows, *_ = calibrate(tmp_path, source, "--no-errors")
    assert {row["se_a"] + row["se_b"] for row in rows.values()} == {""}
    with pytest.raises(CommandError, match="not allowed with argument"):
        calibrate(tmp_path, source, "--no-errors", "--covariance", tmp_path / "c.csv")


def test_every_acceleration_ends_at_the_same_estimates(tmp_path):
    source = write_responses(tmp_path)
    fits = [
        calibrate(tmp_path, source, "--acceleration", kind, "--tolerance", 1e-9)
        for kind in ("anderson", "squarem", "none")
    ]
    slopes = [[float(row["a"]) for row in rows.values()] for rows, *_ in fits]
    assert slopes[1] == pytest.approx(slopes[0], abs=1e-6)
    assert slopes[2] == pytest.approx(slopes[0], abs=1e-6)
    assert "acceleration squarem" in fits[1][2]


def test_running_out_of_iterations_is_said_and_not_called_converged(tmp_path):
    _, summary, out, err = calibrate(tmp_path, write_responses(tmp_path), "--max-iterations", 2)
    assert (summary["converged"], summary["iterations"]) == (False, 2)
    assert "NOT converged after 2 iterations" in out
    assert "warning: the estimates are not converged: 2 iterations were not enough\n" in err


def test_a_variance_that_the_data_do_not_hold_is_named(tmp_path):
    source = write(tmp_path, "r.csv", "A,B,C\n" + "1,1,1\n0,0,0\n" * 50)
    scores = tmp_path / "scores.csv"
    _, summary, _, err = calibrate(tmp_path, source, "--scores", scores, model="rasch")
    assert not summary["converged"]
    assert "not converged: the variance of ability runs to zero or infinity" in err
    assert len(scores.read_text().splitlines()) == 101


def write_faulty(folder):
    """A column of ones, an empty one, a gap, and a person without a response."""
    source = write_responses(folder)
    header, *lines = source.read_text().split()
    faulty = [f"{line},1,,{2 * (row % 2)}" for row, line in enumerate(lines)]
    source.write_text("\n".join([f"{header},ones,empty,gap", *faulty, "silent" + "," * 11]))
    return source


def test_unusable_items_and_persons_are_named_with_their_lines(tmp_path):
    models = write(tmp_path, "m.csv", "item,model\ngap,gpcm\n")
    source = write_faulty(tmp_path)
    message = refused(tmp_path, source, "--models", models)
    assert message.splitlines()[:-1] == [
        f"{source} cannot be calibrated as it is:",
        "  item ones (line 1): every response is 1",
        "  item empty (line 1): no response",
        "  item gap (line 1): no response is 1 (seen: 0, 2)",
        "  person silent (line 402): no response",
    ]
    assert "--skip-unusable goes on with what is left" in message


def test_unusable_items_and_persons_are_left_out_on_request(tmp_path):
    models = write(tmp_path, "m.csv", "item,model\ngap,gpcm\n")
    scores = tmp_path / "scores.csv"
    rows, summary, _, err = calibrate(
        *(tmp_path, write_faulty(tmp_path), "--models", models),
        *("--skip-unusable", "--scores", scores),
    )
    assert err.count("warning: left out: ") == 4
    assert [rows[name]["a"] for name in ("ones", "empty", "gap")] == ["", "", ""]
    assert (summary["n_persons"], summary["n_items"]) == (400, 11)
    assert scores.read_text().splitlines()[-1].startswith("silent,")


def test_of_many_faults_ten_are_told_and_the_others_counted(tmp_path):
    header = ",".join(f"Q{item}" for item in range(15))
    source = write(tmp_path, "r.csv", f"{header}\n{'1,' * 14}1\n")
    lines = refused(tmp_path, source).splitlines()
    assert lines[10] == "  item Q9 (line 1): every response is 1"
    assert lines[11] == "  and 6 more"


def test_a_lowest_score_that_nobody_has_is_a_gap(tmp_path):
    source = write(tmp_path, "r.csv", "A,B\n1,0\n2,1\n3,2\n")
    assert "item A (line 1): no response is 0 (seen: 1, 2, 3)" in refused(
        tmp_path, source, model="grm"
    )


@pytest.mark.parametrize("option", ["--out", "--scores", "--summary", "--covariance"])
def test_no_output_may_take_the_place_of_an_input(tmp_path, option):
    source = write_responses(tmp_path)
    assert "is named twice, or is a file to read" in refused(tmp_path, source, option, source)


def test_an_output_that_is_no_file_is_refused(tmp_path):
    source = write_responses(tmp_path)
    assert "is not a regular file" in refused(tmp_path, source, "--scores", "/dev/null")


def start(source, folder, *options, **settings):
    return subprocess.Popen(
        [
            *(sys.executable, "manage.py", "calibrate_csv", source, "--model", "3pl"),
            *("--out", folder / "p.csv", *options),
        ],
        **settings,
    )


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path):
    source = write_responses(tmp_path)
    write(tmp_path, "p.csv", "old")
    with start(
        *(source, tmp_path),
        stdout=subprocess.DEVNULL,  # or the limit may meet the file that pytest captures it in
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)),
    ) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert err == (
        b"CommandError: the output could not be written: File too large; the files are as before\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "responses.csv"]
    assert (tmp_path / "p.csv").read_text() == "old"


def test_a_terminal_shows_the_progress_and_ctrl_c_ends_it_with_a_sentence(tmp_path):
    source = write_responses(tmp_path)
    write(tmp_path, "p.csv", "old")
    here, there = pty.openpty()
    options = ("--tolerance", "1e-300", "--max-iterations", "1000000000")
    with start(
        *(source, tmp_path, *options),
        stdout=there,
        stderr=subprocess.PIPE,
        # A shell's background job ignores SIGINT, and so would the command that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        os.close(there)
        seen = b""
        while b"iteration 3," not in seen:
            seen += os.read(here, 4096)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # the terminal's other end closes when the process ends
            while os.read(here, 4096):
                pass
        err = process.stderr.read()
    os.close(here)
    assert process.returncode == 130
    assert err == b"CommandError: interrupted; no file is half written\n"
    assert b"\r[" in seen
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "responses.csv"]
    assert (tmp_path / "p.csv").read_text() == "old"
