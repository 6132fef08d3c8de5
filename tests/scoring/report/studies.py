"""Studies of any items and persons as files, calibrated where wanted, and the report on them."""

from io import StringIO
from pathlib import Path

import numpy as np
from django.core.management import call_command

from irt.models.parameters import ItemParameters, Model
from irt.simulation.responses import simulate_responses
from tests.scoring.report.report_files import write


def two_pl(n_items: int, seed: int = 0) -> ItemParameters:
    rng = np.random.default_rng(seed)
    slopes, places = rng.lognormal(0.1, 0.25, n_items), np.linspace(-1.8, 1.8, n_items)
    return ItemParameters.from_rows(
        [
            (Model.TWO_PL, a, b, 0.0, 1.0)
            for a, b in zip(slopes, rng.permutation(places), strict=True)
        ]
    )


def graded(n_items: int) -> ItemParameters:
    places = np.linspace(-1.2, 1.2, n_items)
    return ItemParameters.from_rows(
        [(Model.GRADED, 1.4, [b - 0.9, b, b + 0.9], 0.0, 1.0) for b in places]
    )


def sampled(items: ItemParameters, groups, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores of persons from groups (mean, sd, persons), and their groups."""
    rng = np.random.default_rng(seed)
    theta = np.concatenate([rng.normal(mean, sd, n) for mean, sd, n in groups])
    member = np.repeat(np.arange(len(groups)), [n for *_, n in groups])
    return simulate_responses(items, theta, rng), member


def names_of(n_items: int) -> list[str]:
    return [f"q{number + 1:02}" for number in range(n_items)]


def write_study(folder: Path, scores: np.ndarray, member: np.ndarray | None = None) -> None:
    """responses.csv, with empty cells for -1, and groups.csv where there are groups."""
    rows = [
        [f"p{number}", *(None if score < 0 else score for score in own)]
        for number, own in enumerate(scores.tolist())
    ]
    write(folder / "responses.csv", [["person", *names_of(scores.shape[1])], *rows])
    if member is not None:
        named = [[f"p{number}", f"g{own}"] for number, own in enumerate(member.tolist())]
        write(folder / "groups.csv", [["person", "group"], *named])


def write_items(folder: Path, items: ItemParameters) -> None:
    """params.csv of items that were known beforehand."""
    steps = items.difficulty.shape[1]
    places = ["b"] if steps == 1 else [f"b{number + 1}" for number in range(steps)]
    rows = [
        [name, model, a, *(None if np.isnan(value) else value for value in b)]
        for name, model, a, b in zip(
            names_of(items.n_items),
            items.model.tolist(),
            items.discrimination.tolist(),
            items.difficulty.tolist(),
            strict=True,
        )
    ]
    write(folder / "params.csv", [["item", "model", "a", *places], *rows])


def calibrate(folder: Path, model: str, *options: str) -> str:
    """params.csv of the responses, by groups where there are any; what the command said."""
    told = StringIO()
    groups = ["--groups", folder / "groups.csv"] if (folder / "groups.csv").exists() else []
    call_command(
        "calibrate_csv",
        *map(str, [folder / "responses.csv", "--model", model, *groups, *options]),
        *("--out", str(folder / "params.csv")),
        stdout=told,
        stderr=told,
    )
    return told.getvalue()


def report(folder: Path, *options: str) -> dict[str, str]:
    """The verdict of each section by its title."""
    told = StringIO()
    groups = ["--groups", folder / "groups.csv"] if (folder / "groups.csv").exists() else []
    call_command(
        "calibration_report",
        *map(str, [folder / "responses.csv", "--items", folder / "params.csv", *groups, *options]),
        *("--out", str(folder / "report")),
        stdout=told,
        stderr=told,
    )
    lines = (line.partition(": ") for line in told.getvalue().splitlines()[:-1])
    return {title: text for title, _, text in lines}


def page_of(folder: Path) -> str:
    return (folder / "report" / "report.html").read_text("utf-8")
