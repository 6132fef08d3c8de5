"""What the commands integrate ability on: enough for a wide population, or a sentence."""

import numpy as np
import pytest
from django.core.management import call_command

from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from tests.scoring.files.test_calibrate_csv import calibrate, write
from tests.scoring.files.test_score_csv import rows_of

DIFFICULTIES = np.linspace(-3.0, 3.0, 16)
NAMES = [f"q{item}" for item in range(16)]


def write_wide(folder, sd=3.3, n_persons=500):
    """Rasch responses of persons N(0, sd^2), the first of whom has everything right."""
    rng = np.random.default_rng(4)
    theta = rng.normal(0.0, sd, (n_persons, 1))
    scores = (theta - DIFFICULTIES + rng.logistic(size=(n_persons, 16)) > 0).astype(int)
    scores[0] = 1
    lines = [",".join(map(str, [f"p{row}", *own])) for row, own in enumerate(scores.tolist())]
    return write(folder, "wide.csv", "\n".join([",".join(["person", *NAMES]), *lines])), scores


def test_a_wide_population_is_calibrated_and_scored_as_on_ample_nodes(tmp_path):
    source, scores = write_wide(tmp_path)
    found = tmp_path / "scores.csv"
    rows, summary, out, err = calibrate(tmp_path, source, "--scores", found, model="rasch")
    _, ample, _, _ = calibrate(tmp_path, source, "--range", 25, "--nodes", 251, model="rasch")
    assert summary["converged"]
    assert summary["range"] > 4.5 * summary["group_variance"] ** 0.5
    assert summary["group_variance"] == pytest.approx(ample["group_variance"], abs=1e-3)
    assert "61 nodes on -6..6, tolerance" in out
    assert f"{summary['nodes']} nodes on -{summary['range']:g}..{summary['range']:g}, as the" in out
    assert err == ""
    items = ItemParameters.from_rows(
        [(Model.RASCH, 1.0, float(row["b"]), 0.0, 1.0) for row in rows.values()]
    )
    sd = ample["group_variance"] ** 0.5
    exact = expected_a_posteriori(dense_responses(scores), items, normal_grid(601, 30.0, 0.0, sd))
    best = rows_of(found)["p0"]
    assert float(best["eap"]) == pytest.approx(exact.theta[0], abs=1e-3)
    assert float(best["eap_se"]) == pytest.approx(exact.standard_error[0], rel=1e-3)
    assert float(best["eap"]) > 5.5


@pytest.mark.parametrize(
    "options", [("--range", 6), ("--nodes", 61), ("--nodes", 31, "--range", 9)]
)
def test_nodes_that_were_asked_for_and_are_too_short_are_said(tmp_path, options):
    source, _ = write_wide(tmp_path)
    _, summary, out, err = calibrate(tmp_path, source, *options, model="rasch")
    assert summary["converged"] is False
    assert out.count("NOT converged") == 1
    assert f"{summary['nodes']} nodes on a range of {summary['range']:g} do not show the" in err
    assert "give at least " in err


def test_a_usual_population_keeps_61_nodes_on_a_range_of_6(tmp_path):
    source, _ = write_wide(tmp_path, sd=1.0)
    _, summary, out, _ = calibrate(tmp_path, source, model="rasch")
    assert (summary["nodes"], summary["range"]) == (61, 6.0)
    assert "as the abilities needed" not in out


def score_csv(folder, source, *options):
    params = folder / "known.csv"
    rows = [f"{name},rasch,1,{b}" for name, b in zip(NAMES, DIFFICULTIES, strict=True)]
    params.write_text("\n".join(["item,model,a,b", *rows]))
    out = folder / "out.csv"
    paths = str(source), "--items", str(params), "--out", str(out)
    call_command("score_csv", *paths, *map(str, options))
    return rows_of(out)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 3.5), (4.0, 1.5), (-1.0, 0.04)])
def test_scores_suit_a_prior_of_any_width(tmp_path, mean, sd):
    source, scores = write_wide(tmp_path, n_persons=30)
    rows = score_csv(tmp_path, source, "--prior-mean", mean, "--prior-sd", sd)
    items = ItemParameters.from_rows([(Model.RASCH, 1.0, b, 0.0, 1.0) for b in DIFFICULTIES])
    ample = normal_grid(8001, 30.0 if sd > 1 else 2.0, mean, sd)
    exact = expected_a_posteriori(dense_responses(scores), items, ample)
    np.testing.assert_allclose([float(row["eap"]) for row in rows.values()], exact.theta, atol=1e-3)
    np.testing.assert_allclose(
        [float(row["eap_se"]) for row in rows.values()], exact.standard_error, rtol=0.01
    )


def test_summed_scores_suit_a_wide_prior(tmp_path):
    source, _ = write_wide(tmp_path, n_persons=30)
    table = tmp_path / "sums.csv"
    rows = score_csv(tmp_path, source, "--prior-sd", 3.5, "--summed-scores", table)
    assert float(rows_of(table)["16"]["eap"]) == pytest.approx(float(rows["p0"]["eap"]), abs=1e-3)


def test_a_calibration_of_nothing_but_anchors_takes_their_far_group(tmp_path):
    source, _ = write_wide(tmp_path)
    far = [f"{name},rasch,1,{b + 7}" for name, b in zip(NAMES, DIFFICULTIES, strict=True)]
    anchors = write(tmp_path, "anchors.csv", "\n".join(["item,model,a,b", *far]))
    free = "--anchors", anchors, "--free-group"
    _, summary, _, _ = calibrate(tmp_path, source, *free, model="rasch")
    _, ample, _, _ = calibrate(
        tmp_path, source, *free, "--range", 40, "--nodes", 401, model="rasch"
    )
    assert summary["group_mean"] == pytest.approx(7.0, abs=0.6)
    assert summary["group_mean"] == pytest.approx(ample["group_mean"], abs=1e-3)
    assert summary["group_variance"] == pytest.approx(ample["group_variance"], abs=2e-3)
