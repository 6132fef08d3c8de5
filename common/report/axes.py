"""The parts that charts share, as SVG drawn on the server: axes, ticks and lines.

Classes say what a thing is; its colour and dashes are the style sheet's, because an inline style
would need a looser policy.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from irt.arrays import FloatArray

# From the axis to its tick labels, and to its name.
_TICK_GAP, _NAME_GAP = 16, 34


@dataclass(frozen=True)
class Axis:
    """A range of values and the pixels it covers; ticks are (value, label)."""

    low: float
    high: float
    start: float
    end: float
    name: str
    ticks: Sequence[tuple[float, str]]

    def place(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def places(self, values: FloatArray) -> FloatArray:
        """`place` of each value, cut off at the ends of the axis."""
        share = (values.clip(self.low, self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def linear_axis(low: float, high: float, start: float, end: float, name: str) -> Axis:
    """An axis with round ticks."""
    return Axis(low, high, start, end, name, [(v, f"{v:g}") for v in round_steps(low, high)])


def round_steps(low: float, high: float, at_most: int = 8) -> list[float]:
    """About `at_most` round values from low to high, or fewer."""
    rough = (high - low) / at_most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= rough)
    first = math.ceil(low / step)
    # Rounding takes away what 3 * 0.1 has too much.
    return [round(step * n, 12) for n in range(first, math.floor(high / step) + 1)]


def grid(across: Axis, upward: Axis) -> SafeString:
    """Grid lines with their labels, and the names of both axes."""
    left, right, bottom, top = across.start, across.end, upward.start, upward.end
    columns = format_html_join(
        "",
        '<path class="icc-grid" d="M{} {}V{}"/>'
        '<text class="icc-tick" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (_text(x), _text(top), _text(bottom), _text(x), _text(bottom + _TICK_GAP), label)
            for value, label in across.ticks
            for x in [across.place(value)]
        ),
    )
    rows = format_html_join(
        "",
        '<path class="icc-grid" d="M{} {}H{}"/>'
        '<text class="icc-tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (_text(left), _text(y), _text(right), _text(left - 6), _text(y + 4), label)
            for value, label in upward.ticks
            for y in [upward.place(value)]
        ),
    )
    middle_x, middle_y = _text((left + right) / 2), _text((top + bottom) / 2)
    # A single letter is read more easily as it is.
    turned = "" if len(upward.name) == 1 else " rotate(-90)"
    names = format_html_join(
        "",
        '<text class="icc-tick" {} text-anchor="middle">{}</text>',
        (
            (place, name)
            for place, name in (
                (
                    format_html('x="{}" y="{}"', middle_x, _text(bottom + _NAME_GAP)),
                    across.name,
                ),
                (format_html('transform="translate(12 {}){}"', middle_y, turned), upward.name),
            )
            if name
        ),
    )
    return format_html("{}{}{}", columns, rows, names)


def polyline(kind: str, x: FloatArray, y: FloatArray) -> SafeString:
    """A line of class `kind` through points given in pixels."""
    return format_html('<polyline class="{}" points="{}"/>', kind, points(x, y))


def points(x: Iterable[float], y: Iterable[float]) -> str:
    """Pixels as the attribute `points` has them."""
    return " ".join(f"{_text(a)},{_text(b)}" for a, b in zip(x, y, strict=True))


def _text(value: float) -> str:
    return f"{value:.1f}"
