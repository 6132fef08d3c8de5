"""A table of numbers as coloured cells: one colour for above, one for below, four depths each."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.report.axes import join, label
from common.report.words import shorten
from irt.arrays import FloatArray

WIDTH = 420
_LABEL = 84
_TOP = 22
_ROW = 20
_NAME_LENGTH = 12


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: FloatArray,
    limits: Sequence[float],
    titles: Sequence[Sequence[str]],
) -> tuple[SafeString, int]:
    """The drawing, `WIDTH` wide, and its height; a cell has a title, none where it is NaN.

    values (rows, columns); limits are the four sizes at which a colour gets deeper.
    """
    wide = (WIDTH - _LABEL - 4) / max(len(columns), 1)
    heads = (label(_LABEL + wide * (at + 0.5), _TOP - 8, name) for at, name in enumerate(columns))
    drawing = join(
        [
            *heads,
            *(_row(at, rows[at], values[at], wide, limits, titles[at]) for at in range(len(rows))),
        ]
    )
    return drawing, _TOP + _ROW * len(rows) + 6


def _row(
    at: int,
    name: str,
    values: FloatArray,
    wide: float,
    limits: Sequence[float],
    titles: Sequence[str],
) -> SafeString:
    y = _TOP + _ROW * at
    head = label(_LABEL - 6, y + _ROW / 2, shorten(name, _NAME_LENGTH), "end", is_centred=True)
    cells = (
        format_html(
            '<rect class="cell {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            *(_kind(value, limits), f"{_LABEL + wide * place:.1f}", y, f"{wide:.1f}", _ROW, title),
        )
        for place, (value, title) in enumerate(zip(values.tolist(), titles, strict=True))
        if np.isfinite(value)
    )
    return join([head, *cells])


def _kind(value: float, limits: Sequence[float]) -> str:
    depth = sum(abs(value) >= limit for limit in limits)
    if depth == 0:
        return "cell-0"
    return f"cell-{'above' if value > 0 else 'below'}-{depth}"
