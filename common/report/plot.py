"""Marks on a pair of axes: curves, points with intervals, bars and rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.report.axes import Axis, grid, linear_axis, points, polyline
from irt.arrays import FloatArray

THETA_LIMIT = 4.0
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 10, 42


@dataclass(frozen=True)
class Plot:
    """A drawing of width by height whose marks are given in the units of its two axes."""

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
    ) -> "Plot":
        """Axes given as (low, high, name)."""
        return cls(
            linear_axis(*across[:2], LEFT, width - RIGHT, across[2]),
            linear_axis(*upward[:2], height - BOTTOM, TOP, upward[2]),
            width,
            height,
        )

    def drawing(self, *marks: SafeString) -> SafeString:
        """The grid with the marks upon it."""
        return join([grid(self.across, self.upward), *marks])

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

    def upright(self, kind: str, value: float, label: str = "") -> SafeString:
        """A rule at a value of the axis across."""
        x = self.across.place(value)
        path = f"M{x:.1f} {self.upward.start:.1f}V{self.upward.end:.1f}"
        return format_html(
            '<path class="rule {}" d="{}"/><text class="icc-tick" x="{}" y="{}">{}</text>',
            *(kind, path, f"{x + 4:.1f}", f"{self.upward.end + 11:.1f}", label),
        )

    def level(self, kind: str, value: float, label: str = "") -> SafeString:
        """A rule at a value of the upward axis."""
        y = self.upward.place(value)
        path = f"M{self.across.start:.1f} {y:.1f}H{self.across.end:.1f}"
        return format_html(
            '<path class="rule {}" d="{}"/><text class="icc-tick" x="{}" y="{}" text-anchor="end">'
            "{}</text>",
            *(kind, path, f"{self.across.end - 2:.1f}", f"{y - 4:.1f}", label),
        )


def join(parts: Iterable[SafeString]) -> SafeString:
    """Parts of a drawing one after the other."""
    return format_html_join("", "{}", ((part,) for part in parts))


def _title(text: str) -> SafeString:
    return format_html("<title>{}</title>", text) if text else SafeString("")
