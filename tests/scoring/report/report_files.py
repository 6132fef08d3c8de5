"""Simulated files for calibration_report: responses with known trouble, and what goes with them."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from common.files.csv_files import write_rows
from irt.models.parameters import ItemParameters, Model
from irt.simulation.responses import simulate_responses

N_PERSONS = 400
NAMES = [*(f"M{number}" for number in range(1, 11)), "<script>alert(1)</script>", "=cmd|x"]
ITEMS = ItemParameters.from_rows(
    [
        *((Model.TWO_PL, 1.2, b, 0.0, 1.0) for b in np.linspace(-2, 2, 10)),
        (Model.GRADED, 1.4, [-1.0, 0.8], 0.0, 1.0),
        (Model.TWO_PL, 1.0, 0.5, 0.0, 1.0),
    ]
)
PERSONS = [f"p{number}" for number in range(N_PERSONS)]


def write(path: Path, rows) -> Path:
    with path.open("w", newline="") as file:
        write_rows(file, rows)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def column(path: Path, name: str) -> list[float]:
    """Numbers, NaN where a cell is empty."""
    return [float(row[name] or "nan") for row in rows_of(path)]


def simulate(seed: int = 1, items: ItemParameters = ITEMS, mean: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return simulate_responses(items, rng.normal(mean, 1.0, N_PERSONS), rng)


def write_responses(folder: Path, scores: np.ndarray) -> None:
    """responses.csv; -1 is an empty cell."""
    rows = [[None if score < 0 else score for score in own] for own in scores.tolist()]
    body = ([person, *own] for person, own in zip(PERSONS, rows, strict=True))
    write(folder / "responses.csv", [["person", *NAMES], *body])


def write_params(path: Path, items: ItemParameters = ITEMS, error: float = 0.05) -> None:
    header = ["item", "model", "a", "b", "b1", "b2", "se_a", "se_b", "se_b1", "se_b2"]
    rows = []
    for at, name in enumerate(NAMES):
        first, *more = items.difficulty[at][np.isfinite(items.difficulty[at])].tolist()
        places = [None, first, *more] if more else [first, None, None]
        errors = [None, error, error] if more else [error, None, None]
        slope = float(items.discrimination[at])
        rows.append([name, items.model[at], slope, *places, error, *errors])
    write(path, [header, *rows])


def write_all(folder: Path) -> None:
    """Every file that the command can read.

    M3 works against the model, M5 is harder for the focal group, persons 0 to 9 guess fast, persons
    20 to 29 know the items from M6 on, and M2 was easier on the other scale.
    """
    rng = np.random.default_rng(7)
    scores = simulate()
    focal = rng.random(N_PERSONS) < 0.5
    harder = simulate_responses(shifted(4, 1.6), rng.normal(0, 1, N_PERSONS), rng)
    scores[focal, 4] = harder[focal, 4]
    scores[:, 2] = 1 - scores[:, 2]
    scores[:10] = rng.integers(0, 2, (10, len(NAMES)))
    scores[20:30, 5:] = ITEMS.n_categories[5:] - 1
    scores[20:30, :5] = 0
    write_responses(folder, scores)
    write_params(folder / "params.csv")
    write_params(folder / "standing.csv", shifted(1, -1.0))
    groups = np.where(focal, "focal", "reference")
    groups[0] = "reference"
    write(folder / "groups.csv", [["person", "group"], *zip(PERSONS, groups, strict=True)])
    seconds = np.exp(rng.normal(3.4, 0.4, scores.shape))
    seconds[:10] = 0.5
    times = (
        [person, item, round(float(seconds[i, j]), 2)]
        for i, person in enumerate(PERSONS)
        for j, item in enumerate(NAMES)
    )
    write(folder / "times.csv", [["person", "item", "seconds"], *times])
    write(folder / "leaked.csv", [["item"], *([name] for name in NAMES[5:])])


def shifted(item: int, by: float) -> ItemParameters:
    difficulty = ITEMS.difficulty.copy()
    difficulty[item] += by
    return replace(ITEMS, difficulty=difficulty)
