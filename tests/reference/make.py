"""Make the figures anew and compare them with those in the tree; `--write` puts them there.

    make prove-reference                        # minutes
    make prove-reference ARGS="--only choice"   # fits whose name begins so
    make prove-reference ARGS="--write"

What mirt computed (`fits.SCORED`) is never made here, but compared with what is.
"""

import csv
import gzip
import io
import json
import sys
import time
from argparse import ArgumentParser

import numpy as np

from tests.reference import abilities, fit, fits, reader
from tests.reference.abilities import Items
from tests.reference.generator import SETS
from tests.reference.maximum import maximize

# How far the figures of another machine may be, beside their size.
OPTIMUM, STATISTIC = 1e-7, 1e-8
INFORMATION_AT = np.arange(-4.0, 4.01, 0.25)


def optimum(name):
    """What the file of a fit holds, `scored_at` aside."""
    found = maximize(fits.problem(name))
    (moments,), (errors,) = found.moments, found.moment_errors
    return {
        "log_likelihood": found.log_likelihood,
        "log_prior": found.log_prior,
        "mean": moments[0],
        "variance": moments[1],
        "mean_error": errors[0],
        "variance_error": errors[1],
        "items": [
            {"estimate": list(x), "standard_error": list(e)}
            for x, e in zip(found.items, found.item_errors, strict=True)
        ],
    }


def score_columns(items, patterns, mean, variance, with_wle_error):
    """The `_exact` columns at the items."""
    ml = abilities.maximum_likelihood(items, patterns)
    map_ = abilities.maximum_a_posteriori(items, patterns, mean, variance)
    wle = abilities.weighted_likelihood(items, patterns)
    theta, deviation = abilities.eap(items, patterns, mean, variance)

    def score(at):
        return abilities.score(items, patterns, at)

    columns = {
        "EAP_exact": theta,
        "PSD_exact": deviation,
        "MAP_exact": map_,
        "SEobs_MAP_exact": abilities.observed_error(
            lambda at: score(at) - (at - mean) / variance, map_
        ),
        "SEexp_MAP_exact": abilities.expected_error(items, map_),
        "ML_exact": ml,
        "SEobs_ML_exact": abilities.observed_error(score, ml),
        "SEexp_ML_exact": abilities.expected_error(items, ml),
        "WLEwarm_exact": wle,
        "SEexp_WLEwarm_exact": abilities.expected_error(items, wle),
    }
    if with_wle_error:
        columns["SEobs_WLEjeffreys_exact"] = abilities.observed_error(
            lambda at: score(at) + items.warm_weight(at), wle
        )
    return columns


def person_fit_columns(items, patterns, estimates):
    """Zh, outfit and infit at each estimate (N,), as mirt names and computes them."""
    columns = {}
    for name, theta in estimates.items():
        finite = np.isfinite(theta)
        own = {"Zh": abilities.lz(items, patterns[finite], theta[finite])}
        if name != "MAP":
            own |= abilities.mean_squares(items, patterns[finite], theta[finite], axis=0)
        for key, values in own.items():
            columns[f"{key}_at{name}"] = np.full(len(theta), np.nan)
            columns[f"{key}_at{name}"][finite] = values
    return columns


def tables(name, at):
    """{(kind, name): columns} of the small tables at the items `at`."""
    model, data = fits.FITS[name].model, fits.responses(name.split("__")[0])
    items = Items([model] * len(at["items"]), at["items"])
    mean, variance = at["mean"], at["variance"]
    problem, moments = fits.problem(name), np.array([[mean, variance]])
    weights = np.exp(problem.log_weights(moments))[0]
    n_free = [len(problem.start[place]) for place in problem.places]
    n_free = np.array(n_free) - (model in ("rasch", "pcm")) + sum(problem.free_moments)
    n_free[: fits.FITS[name].n_anchors] = sum(problem.free_moments)
    theta, error = abilities.eap(items, data, mean, variance)
    information = items.information(INFORMATION_AT)
    grid = np.linspace(-6.0, 6.0, 121)
    prior = np.exp(-((grid - mean) ** 2) / (2 * variance))
    prior /= prior.sum()
    probability, eap, deviation = abilities.summed_scores(items, grid, prior)
    counts = np.bincount(data.sum(axis=1), minlength=len(probability))
    least = items.information(grid).sum(axis=0)
    reliability = theta.var(ddof=1) / (theta.var(ddof=1) + (error**2).mean())
    result = {
        ("itemfit", "S_X2"): fit.s_x2(items, data, problem.nodes, weights, n_free),
        ("itemfit", "infit"): abilities.mean_squares(items, data, theta, axis=1),
        ("information", ""): {
            "theta": INFORMATION_AT,
            "test_info": information.sum(axis=0),
            "expected_score": items.expected_score(INFORMATION_AT),
            **{f"info_{item}": own for item, own in enumerate(information, 1)},
        },
        ("scores", "EAPsum"): {
            "score": np.arange(len(eap)),
            "theta": eap,
            "error": deviation,
            "observed": counts,
            "expected": probability * len(data),
        },
        ("scores", "reliability"): {
            "empirical_rxx": [reliability],
            "marginal_rxx": [prior @ (least / (least + 1 / variance))],
        },
    }
    # mirt takes the moments of the group as known: its M2 is another one.
    if model not in ("grm", "gpcm") and not fits.SCORED[name]:
        full = np.concatenate([*map(np.array, at["items"]), moments[0]])
        free = np.zeros(problem.n_free)
        free[problem.index[problem.index >= 0]] = full[problem.index >= 0]
        statistics = fit.m2(problem, free, data)
        result["itemfit", "M2"] = {key: [value] for key, value in statistics.items()}
    return {
        (kind, f"{name}__{part}" if part else name): own for (kind, part), own in result.items()
    }


class Tree:
    """The figures in the tree: compared with what is made, and rewritten on request."""

    def __init__(self, write):
        self.write = write
        self.faults = []

    def keep_fit(self, name, made):
        path = reader.FIGURES / "fits" / f"{name}.json"
        before = json.loads(path.read_text()) if path.exists() else {}
        if self.write:
            made = made | {key: before[key] for key in ("scored_at",) if key in before}
            path.write_text(_as_json(made))
            return
        self._compare(name, _flat(before), _flat(made), OPTIMUM)

    def keep_columns(self, path, columns, lead=None):
        """Columns of a table; `lead` is a first one of text."""
        if self.write:
            text = _as_csv(columns, lead)
            if path.suffix == ".gz":
                path.write_bytes(gzip.compress(text.encode(), mtime=0))
            else:
                path.write_text(text)
            return
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        stored = reader.columns_of(text.splitlines())
        for key, values in columns.items():
            self._compare(f"{path.name} {key}", stored[key], np.asarray(values, float), STATISTIC)

    def _compare(self, what, stored, made, tolerance):
        same = stored.shape == made.shape and np.allclose(
            stored, made, rtol=tolerance, atol=tolerance, equal_nan=True
        )
        if not same:
            apart = np.nanmax(np.abs(stored - made)) if stored.shape == made.shape else "shape"
            self.faults.append(f"{what}: {apart}")


def _flat(made):
    rows = [row for item in made.get("items", []) for row in item.values()]
    numbers = [value for key, value in made.items() if key not in ("items", "scored_at")]
    return np.array([*numbers, *(value for row in rows for value in row)], dtype=float)


def _as_json(made):
    """NaN as null, and one line an item."""

    def line(value):
        return json.dumps(value, default=float).replace("NaN", "null")

    parts = [f' "{key}": {line(value)}' for key, value in made.items() if key != "items"]
    items = ",\n".join(f"  {line(item)}" for item in made["items"])
    return "{\n" + ",\n".join([*parts, f' "items": [\n{items}\n ]']) + "\n}\n"


def _as_csv(columns, lead):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(["pattern"] if lead else []), *columns])
    for row, cells in enumerate(zip(*columns.values(), strict=True)):
        writer.writerow(
            [*([lead[row]] if lead else []), *(f"{float(cell):.15g}" for cell in cells)]
        )
    return out.getvalue()


def make(name, tree):
    made = optimum(name)
    tree.keep_fit(name, made)
    if name not in fits.SCORED:
        return
    at = reader.scored_at(name)
    folder, by_mirt = reader.FIGURES, fits.SCORED[name]
    items = Items([fits.FITS[name].model] * len(at["items"]), [np.array(x) for x in at["items"]])
    patterns, columns = _patterns(name)
    own = score_columns(items, patterns, at["mean"], at["variance"], fits.FITS[name].model != "3pl")
    estimates = {
        key: columns[key] if by_mirt else own[f"{key}_exact"] for key in ("EAP", "ML", "MAP")
    }
    of_persons = person_fit_columns(items, patterns, estimates)
    path = folder / "scores" / f"{name}.csv.gz"
    if by_mirt and tree.write:
        return
    tree.keep_columns(path, own | of_persons, ["".join(map(str, row)) for row in patterns])
    for (kind, part), table in tables(name, at).items():
        if not by_mirt or (folder / kind / f"{part}.csv").exists():
            tree.keep_columns(folder / kind / f"{part}.csv", table)


def _patterns(name):
    """The distinct patterns that are scored, the first 400 in the order of the persons."""
    if fits.SCORED[name]:
        return reader.scores(name)
    data = fits.responses(name.split("__")[0])
    first = np.sort(np.unique(data, axis=0, return_index=True)[1])[:400]
    return data[first], {}


def make_responses(tree):
    for name, build in SETS.items():
        scores = build()[0]
        columns = {f"V{item}": own for item, own in enumerate(scores.T, 1)}
        tree.keep_columns(reader.FIGURES / "responses" / f"{name}.csv.gz", columns)


def main():
    parser = ArgumentParser(prog="python -m tests.reference.make")
    parser.add_argument("--write", action="store_true", help="put what is made into the tree")
    parser.add_argument("--only", default="", help="fits whose name begins so")
    arguments = parser.parse_args()
    tree = Tree(arguments.write)
    make_responses(tree)
    for name in fits.FITS:
        if not name.startswith(arguments.only):
            continue
        started, known = time.process_time(), len(tree.faults)
        make(name, tree)
        verdict = "; ".join(tree.faults[known:]) or ("written" if tree.write else "equal")
        print(f"{name}: {verdict} ({time.process_time() - started:.0f} s)", flush=True)
    sys.exit(1 if tree.faults else 0)


if __name__ == "__main__":
    main()
