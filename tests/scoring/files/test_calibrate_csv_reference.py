"""The command against the independent optima of `tests/reference`, at a tight tolerance."""

import csv
import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from tests.reference import reader as reference
from tests.reference.generator import SETS

LOGNORMAL = ("--prior-a", "lognormal:0,0.5")
NO_SLOPE_PRIOR = ("--prior-a", "none")

# Fit, model, further options, and how near parameters must come.
FITS = [
    ("LSAT6__rasch", "rasch", (), 1e-5),
    ("LSAT6__1pl_equal_slope", "1pl", (), 1e-5),
    ("LSAT6__2pl", "2pl", (), 1e-5),
    ("LSAT7__rasch", "rasch", (), 1e-5),
    ("LSAT7__1pl_equal_slope", "1pl", (), 1e-5),
    ("LSAT7__2pl", "2pl", (), 1e-5),
    ("LSAT7__2pl_q121_lim8", "2pl", ("--nodes", 121, "--range", 8), 1e-5),
    ("LSAT7__2pl_q15_lim6", "2pl", ("--nodes", 15), 1e-5),
    ("LSAT7__2pl_q41_lim4", "2pl", ("--nodes", 41, "--range", 4), 1e-5),
    ("LSAT7__3pl_beta5_17", "3pl", (*NO_SLOPE_PRIOR, "--prior-c", "beta:5,17"), 1e-4),
    (
        "LSAT7__3pl_normm1.1_0.5",
        "3pl",
        (*NO_SLOPE_PRIOR, "--prior-c", "logit-normal:-1.1,0.5"),
        1e-4,
    ),
    ("LSAT7__3pl_lna_normg", "3pl", (*LOGNORMAL, "--prior-c", "logit-normal:-1.1,0.5"), 1e-4),
    ("choice__rasch", "rasch", (), 1e-5),
    ("choice__1pl_equal_slope", "1pl", (), 1e-5),
    ("choice__2pl", "2pl", (), 1e-5),
    ("choice__3pl_beta5_17", "3pl", (*NO_SLOPE_PRIOR, "--prior-c", "beta:5,17"), 1e-4),
    (
        "choice__3pl_normm1.1_0.5",
        "3pl",
        (*NO_SLOPE_PRIOR, "--prior-c", "logit-normal:-1.1,0.5"),
        1e-4,
    ),
    ("choice__3pl_lna_normg", "3pl", (*LOGNORMAL, "--prior-c", "logit-normal:-1.1,0.5"), 1e-4),
    (
        "choice__4pl_lna_beta",
        "4pl",
        (*LOGNORMAL, "--prior-c", "beta:5,17", "--prior-d", "beta:17,5"),
        1e-4,
    ),
    ("rating__graded", "grm", (), 1e-5),
    ("rating__gpcm", "gpcm", (), 1e-5),
    ("rating__gpcm_q121_lim8", "gpcm", ("--nodes", 121, "--range", 8), 1e-5),
    ("rating__pcm_rasch", "pcm", (), 1e-5),
    ("ref_3pl__2pl", "2pl", (), 1e-5),
    ("ref_3pl__3pl_beta5_17", "3pl", (*NO_SLOPE_PRIOR, "--prior-c", "beta:5,17"), 1e-4),
    (
        "ref_3pl__3pl_normm1.4_0.5",
        "3pl",
        (*NO_SLOPE_PRIOR, "--prior-c", "logit-normal:-1.4,0.5"),
        1e-4,
    ),
    ("ref_3pl__3pl_lna_normg", "3pl", (*LOGNORMAL, "--prior-c", "logit-normal:-1.4,0.5"), 1e-4),
    ("ref_graded__graded", "grm", (), 1e-5),
    ("ref_anchor__2pl_free_all", "2pl", (), 1e-5),
]


def calibrate(folder, source, *options):
    """Parameters and covariances by name (`Q1:a`), and the summary, of a calibration."""
    out, summary, covariance = (folder / name for name in ("p.csv", "s.json", "c.csv"))
    call_command(
        *("calibrate_csv", str(source), "--out", str(out), "--summary", str(summary)),
        *("--covariance", str(covariance), "--tolerance", "1e-8", *map(str, options)),
        stdout=StringIO(),
    )
    with out.open() as file:
        items = {row["item"]: row for row in csv.DictReader(file)}
    with covariance.open() as file:
        rows = list(csv.reader(file))
    matrix = np.array([row[1:] for row in rows[1:]], dtype=float)
    return items, (rows[0][1:], matrix), json.loads(summary.read_text())


def expected_of(item):
    """Estimates and standard errors: slope, intercepts, logits of c and d; NaN where fixed."""
    return np.array(item["estimate"]), np.array(item["standard_error"], dtype=float)


def coordinates(row):
    """A row of PARAMS.csv in the same coordinates, with the Jacobian by (a, b or b1 ..., c)."""
    a = float(row["a"])
    names = [name for name in row if name[0] == "b" and row[name]]
    b = np.array([float(row[name]) for name in names])
    turn = np.tri(len(b)) if row["model"] in ("pcm", "gpcm") else np.eye(len(b))
    values, jacobian = [a, *(-a * turn @ b)], np.zeros((len(b) + 1, len(b) + 1))
    jacobian[0, 0], jacobian[1:, 0], jacobian[1:, 1:] = 1.0, -turn @ b, -a * turn
    names = ["a", *names]
    for name in ("c", "d"):
        if row[name]:
            asymptote = float(row[name])
            values.append(np.log(asymptote / (1 - asymptote)))
            jacobian = np.pad(jacobian, (0, 1))
            jacobian[-1, -1] = 1 / (asymptote * (1 - asymptote))
            names.append(name)
    return names, np.array(values), jacobian


def standard_errors(row, names, jacobian, covariance):
    labels, matrix = covariance
    place = {label: at for at, label in enumerate(labels)}
    slope = "1pl:a" if row["model"] == "1pl" else f"{row['item']}:a"
    at = [place.get(slope if name == "a" else f"{row['item']}:{name}") for name in names]
    own = np.zeros((len(names), len(names)))
    free = [k for k, index in enumerate(at) if index is not None]
    chosen = [at[k] for k in free]
    own[np.ix_(free, free)] = matrix[np.ix_(chosen, chosen)]
    variances = np.diag(jacobian @ own @ jacobian.T)
    return np.where(np.isin(np.arange(len(names)), free) | (variances > 0), variances**0.5, np.nan)


@pytest.mark.parametrize(("fit", "model", "options", "tolerance"), FITS, ids=[f[0] for f in FITS])
def test_the_command_finds_the_reference_optimum(tmp_path, fit, model, options, tolerance):
    exact = reference.fit(fit)
    source = reference.responses_file(tmp_path, fit.split("__")[0])
    items, covariance, summary = calibrate(tmp_path, source, "--model", model, *options)
    for item, row in zip(exact["items"], items.values(), strict=True):
        names, values, jacobian = coordinates(row)
        estimates, errors = expected_of(item)
        assert values == pytest.approx(estimates, abs=tolerance)
        own = standard_errors(row, names, jacobian, covariance)
        known = np.isfinite(errors)
        assert own[known] == pytest.approx(errors[known], rel=1e-4)
    assert summary["converged"]
    best = exact["log_likelihood"] + exact["log_prior"]
    assert summary["log_posterior"] == pytest.approx(best, abs=1e-6)
    assert summary["group_mean"] == pytest.approx(exact["mean"], abs=1e-5)
    assert summary["group_variance"] == pytest.approx(exact["variance"], abs=1e-5)


def test_anchored_items_put_the_free_group_where_the_reference_does(tmp_path):
    fit = "ref_anchor__2pl_fixed30_free_meanvar"
    exact = reference.fit(fit)
    slopes, difficulties, _ = (values.tolist() for values in SETS["ref_anchor"]()[1])
    names = [f"V{item}" for item in range(1, 41)]
    anchors = tmp_path / "anchors.csv"
    rows = zip(names[:30], slopes, difficulties, strict=False)
    anchors.write_text("item,model,a,b\n" + "".join(f"{n},2pl,{a!r},{b!r}\n" for n, a, b in rows))
    items, covariance, summary = calibrate(
        *(tmp_path, reference.responses_file(tmp_path, "ref_anchor"), "--model", "2pl"),
        *("--anchors", anchors, "--free-group"),
    )
    assert [row["a"] for row in items.values()][:30] == [repr(a) for a in slopes[:30]]
    assert {row["se_a"] + row["se_b"] for row in items.values() if row["item"] in names[:30]} == {
        ""
    }
    for name, item in zip(names[30:], exact["items"][30:], strict=True):
        row = items[name]
        columns, values, jacobian = coordinates(row)
        estimates, errors = expected_of(item)
        assert values == pytest.approx(estimates, abs=1e-5)
        assert standard_errors(row, columns, jacobian, covariance) == pytest.approx(
            errors, rel=1e-4
        )
    assert summary["group_mean"] == pytest.approx(exact["mean"], abs=1e-5)
    assert summary["group_variance"] == pytest.approx(exact["variance"], abs=1e-5)
    assert summary["group_mean_se"] == pytest.approx(exact["mean_error"], rel=1e-4)
    assert summary["group_variance_se"] == pytest.approx(exact["variance_error"], rel=1e-4)
    assert summary["n_parameters"] == 22
