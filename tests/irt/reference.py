"""Reference data and estimates that the numerics are held against."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from irt.models.parameters import ItemParameters, Model

DATA = Path(__file__).parent / "data"

# Fits with scores, item fit and information in the reference folder, and their models.
SCORED_FITS = {
    "LSAT7__2pl": "2pl",
    "LSAT7__rasch": "rasch",
    "LSAT7__3pl_normm1.1_0.5": "3pl",
    "SAT12__2pl": "2pl",
    "SAT12__rasch": "rasch",
    "SAT12__3pl_normm1.1_0.5": "3pl",
    "Science__graded": "grm",
    "Science__gpcm": "gpcm",
    "ref_3pl__3pl_normm1.4_0.5": "3pl",
    "ref_anchor__2pl_fixed30_free_meanvar": "2pl",
}


def exact_fit(name):
    """Log-likelihood, log prior, estimates and standard errors of a `ref_*` set."""
    return json.loads((DATA / "exact.json").read_text())[name]


def responses_of(name):
    """(N, J) responses of a `ref_*` set."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as file:
        return _matrix(file)


def published(*parts):
    """A file of the reference folder beside the checkout; skips the test where it is absent."""
    for folder in Path(__file__).resolve().parents:
        path = folder.joinpath("shared", "reference", *parts)
        if path.exists():
            return path
    pytest.skip(f"needs shared/reference/{'/'.join(parts)} beside the checkout")


def published_responses(name):
    """(N, J) responses of a public data set."""
    with published("responses", f"{name}.csv").open() as file:
        return _matrix(file)


def published_fit(name):
    """The polished optimum of a fit, like `exact_fit`."""
    fit = json.loads(published("fits", f"{name}.json").read_text())["polished"]
    items = [
        {
            "estimate": [item["par"][key] for key in _coordinates(item["par"])],
            "standard_error": [item["se"][key] for key in _coordinates(item["par"])],
        }
        for item in fit["items"]
    ]
    return {"log_likelihood": fit["logLik"], "log_prior": fit["logPrior"], "items": items}


def mirt_parameters(name, model):
    """The items of a fit as mirt estimated them, at which the `scores` files are computed."""
    fit = json.loads(published("fits", f"{name}.json").read_text())
    return ItemParameters.from_rows(_irt_row(item["par"], model) for item in fit["items"])


def mirt_population(name):
    """Mean and standard deviation of the population that mirt scored a fit with."""
    fit = json.loads(published("fits", f"{name}.json").read_text())
    return fit["group"]["par"]["MEAN_1"], fit["group"]["par"]["COV_11"] ** 0.5


def published_scores(name):
    """(N, J) patterns of a scored fit, and its other columns by name; NaN where R says NA."""
    with published("scores", f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    patterns = np.array([[int(score) for score in row["pattern"]] for row in rows])
    columns = {
        key: np.array([np.nan if row[key] in ("NA", "") else float(row[key]) for row in rows])
        for key in rows[0]
        if key not in ("row", "pattern")
    }
    return patterns, columns


def _irt_row(par, model):
    a = par["a1"]
    intercepts = np.array(
        [par[key] for key in par if key == "d" or (key[1:].isdigit() and key[0] == "d")]
    )
    steps = -np.diff(intercepts) / a if "d0" in par else -intercepts / a
    lower, upper = (expit(par.get(key, default)) for key, default in (("g", -999), ("u", 999)))
    return Model(model), a, steps, lower, upper


def _coordinates(parameters):
    steps = [key for key in parameters if key == "d" or (key[0] == "d" and key[1:].isdigit())]
    guessing = ["g"] if abs(parameters.get("g", 999)) < 900 else []
    return ["a1", *steps, *guessing]


def _matrix(file):
    rows = list(csv.reader(file))
    return np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[1:]])
