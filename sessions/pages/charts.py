"""The two pictures of a session, for templates/components to frame and to describe."""

from collections.abc import Sequence
from math import ceil, floor
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.report.axes import Axis, join, label
from common.report.plot import Plot
from irt.arrays import FloatArray

Z95 = NormalDist().inv_cdf(0.975)
DENSITY_STEPS = 80
MOST_LABELS = 10
# Where ML sits at a fence its error has no bound; a band this wide says as much.
WIDEST_BAND = 3.0
# Of the picture's height, what the norm group's hill takes at its top.
TALLEST = 0.9
# Of the norm group's SD, how far each of its percentiles is smeared to become a hill; at least so
# much of the scale's SD.
SMEAR, LEAST_SMEAR = 0.25, 0.05
# Height of the base line, with a hill above it and without.
HILL, FLAT = 180, 80


class Picture(NamedTuple):
    """The inside of an SVG of width by height."""

    drawing: SafeString
    width: int
    height: int


def score_scale(
    score: float, standard_error: float, mean: float, sd: float, norms: Sequence[float] = ()
) -> Picture:
    """A score with its 95% interval on a scale of this mean and SD.

    `norms`: the percentiles of the norm group on the scale, drawn as a hill behind; without them
    nobody was measured with whom to compare. The axis spans three SDs each way, and further where
    the interval or the norm group reaches beyond.
    """
    farthest = max([abs(score - mean) + Z95 * standard_error, *(abs(q - mean) for q in norms)])
    half = max(3, ceil(farthest / sd))
    low, high = mean - half * sd, mean + half * sd
    base = HILL if norms else FLAT
    plot = Plot(Axis(low, high, 24, 616, "", []), Axis(0, 1, base, 24, "", []), 640, base + 50)
    step = ceil(half / 5)
    ticks = [mean + k * sd for k in range(-step * (half // step), half + 1, step)]
    drawing = plot.drawing(
        _hill(plot, np.asarray(norms), sd) if norms else SafeString(""),
        _interval(plot, score - Z95 * standard_error, score + Z95 * standard_error),
        _scale(plot, ticks),
        plot.upright("marker", score),
        plot.dots("point", np.array([score]), np.array([0.2]), radius=9),
    )
    return Picture(drawing, plot.width, plot.height)


def trajectory(thetas: Sequence[float], standard_errors: Sequence[float]) -> Picture:
    """θ after answers 1, 2, … (at least one), with a band of one standard error."""
    theta = np.array(thetas)
    error = np.minimum(standard_errors, WIDEST_BAND)
    low, high = floor((theta - error).min()), ceil((theta + error).max())
    count = len(theta)
    plot = Plot(_answers(count), _thetas(low, high), 640, 300)
    # A single answer stands in the middle of its axis.
    position: FloatArray = np.arange(1, count + 1, dtype=np.float64)
    drawing = plot.drawing(
        plot.band("band", position, theta + error, theta - error),
        plot.curve("", position, theta),
        plot.dots("", position, theta, radius=4),
    )
    return Picture(drawing, plot.width, plot.height)


def _hill(plot: Plot, norms: FloatArray, sd: float) -> SafeString:
    """How the norm group is distributed, from its percentiles (99,): a kernel density."""
    values = np.linspace(plot.across.low, plot.across.high, DENSITY_STEPS + 1)
    smear = max(SMEAR * float(norms.std()), LEAST_SMEAR * sd)
    density = np.exp(-0.5 * ((values[:, None] - norms) / smear) ** 2).sum(axis=1)
    return plot.band("density", values, np.zeros_like(values), TALLEST * density / density.max())


def _answers(count: int) -> Axis:
    ticks = [(p, str(p)) for p in range(1, count + 1, ceil(count / MOST_LABELS))]
    first, last = (0, 2) if count == 1 else (1, count)
    margin = (last - first) * 12 / 544  # so that no dot lies on the edge
    return Axis(first - margin, last + margin, 56, 624, "", ticks, gap=30, has_lines=False)


def _thetas(low: int, high: int) -> Axis:
    ticks = [(v, _signed(v)) for v in range(low, high + 1, ceil((high - low) / MOST_LABELS))]
    return Axis(low, high, 256, 16, "", ticks, gap=12)


def _interval(plot: Plot, low: float, high: float) -> SafeString:
    start, end = plot.across.place(low), plot.across.place(high)
    return format_html(
        '<rect class="interval" x="{}" y="{}" width="{}" height="14" rx="7"/>',
        *(f"{start:.1f}", f"{plot.upward.place(0.2) - 7:.1f}", f"{end - start:.1f}"),
    )


def _scale(plot: Plot, ticks: Sequence[float]) -> SafeString:
    """A line with a tick a standard deviation; narrow screens show every other one."""
    base = plot.upward.start
    line = f"M{plot.across.start} {base}H{plot.across.end}"
    parts = [format_html('<path class="icc-axis" d="{}"/>', line)]
    for number, value in enumerate(ticks, start=1):
        x = plot.across.place(value)
        parts.append(
            format_html(
                '<g{}><path class="icc-axis" d="M{} {}v8"/>{}</g>',
                SafeString(' class="odd"') if number % 2 else "",
                *(f"{x:.1f}", base, label(x, base + 34, _signed(value))),
            )
        )
    return join(parts)


def _signed(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
