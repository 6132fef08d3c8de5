"""Pictures of a calibration run; colours are those of admin.css."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, count_axis, round_steps
from common.report.plot import Margins, Plot

WIDTH, HEIGHT, MARGINS = 440, 300, Margins(left=52, right=12, top=12, bottom=44)


def difficulty_shift(items: Sequence[dict[str, Any]]) -> SafeString:
    """Old b against new b of the common items, thresholds included, with the line of no change.

    Empty when no item had parameters before.
    """
    pairs = [
        (old, new, item["code"])
        for item in items
        if item["shift"] is not None
        for old, new in zip(item["old_b"], item["b"], strict=True)
    ]
    if not pairs:
        return SafeString("")
    olds, news, _codes = zip(*pairs, strict=True)
    low = math.floor(min(*olds, *news))
    high = max(math.ceil(max(*olds, *news)), low + 1)
    plot = Plot.of((low, high, _("standing b")), (low, high, _("new b")), WIDTH, HEIGHT, MARGINS)
    titles = [f"{code}: {old:.2f} → {new:.2f}" for old, new, code in pairs]
    ends = np.array([low, high], dtype=float)
    return plot.figure(
        _("Scatter plot of %(count)d difficulties: standing against new") % {"count": len(pairs)},
        plot.curve("run-identity", ends, ends),
        plot.dots("run-point", np.array(olds), np.array(news), titles),
    )


def em_history(history: Sequence[float]) -> SafeString:
    """How far each iteration's log-posterior lay below the last one, on a logarithmic scale.

    Empty with fewer than two iterations above the end.
    """
    gaps = [
        (iteration, math.log10(history[-1] - value))
        for iteration, value in enumerate(history, start=1)
        if value < history[-1]
    ]
    if len(gaps) < 2:
        return SafeString("")
    iterations, powers = np.array(gaps).T
    low = math.floor(powers.min())
    high = max(math.ceil(powers.max()), low + 1)
    ticks = [(power, _power(power)) for power in round_steps(low, high)]
    left, right, top, bottom = MARGINS
    plot = Plot(
        count_axis(1, len(history), left, WIDTH - right, _("EM iteration")),
        Axis(low, high, HEIGHT - bottom, top, _("log-posterior below the maximum"), ticks),
        WIDTH,
        HEIGHT,
    )
    return plot.figure(
        _("The log-posterior over %(count)d EM iterations") % {"count": len(history)},
        plot.curve("icc-line", iterations, powers),
        plot.dots("run-point", iterations, powers, radius=2.5),
    )


def _power(exponent: float) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 4 else f"1e{exponent:g}"
