"""Anchors hold the scale, so that the group need not be N(0, 1)."""

import csv
import re

import numpy as np
import pytest

from irt.models.parameters import ItemParameters, Model
from irt.simulation.responses import simulate_responses
from tests.scoring.files.test_calibrate_csv import calibrate, write

N_ITEMS, N_ANCHORS = 16, 8
NAMES = [f"q{number}" for number in range(N_ITEMS)]


def bank(model=Model.TWO_PL):
    rng = np.random.default_rng(5)
    rows = []
    for level in rng.uniform(-1.5, 1.5, N_ITEMS):
        steps = [level - 0.6, level + 0.6] if model.is_polytomous else [level]
        slope = 1.0 if model is Model.RASCH else float(rng.uniform(0.7, 1.8))
        rows.append((model, slope, steps, 0.0, 1.0))
    return ItemParameters.from_rows(rows)


def write_responses(folder, items, theta, seed=1):
    scores = simulate_responses(items, theta, np.random.default_rng(seed))
    with (folder / "r.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["person", *NAMES])
        rows.writerows([f"p{at}", *line] for at, line in enumerate(scores.tolist()))
    return folder / "r.csv"


def write_anchors(folder, items, n_anchors=N_ANCHORS):
    lines = ["item,model,a,b,b1,b2"]
    for at in range(n_anchors):
        steps = items.difficulty[at].tolist()
        places = ["", *steps] if len(steps) > 1 else [*steps, "", ""]
        model, slope = items.model[at], items.discrimination[at]
        lines.append(",".join(map(str, [NAMES[at], model, slope, *places])))
    return write(folder, "a.csv", "\n".join(lines) + "\n")


def normal(mean, sd, n_persons=3000):
    return np.random.default_rng(8).normal(mean, sd, n_persons)


def gap(rows, items, column="a"):
    """Mean of estimated minus true slope (log) or difficulty of the items that are not anchored."""
    values = [float(rows[name][column]) for name in NAMES[N_ANCHORS:]]
    if column == "a":
        return float(np.mean(np.log(values / items.discrimination[N_ANCHORS:])))
    return float(np.mean(values - items.difficulty[N_ANCHORS:, 0]))


@pytest.mark.parametrize(
    ("mean", "sd"), [(0.9, 1.4), (-0.7, 0.7), (0.0, 1.5)], ids=["abler", "weaker", "wider"]
)
def test_the_group_is_estimated_where_anchors_hold_the_scale(tmp_path, mean, sd):
    items = bank()
    source = write_responses(tmp_path, items, normal(mean, sd))
    rows, summary, out, err = calibrate(
        tmp_path, source, "--anchors", write_anchors(tmp_path, items)
    )
    assert "population N(free, free), 8 items anchored" in out
    assert err == ""
    assert summary["group_mean"] == pytest.approx(mean, abs=0.12)
    assert summary["group_variance"] == pytest.approx(sd**2, rel=0.25)
    assert gap(rows, items) == pytest.approx(0.0, abs=0.15)
    assert gap(rows, items, "b") == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(("model", "column"), [("rasch", "b"), ("grm", "b1"), ("gpcm", "b1")])
def test_so_are_groups_of_other_models(tmp_path, model, column):
    items = bank(Model(model))
    source = write_responses(tmp_path, items, normal(0.8, 1.3))
    rows, summary, *_ = calibrate(
        *(tmp_path, source, "--anchors", write_anchors(tmp_path, items)), model=model
    )
    assert summary["group_mean"] == pytest.approx(0.8, abs=0.12)
    assert summary["group_variance"] == pytest.approx(1.69, rel=0.15)
    assert gap(rows, items, column) == pytest.approx(0.0, abs=0.12)


def test_a_group_that_is_held_fixed_is_told_how_far_the_anchors_are_off(tmp_path):
    items = bank()
    source = write_responses(tmp_path, items, normal(0.9, 1.4))
    anchors = write_anchors(tmp_path, items)
    rows, summary, _, err = calibrate(tmp_path, source, "--anchors", anchors, "--fixed-group")
    assert (summary["group_mean"], summary["group_variance"]) == (0.0, 1.0)
    assert gap(rows, items) > 0.2
    told = re.search(r"has mean (\S+) \(se (\S+)\) and variance (\S+) \(se (\S+)\)", err)
    mean, mean_se, variance, variance_se = map(float, told.groups())
    assert mean == pytest.approx(0.9, abs=3 * mean_se)
    assert variance == pytest.approx(1.96, abs=3 * variance_se)
    assert mean_se == pytest.approx(0.035, abs=0.015)
    assert "group is held at mean 0 and variance 1" in err
    assert "Leave out --fixed-group" in err


def test_a_group_that_is_held_where_it_is_raises_no_doubt(tmp_path):
    items = bank()
    source = write_responses(tmp_path, items, normal(0.0, 1.0))
    anchors = write_anchors(tmp_path, items)
    *_, err = calibrate(tmp_path, source, "--anchors", anchors, "--fixed-group")
    assert err == ""


def test_of_several_groups_those_are_named_that_were_held(tmp_path):
    items = bank()
    theta = np.where(np.arange(3000) % 2, normal(0.3, 1.0), normal(-0.8, 1.0))
    source = write_responses(tmp_path, items, theta)
    lines = (f"p{at},{'spring' if at % 2 else 'autumn'}\n" for at in range(3000))
    groups = write(tmp_path, "g.csv", "person,group\n" + "".join(lines))
    options = ("--anchors", write_anchors(tmp_path, items), "--groups", groups)
    *_, err = calibrate(tmp_path, source, *options, "--fixed-group")
    assert err.count("is held at") == 1
    assert "warning: autumn is held at mean 0 and variance 1" in err
    _, summary, out, err = calibrate(tmp_path, source, *options)
    assert "population autumn N(free, free), spring N(free, free)" in out
    assert summary["groups"]["autumn"]["mean"] == pytest.approx(-0.8, abs=0.15)
    assert summary["groups"]["spring"]["mean"] == pytest.approx(0.3, abs=0.15)
    assert err == ""


def test_free_and_fixed_exclude_each_other(tmp_path):
    items = bank()
    source = write_responses(tmp_path, items, normal(0, 1, 50))
    anchors = write_anchors(tmp_path, items)
    with pytest.raises(Exception, match="--fixed-group: not allowed with argument --free-group"):
        calibrate(tmp_path, source, "--anchors", anchors, "--free-group", "--fixed-group")
