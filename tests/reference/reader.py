"""The reference figures that the tests read: `README.md` says how each was made."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
from scipy.special import expit

from irt.models.parameters import ItemParameters, Model
from tests.reference import fits, lsat
from tests.reference.curves import N_ASYMPTOTES, PARTIAL_CREDIT

FIGURES = Path(__file__).parent / "figures"
SCORED_FITS = {name: fits.FITS[name].model for name in fits.SCORED}
SCORED_BY_MIRT_ON_ITS_SCALE = ("LSAT7__rasch", "ref_anchor__2pl_fixed30_free_meanvar")
# Where mirt's own columns are not there, what they would be.
INSTEAD = {"EAP": "EAP_exact", "SE_EAP": "PSD_exact", "ML": "ML_exact", "MAP": "MAP_exact"}


def fit(name):
    """The independent optimum of a fit: see `README.md` for its keys."""
    return json.loads((FIGURES / "fits" / f"{name}.json").read_text())


def responses_of(name):
    """(N, J) responses of a data set."""
    path = FIGURES / "responses" / f"{name}.csv.gz"
    if not path.exists():
        return fits.responses(name).astype(float)
    with gzip.open(path, "rt") as file:
        return np.array(list(csv.reader(file))[1:], dtype=float)


def responses_file(folder, name):
    """A CSV of a data set, written to the folder when it travels as a printed table."""
    path = FIGURES / "responses" / f"{name}.csv.gz"
    if path.exists():
        return path
    frequencies = {"LSAT6": lsat.SECTION_6, "LSAT7": lsat.SECTION_7}[name]
    path = folder / f"{name}.csv"
    rows = lsat.responses(frequencies)
    header = ",".join(f"Item_{item}" for item in range(1, 6))
    np.savetxt(path, rows, fmt="%d", delimiter=",", header=header, comments="")
    return path


def scored_parameters(name):
    """The items at which the scores, the information and the fit statistics are computed."""
    return ItemParameters.from_rows(
        irt_row(SCORED_FITS[name], np.array(x)) for x in scored_at(name)["items"]
    )


def scored_population(name):
    """Mean and standard deviation of the population that was scored with."""
    at = scored_at(name)
    return at["mean"], at["variance"] ** 0.5


def scores(name):
    """(N, J) patterns of a scored fit, and its other columns by name; NaN where R says NA."""
    with gzip.open(FIGURES / "scores" / f"{name}.csv.gz", "rt") as file:
        lines = file.readlines()
    patterns = np.array([[int(score) for score in row["pattern"]] for row in csv.DictReader(lines)])
    columns = columns_of(lines)
    for key, instead in INSTEAD.items():
        columns.setdefault(key, columns[instead])
    return patterns, columns


def table(kind, name):
    """Columns of a small table such as `itemfit` of `LSAT7__2pl__M2`."""
    with (FIGURES / kind / f"{name}.csv").open() as file:
        return columns_of(file)


def columns_of(lines):
    """The numeric columns of a CSV; NaN where R says NA."""
    rows = list(csv.DictReader(lines))
    return {
        key: _numbers(row[key] for row in rows) for key in rows[0] if key not in ("item", "pattern")
    }


def irt_row(model, x):
    """(model, a, steps, c, d) of an item with these coordinates."""
    n_asymptotes = N_ASYMPTOTES.get(model, 0)
    a, intercepts = x[0], x[1 : len(x) - n_asymptotes]
    asymptotes = [0.0, 1.0]
    asymptotes[:n_asymptotes] = expit(x[len(x) - n_asymptotes :]).tolist()
    c, d = asymptotes
    if model in PARTIAL_CREDIT:
        return Model(model), a, -np.diff(intercepts, prepend=0.0) / a, c, d
    return Model(model), a, -intercepts / a, c, d


def scored_at(name):
    own = fit(name)
    estimated = {**own, "items": [item["estimate"] for item in own["items"]]}
    return own.get("scored_at", estimated)


def _numbers(cells):
    return np.array([np.nan if cell in ("NA", "NaN", "") else float(cell) for cell in cells])
