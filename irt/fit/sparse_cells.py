"""Merging of sparse cells in a table of summed scores by categories, by mirt's rules.

A chi-square statistic needs expected frequencies that are not too small. Rows are adjacent summed
scores and columns adjacent categories; a cell that has been merged away holds an expected 0.
"""

import numpy as np

from irt.arrays import FloatArray

Table = list[list[float]]

_RARE_COLUMN = 0.1
_RARE_CELLS = 0.05


def merge_sparse_cells(
    observed: FloatArray, expected: FloatArray, minimum: float
) -> tuple[FloatArray, FloatArray]:
    """Observed and expected tables (R, K) after merging; expected 0 where there is no cell.

    observed and expected (S, K) are those of summed scores in order; expected is NaN in cells that
    cannot occur. Such rows join the next one in which every category can. Rows without persons are
    dropped, rows with one person join the next. With more than two categories the smallest cell of
    a row joins its smaller neighbour while any is below `minimum`, then columns that hardly exist
    join the one before. At last a row with a cell below `minimum` joins its neighbour with fewer
    persons.
    """
    o, e = _merge_impossible_rows(observed, expected)
    inhabited = [row for row in range(len(o)) if sum(o[row]) > 0]
    o, e = [o[row] for row in inhabited], [e[row] for row in inhabited]
    _merge_single_persons(o, e)
    if len(e) > 0 and len(e[0]) > 2:
        for row in range(len(e)):
            _merge_categories(o[row], e[row], minimum)
        _merge_rare_columns(o, e, minimum)
    _merge_sparse_rows(o, e, minimum)
    width = expected.shape[1] if not e else len(e[0])
    return np.reshape(o, (-1, width)), np.reshape(e, (-1, width))


def _merge_impossible_rows(observed: FloatArray, expected: FloatArray) -> tuple[Table, Table]:
    """Tables whose first and last rows have taken in those with impossible cells."""
    complete = np.flatnonzero(np.isfinite(expected).all(axis=1))
    if complete.size == 0:
        return [], []
    first, last = complete[0], complete[-1]
    kept = []
    for table in (observed, np.nan_to_num(expected)):
        rows = table[first : last + 1].copy()
        rows[0] += table[:first].sum(axis=0)
        rows[-1] += table[last + 1 :].sum(axis=0)
        kept.append(rows.tolist())
    return kept[0], kept[1]


def _merge_single_persons(observed: Table, expected: Table) -> None:
    row = 0
    while row < len(observed) and len(observed) > 1:
        if sum(observed[row]) != 1:
            row += 1
            continue
        _merge_row(observed, row, row + 1 if row + 1 < len(observed) else row - 1)
        _merge_row(expected, row, row + 1 if row + 1 < len(expected) else row - 1)


def _merge_row(table: Table, row: int, into: int) -> None:
    table[into] = [own + other for own, other in zip(table[into], table[row], strict=True)]
    del table[row]


def _merge_categories(observed: list[float], expected: list[float], minimum: float) -> None:
    """Merge the smallest cell into its smaller neighbour while need be; pad with empty cells."""
    width = len(expected)
    while len(expected) > 2 and min(expected) < minimum:
        smallest = max(cell for cell, e in enumerate(expected) if e == min(expected))
        sides = [cell for cell in (smallest - 1, smallest + 1) if 0 <= cell < len(expected)]
        into = min(sides, key=expected.__getitem__)
        for cells in (observed, expected):
            cells[into] += cells[smallest]
            del cells[smallest]
    for cells in (observed, expected):
        cells.extend([0.0] * (width - len(cells)))


def _merge_rare_columns(observed: Table, expected: Table, minimum: float) -> None:
    """Merge columns with next to no expected persons, or next to no cells, into the one before."""
    least = minimum * np.ceil(len(expected) * _RARE_COLUMN)
    while len(expected[0]) > 2 and sum(row[-1] for row in expected) < least:
        _merge_column(observed, expected, len(expected[0]) - 1)
    for column in range(len(expected[0]) - 1, 0, -1):
        if sum(row[column] > 0 for row in expected) < _RARE_CELLS * len(expected):
            _merge_column(observed, expected, column)


def _merge_column(observed: Table, expected: Table, column: int) -> None:
    for table in (observed, expected):
        for row in table:
            row[column - 1] += row[column]
            del row[column]


def _merge_sparse_rows(observed: Table, expected: Table, minimum: float) -> None:
    row = 0
    while row < len(expected) and len(expected) > 1:
        if not any(0 < cell < minimum for cell in expected[row]):
            row += 1
            continue
        sides = [side for side in (row - 1, row + 1) if 0 <= side < len(expected)]
        into = min(sides, key=lambda side: sum(observed[side]))
        _merge_row(observed, row, into)
        _merge_row(expected, row, into)
        row = min(row, into)
