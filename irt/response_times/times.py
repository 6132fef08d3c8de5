"""Response times by person and item, as sparse as adaptive tests leave them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray


class ResponseTimeError(ValueError):
    """Times that cannot be used, or too few of them."""


@dataclass(frozen=True, eq=False)
class ResponseTimes:
    """seconds (R,) that persons (R,) took for items (R,), of N persons and J items."""

    person: IntArray
    item: IntArray
    seconds: FloatArray
    n_persons: int
    n_items: int

    def by_person(self, values: FloatArray) -> FloatArray:
        """(N,) sums of values (R,)."""
        return np.bincount(self.person, values, minlength=self.n_persons).astype(float)

    def by_item(self, values: FloatArray) -> FloatArray:
        """(J,) sums of values (R,)."""
        return np.bincount(self.item, values, minlength=self.n_items).astype(float)


def response_times(
    person: ArrayLike, item: ArrayLike, seconds: ArrayLike, *, n_persons: int, n_items: int
) -> ResponseTimes:
    """From one (person, item, seconds) a response, indices from 0; NaN seconds are missing.

    Raises `ResponseTimeError` for times that are not positive and finite, for indices beyond the
    persons or items, and when a person has two times for one item.
    """
    persons, items = (np.asarray(part, dtype=np.int64) for part in (person, item))
    values = np.asarray(seconds, dtype=float)
    if not persons.shape == items.shape == values.shape or values.ndim != 1:
        raise ResponseTimeError("person, item and seconds must be equally long columns")
    kept = ~np.isnan(values)
    persons, items, values = persons[kept], items[kept], values[kept]
    for index, size, name in ((persons, n_persons, "person"), (items, n_items, "item")):
        if ((index < 0) | (index >= size)).any():
            raise ResponseTimeError(f"{name} indices must be from 0 to {size - 1}")
    unusable = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if unusable.size:
        first = unusable[0]
        raise ResponseTimeError(
            f"person {persons[first]}, item {items[first]}: a time must be a positive number of "
            f"seconds, not {values[first]:g}"
        )
    if len(np.unique(persons * n_items + items)) != len(persons):
        raise ResponseTimeError("a person has two times for one item")
    return ResponseTimes(persons, items, values, n_persons, n_items)


def response_time_matrix(seconds: ArrayLike) -> ResponseTimes:
    """From seconds (N, J), NaN where missing. Raises as `response_times` does."""
    matrix = np.asarray(seconds, dtype=float)
    if matrix.ndim != 2:
        raise ResponseTimeError(f"a matrix of times needs two dimensions, not {matrix.ndim}")
    person, item = np.nonzero(~np.isnan(matrix))
    n_persons, n_items = matrix.shape
    return response_times(person, item, matrix[person, item], n_persons=n_persons, n_items=n_items)
