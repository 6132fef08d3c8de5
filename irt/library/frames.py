"""Columns of pandas and polars frames and of dicts, without importing either library."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from irt.arrays import FloatArray
from irt.library.faults import InputError, listed
from irt.library.tables import Column, label_array

_FRAMES = ("pandas", "polars")


def is_frame(data: object) -> bool:
    """Whether data is a frame of pandas or polars."""
    kind = type(data)
    return kind.__module__.split(".")[0] in _FRAMES and kind.__name__ == "DataFrame"


def is_table(data: object) -> bool:
    """Whether data has named columns."""
    return is_frame(data) or isinstance(data, Mapping)


def column_names(data: Any) -> list[Any]:
    """The names of the columns. Raises `InputError` for one that occurs twice."""
    names = list(data) if isinstance(data, Mapping) else list(data.columns)
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(f"the column {twice[0]!r} occurs twice; rename one of them")
    return names


def column(data: Any, name: object) -> Column:
    """A column as an array. Raises `InputError` where there is none of that name."""
    names = column_names(data)
    if name not in names:
        raise InputError(f"there is no column {name!r}; there are {listed(names)}")
    values = data[name]
    return label_array(values)


def index_labels(data: Any) -> Column | None:
    """The row labels of a pandas frame; nothing else has any."""
    index = getattr(data, "index", None)
    return np.asarray(index) if is_frame(data) and hasattr(index, "to_numpy") else None


def numbers(values: Sequence[Any] | Column, place: str) -> FloatArray:
    """Values as numbers, NaN where missing. Raises `InputError` for what is not a number.

    `place` names the column in the message.
    """
    if isinstance(values, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(values.astype(float), np.nan))
    plain = np.asarray(values)
    if plain.dtype.kind in "biuf":
        return plain.astype(float)
    return np.array([_number(value, place, row) for row, value in enumerate(plain.tolist(), 1)])


def _number(value: Any, place: str, row: int) -> float:
    # The missing values of pandas have no truth value of their own; each names itself.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{place}, row {row}: {value!r} is not a number; scores are whole numbers from 0, and "
            "missing ones are NaN or None"
        ) from error
