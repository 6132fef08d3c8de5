"""Geometry of the two pictures that the server draws; templates/components turn it into SVG.

Coordinates are strings in the units of the picture's view box, so that no language's decimal
comma gets into them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)
DENSITY_STEPS = 80
MOST_LABELS = 10
# Where ML sits at a fence its error has no bound; a band this wide says as much.
WIDEST_BAND = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    x: str
    y: str


@dataclass(frozen=True)
class ScoreScale:
    """A score with its 95% interval above the density of the reference group."""

    density: str
    score_x: str
    interval_x: str
    interval_width: str
    ticks: list[Tick]
    width: int = 640
    height: int = 230
    left: int = 24
    right: int = 616
    base: int = 180
    tick_end: int = 188
    label_y: int = 214
    marker_y: int = 24
    interval_y: int = 142
    interval_middle: int = 149


@dataclass(frozen=True)
class Trajectory:
    """θ after each answer, with a band of one standard error."""

    line: str
    band: str
    points: list[Point]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = 640
    height: int = 300
    left: int = 56
    right: int = 624
    top: int = 16
    bottom: int = 256
    y_label_x: int = 44
    label_y: int = 286


def score_scale(score: float, standard_error: float, mean: float, sd: float) -> ScoreScale:
    """The picture of a score on a scale where the reference group is N(mean, sd²).

    The axis spans three SDs each way, and further where the interval reaches beyond.
    """
    half = max(3, ceil((abs(score - mean) + Z95 * standard_error) / sd))
    low, high = mean - half * sd, mean + half * sd

    def x_of(value: float) -> float:
        share = (value - low) / (high - low)
        return ScoreScale.left + share * (ScoreScale.right - ScoreScale.left)

    group = NormalDist(mean, sd)
    values = [low + (high - low) * step / DENSITY_STEPS for step in range(DENSITY_STEPS + 1)]
    peak = group.pdf(mean)
    tallest = ScoreScale.base - ScoreScale.marker_y - 16
    curve = [(x_of(v), ScoreScale.base - tallest * group.pdf(v) / peak) for v in values]
    ground = [(ScoreScale.right, ScoreScale.base), (ScoreScale.left, ScoreScale.base)]
    start = x_of(score - Z95 * standard_error)
    step = ceil(half / 5)
    return ScoreScale(
        density=_path([*curve, *ground]) + "Z",
        score_x=_text(x_of(score)),
        interval_x=_text(start),
        interval_width=_text(x_of(score + Z95 * standard_error) - start),
        ticks=[
            Tick(_text(x_of(mean + k * sd)), _signed(mean + k * sd))
            for k in range(-step * (half // step), half + 1, step)
        ],
    )


def trajectory(thetas: Sequence[float], standard_errors: Sequence[float]) -> Trajectory:
    """The picture of θ after answers 1, 2, … (at least one)."""
    errors = [min(error, WIDEST_BAND) for error in standard_errors]
    pairs = list(zip(thetas, errors, strict=True))
    low = floor(min(theta - error for theta, error in pairs))
    high = ceil(max(theta + error for theta, error in pairs))
    frame = Trajectory
    count = len(pairs)

    def x_of(position: float) -> float:
        share = 0.5 if count == 1 else (position - 1) / (count - 1)
        return frame.left + 12 + share * (frame.right - frame.left - 24)

    def y_of(theta: float) -> float:
        return frame.bottom - (theta - low) / (high - low) * (frame.bottom - frame.top)

    line = [(x_of(p), y_of(theta)) for p, theta in enumerate(thetas, start=1)]
    upper = [(x_of(p), y_of(theta + error)) for p, (theta, error) in enumerate(pairs, start=1)]
    lower = [(x_of(p), y_of(theta - error)) for p, (theta, error) in enumerate(pairs, start=1)]
    x_step, y_step = ceil(count / MOST_LABELS), ceil((high - low) / MOST_LABELS)
    return Trajectory(
        line=_path(line),
        band=_path([*upper, *reversed(lower)]) + "Z",
        points=[Point(_text(x), _text(y)) for x, y in line],
        x_ticks=[Tick(_text(x_of(p)), str(p)) for p in range(1, count + 1, x_step)],
        y_ticks=[Tick(_text(y_of(v)), _signed(v)) for v in range(low, high + 1, y_step)],
    )


def _signed(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_text(x)},{_text(y)}" for x, y in points)


def _text(value: float) -> str:
    return f"{value:.1f}"
