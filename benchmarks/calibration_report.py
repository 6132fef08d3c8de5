"""How long does each section of calibration_report take, and how large is its page?

CPU seconds of one thread. Usage: OPENBLAS_NUM_THREADS=1 python -m benchmarks.calibration_report
[--persons 10000] [--items 50]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")

import django
import numpy as np

from irt.models.parameters import ItemParameters, Model
from irt.simulation.responses import simulate_responses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50)
    options = parser.parse_args()
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), options.persons, options.items)
        measure(Path(folder))


def write_files(folder: Path, n_persons: int, n_items: int) -> None:
    from common.files.csv_files import write_table

    rng = np.random.default_rng(1)
    slopes, difficulties = rng.lognormal(0.0, 0.3, n_items), rng.standard_normal(n_items)
    items = ItemParameters.from_rows(
        [(Model.TWO_PL, a, b, 0.0, 1.0) for a, b in zip(slopes, difficulties, strict=True)]
    )
    scores = simulate_responses(items, rng.standard_normal(n_persons), rng)
    names = [f"i{number}" for number in range(n_items)]
    with (folder / "responses.csv").open("w", newline="") as file:
        write_table(file, names, scores.tolist())
    with (folder / "params.csv").open("w", newline="") as file:
        rows = zip(names, ["2pl"] * n_items, slopes, difficulties, strict=True)
        write_table(file, ["item", "model", "a", "b"], rows)


def measure(folder: Path) -> None:
    from django.utils import timezone

    from common.report.page import render
    from scoring.report.data import read_report_data
    from scoring.report.extras import Extras
    from scoring.report.report import sections_of

    marks: list[tuple[str, float]] = [("reading, population", time.process_time())]
    data = read_report_data(folder / "responses.csv", folder / "params.csv", is_known=True)
    sections = sections_of(
        data, Extras(), lambda _, name: marks.append((name, time.process_time()))
    )
    marks.append(("page", time.process_time()))
    page = render("Calibration report", sections, [("Responses", "r")], timezone.now())
    ends = [*(start for _, start in marks[1:]), time.process_time()]
    for (name, start), end in zip(marks, ends, strict=True):
        print(f"{name:20} {end - start:6.2f} s")
    print(f"{'together':20} {ends[-1] - marks[0][1]:6.2f} s, page {len(page) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
