"""The parts that charts share, as SVG drawn on the server: axes, ticks, lines and labels.

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
_GAP_BELOW, _GAP_BESIDE, _NAME_GAP = 16, 6, 34


@dataclass(frozen=True)
class Axis:
    """A range of values and the pixels it covers; ticks are (value, label).

    `gap` is how far the labels stand from the axis, where not as usual.
    """

    low: float
    high: float
    start: float
    end: float
    name: str
    ticks: Sequence[tuple[float, str]]
    gap: float | None = None
    has_lines: bool = True

    def place(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def places(self, values: FloatArray) -> FloatArray:
        """`place` of each value, cut off at the ends of the axis."""
        share = (values.clip(self.low, self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def linear_axis(
    low: float, high: float, start: float, end: float, name: str, *, at_most: int = 8
) -> Axis:
    """An axis with round ticks."""
    ticks = [(value, f"{value:g}") for value in round_steps(low, high, at_most)]
    return Axis(low, high, start, end, name, ticks)


def count_axis(low: int, high: int, start: float, end: float, name: str) -> Axis:
    """An axis with whole ticks."""
    ticks = [(value, f"{value:g}") for value in round_steps(low, high) if value == int(value)]
    return Axis(low, high, start, end, name, ticks)


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
    below = _GAP_BELOW if across.gap is None else across.gap
    beside = _GAP_BESIDE if upward.gap is None else upward.gap
    parts = []
    for value, text in across.ticks:
        x = across.place(value)
        parts += [_line(across, f"M{x:.1f} {top:.1f}V{bottom:.1f}"), label(x, bottom + below, text)]
    for value, text in upward.ticks:
        y = upward.place(value)
        line = _line(upward, f"M{left:.1f} {y:.1f}H{right:.1f}")
        parts += [line, label(left - beside, y, text, "end", is_centred=True)]
    parts.append(label((left + right) / 2, bottom + _NAME_GAP, across.name))
    if upward.name:
        # A single letter is read more easily as it is.
        turned = "" if len(upward.name) == 1 else " rotate(-90)"
        parts.append(
            format_html(
                '<text class="icc-tick" transform="translate(12 {}){}" text-anchor="middle">{}'
                "</text>",
                *(f"{(top + bottom) / 2:.1f}", turned, upward.name),
            )
        )
    return join(parts)


def label(
    x: float, y: float, text: str, anchor: str = "middle", *, is_centred: bool = False
) -> SafeString:
    """Text at a place in pixels, of its foot or of its middle; nothing where it is empty."""
    if not text:
        return SafeString("")
    shift = SafeString(' dy="0.35em"' if is_centred else "")
    return format_html(
        '<text class="icc-tick" x="{}" y="{}"{} text-anchor="{}">{}</text>',
        *(f"{x:.1f}", f"{y:.1f}", shift, anchor, text),
    )


def polyline(kind: str, x: FloatArray, y: FloatArray) -> SafeString:
    """A line of class `kind` through points given in pixels."""
    return format_html('<polyline class="{}" points="{}"/>', kind, points(x, y))


def points(x: Iterable[float], y: Iterable[float]) -> str:
    """Pixels as the attribute `points` has them."""
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def join(parts: Iterable[SafeString]) -> SafeString:
    """Parts of a drawing one after the other."""
    return format_html_join("", "{}", ((part,) for part in parts))


def _line(axis: Axis, path: str) -> SafeString:
    if not axis.has_lines:
        return SafeString("")
    return format_html('<path class="icc-grid" d="{}"/>', path)
