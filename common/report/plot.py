"""Marks on a pair of axes: curves, points with intervals, bars and rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.report.axes import Axis, grid, join, label, linear_axis, points, polyline
from irt.arrays import FloatArray

THETA_LIMIT = 4.0
# Of plots whose rows are named: the height of a row and of the bar in it, in pixels.
ROW, BAR = 26, 16


class Margins(NamedTuple):
    """Pixels around the axes, for their labels and names."""

    left: int = 48
    right: int = 10
    top: int = 10
    bottom: int = 42


@dataclass(frozen=True)
class Plot:
    """A drawing of width by height whose marks are given in the units of its two axes.

    The class of a mark says what it is, then `kind`, which of them.
    """

    across: Axis
    upward: Axis
    width: int
    height: int

    @classmethod
    def of(
        cls,
        across: tuple[float, float, str],
        upward: tuple[float, float, str],
        width: int = 420,
        height: int = 260,
        margins: Margins = Margins(),  # noqa: B008  # immutable
    ) -> "Plot":
        """Axes given as (low, high, name)."""
        left, right, top, bottom = margins
        return cls(
            linear_axis(*across[:2], left, width - right, across[2]),
            linear_axis(*upward[:2], height - bottom, top, upward[2]),
            width,
            height,
        )

    @classmethod
    def of_rows(
        cls, names: Sequence[str], across: Axis, margins: Margins, row: int = ROW
    ) -> "Plot":
        """A named row for each thing that is compared, the first one at the top."""
        foot = margins.top + row * len(names)
        ticks = [(number + 0.5, name) for number, name in enumerate(names)]
        upward = Axis(len(names), 0, foot, margins.top, "", ticks)
        return cls(across, upward, round(across.end) + margins.right, foot + margins.bottom)

    def drawing(self, *marks: SafeString) -> SafeString:
        """The grid with the marks upon it."""
        return join([grid(self.across, self.upward), *marks])

    def figure(self, name: str, *marks: SafeString, legend: SafeString | str = "") -> SafeString:
        """The drawing as a figure of a page; `name` is what it shows, for who cannot see it."""
        return format_html(
            '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>{}'
            "</figure>",
            *(self.width, self.height, name, self.drawing(*marks), legend),
        )

    def curve(self, kind: str, x: FloatArray, y: FloatArray) -> SafeString:
        return polyline(f"line {kind}", self.across.places(x), self.upward.places(y))

    def band(self, kind: str, x: FloatArray, low: FloatArray, high: FloatArray) -> SafeString:
        """The area between two curves."""
        there, back = self.across.places(x), self.across.places(x)[::-1]
        outline = points(
            np.concatenate([there, back]),
            np.concatenate([self.upward.places(low), self.upward.places(high)[::-1]]),
        )
        return format_html('<polygon class="area {}" points="{}"/>', kind, outline)

    def dots(
        self,
        kind: str,
        x: FloatArray,
        y: FloatArray,
        titles: Sequence[str] | None = None,
        radius: float = 3.5,
    ) -> SafeString:
        """Filled circles, with a title each where there are titles."""
        told = titles or [""] * len(x)
        return join(
            format_html(
                '<circle class="dot {}" cx="{}" cy="{}" r="{}">{}</circle>',
                *(kind, f"{a:.1f}", f"{b:.1f}", radius, _title(text)),
            )
            for a, b, text in zip(self.across.places(x), self.upward.places(y), told, strict=True)
        )

    def whiskers(self, kind: str, x: FloatArray, low: FloatArray, high: FloatArray) -> SafeString:
        """Upright intervals, all in one path."""
        path = "".join(
            f"M{a:.1f} {b:.1f}V{c:.1f}"
            for a, b, c in zip(
                self.across.places(x),
                self.upward.places(low),
                self.upward.places(high),
                strict=True,
            )
        )
        return format_html('<path class="whisker {}" d="{}"/>', kind, path)

    def interval(
        self, kind: str, ends: tuple[float, float, float], at: float, radius: float = 3.5
    ) -> SafeString:
        """A lying interval (low, middle, high) at a value of the upward axis, with its dot."""
        low, middle, high = self.across.places(np.array(ends)).tolist()
        y = f"{self.upward.place(at):.1f}"
        return format_html(
            '<path class="whisker {0}" d="M{1} {2}H{3}"/>'
            '<circle class="dot {0}" cx="{4}" cy="{2}" r="{5}"/>',
            *(kind, f"{low:.1f}", y, f"{high:.1f}", f"{middle:.1f}", radius),
        )

    def bars(self, kind: str, edges: FloatArray, heights: FloatArray) -> SafeString:
        """Bars from the foot of the plot, between edges (n + 1,)."""
        x, foot = self.across.places(edges), self.upward.start
        tops = self.upward.places(heights)
        path = "".join(
            f"M{a:.1f} {foot:.1f}V{top:.1f}H{b:.1f}V{foot:.1f}Z"
            for a, b, top, height in zip(x[:-1], x[1:], tops, heights, strict=True)
            if height > 0
        )
        return format_html('<path class="bar {}" d="{}"/>', kind, path)

    def row_bar(self, kind: str, row: int, start: float, end: float, title: str) -> SafeString:
        """A lying bar of class `kind` in a row, wide enough to be seen."""
        left, right = self.across.place(start), self.across.place(end)
        return format_html(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>',
            *(kind, f"{left:.1f}", f"{self.upward.place(row + 0.5) - BAR / 2:.1f}"),
            *(f"{max(right - left, 1):.1f}", BAR, _title(title)),
        )

    def upright(self, kind: str, value: float, name: str = "") -> SafeString:
        """A rule at a value of the axis across."""
        x = self.across.place(value)
        path = f"M{x:.1f} {self.upward.start:.1f}V{self.upward.end:.1f}"
        rule = format_html('<path class="rule {}" d="{}"/>', kind, path)
        return join([rule, label(x + 4, self.upward.end + 11, name, "start")])

    def level(self, kind: str, value: float, name: str = "") -> SafeString:
        """A rule at a value of the upward axis."""
        y = self.upward.place(value)
        path = f"M{self.across.start:.1f} {y:.1f}H{self.across.end:.1f}"
        rule = format_html('<path class="rule {}" d="{}"/>', kind, path)
        return join([rule, label(self.across.end - 2, y - 4, name, "end")])


def key_to(width: int, height: int, keys: Iterable[tuple[SafeString, str]]) -> SafeString:
    """The caption of a figure: what each of (sample of width by height pixels, name) stands for."""
    items = format_html_join(
        "",
        '<li><svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true">{2}</svg>{3}'
        "</li>",
        ((width, height, sample, name) for sample, name in keys),
    )
    return format_html('<figcaption><ul class="icc-legend">{}</ul></figcaption>', items)


def _title(text: str) -> SafeString:
    return format_html("<title>{}</title>", text) if text else SafeString("")
