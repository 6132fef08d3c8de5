"""Responses from whatever a researcher has: arrays, frames, sparse matrices, long triples."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from irt.arrays import FloatArray, IntArray
from irt.library.faults import InputError
from irt.library.frames import column, column_names, index_labels, is_table, numbers
from irt.library.response_table import (
    ResponseTable,
    labels_of_items,
    labels_of_persons,
    numbered_items,
    stated_categories,
    table_of_matrix,
    table_of_triples,
)
from irt.library.tables import Column, label_array
from irt.responses import MISSING

_HIGHEST_SCORE = np.iinfo(np.int8).max

Categories = int | Sequence[int] | IntArray | Mapping[str, int] | None


def read_responses(
    data: Any,
    *,
    items: Iterable[object] | None = None,
    persons: str | Iterable[Any] | None = None,
    n_categories: Categories = None,
    missing: float | None = None,
) -> ResponseTable:
    """Responses with one row a person and one column an item.

    data is an array or nested list (N, J), NaN or masked where missing; a pandas or polars frame
    or a dict of columns; or a SciPy sparse matrix, whose stored entries are the responses (stored
    zeros are wrong answers, what is not stored is missing). Scores are 0, 1, 2, ...; `missing` is
    a code, such as -1 or 9, that stands for a missing response too.

    items are labels of the columns; of a frame, those of its columns that are items. persons are
    labels of the rows, or the name of the frame's column that holds them; without them a pandas
    frame gives its index, and other rows are numbered from 1. n_categories, one number, one an
    item or by label, is what the items have, where nobody chose the highest; by default the
    highest observed score says it.

    Raises `InputError`, which names person and item.
    """
    if isinstance(data, ResponseTable):
        if not (items is None and persons is None and missing is None):
            raise InputError("the responses have been read and have their labels already")
        stated = stated_categories(n_categories, data.items)
        return data if stated is None else data.among(data.items, stated)
    if sparse.issparse(data):
        return _of_sparse(data, items, persons, n_categories, missing)
    if is_table(data):
        matrix, item_labels, person_labels = _of_table(data, items, persons)
    else:
        matrix = _of_array(data)
        item_labels = list(numbered_items(matrix.shape[1]) if items is None else items)
        person_labels = persons
    if isinstance(person_labels, str):
        raise InputError(
            f"persons={person_labels!r} names a column, but the data have no named columns; give "
            "one label a row"
        )
    labels = labels_of_items(item_labels, matrix.shape[1])
    rows = labels_of_persons(person_labels, matrix.shape[0])
    scores = _scores(matrix, missing, lambda row, item: (rows[row], labels[item]))
    return table_of_matrix(scores, labels, rows, stated_categories(n_categories, labels))


def read_long(
    data: Any,
    *,
    columns: tuple[str, str, str] = ("person", "item", "score"),
    items: Iterable[object] | None = None,
    persons: Iterable[Any] | None = None,
    n_categories: Categories = None,
    missing: float | None = None,
) -> ResponseTable:
    """Responses with one (person, item, score) a row; pairs that do not occur are missing.

    data is a pandas or polars frame or a dict with these `columns`, or an iterable of triples.
    Persons and items are labels; they keep the order in which they first occur, or that of
    `items` and `persons`, which may also name those without responses. n_categories and
    `missing` are as in `read_responses`. Raises `InputError`, which names person and item.
    """
    person, item, score = _triples(data, columns)
    persons_of, person_at = _encoded(person, persons, "person")
    names_of, item_at = _encoded(
        np.array([str(label) for label in item.tolist()], dtype=object),
        None if items is None else [str(label) for label in items],
        "item",
    )
    labels = labels_of_items(names_of.tolist(), len(names_of))
    coded = _scores(score, missing, lambda row: (person[row], item[row]))
    given = coded != MISSING
    return table_of_triples(
        person_at[given],
        item_at[given],
        coded[given],
        labels,
        persons_of,
        stated_categories(n_categories, labels),
    )


def _of_array(data: Any) -> FloatArray:
    if isinstance(data, np.ma.MaskedArray):
        return _two_dimensions(np.ma.filled(data.astype(float), np.nan))
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise InputError("the rows differ in length: give one score a person and item") from error
    if array.dtype.kind not in "biuf":
        _two_dimensions(array)
        parts = [numbers(array[:, at], f"column {at + 1}") for at in range(array.shape[1])]
        return np.column_stack(parts)
    return _two_dimensions(array.astype(float, copy=False))


def _two_dimensions(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim != 2:
        raise InputError(
            f"responses need one row a person and one column an item, but the array has "
            f"{array.ndim} dimensions; for (person, item, score) triples take read_long"
        )
    return array


def _of_table(
    data: Any, items: Iterable[object] | None, persons: str | Iterable[Any] | None
) -> tuple[FloatArray, list[object], str | Iterable[Any] | None]:
    """The scores (N, J) of a frame, and the labels of its items and persons."""
    rows: str | Iterable[Any] | None = persons
    names = column_names(data)
    if isinstance(persons, str):
        rows = column(data, persons)
        names.remove(persons)
    elif persons is None:
        rows = index_labels(data)
    chosen = list(items) if items is not None else names
    if not chosen:
        raise InputError("the frame has no column of an item")
    parts = [numbers(column(data, name), f"column {name!r}") for name in chosen]
    lengths = {len(part) for part in parts}
    if len(lengths) > 1:
        raise InputError("the columns differ in length")
    return np.column_stack(parts), chosen, rows


def _of_sparse(
    data: Any,
    items: Iterable[object] | None,
    persons: str | Iterable[Any] | None,
    n_categories: Categories,
    missing: float | None,
) -> ResponseTable:
    stored = sparse.coo_array(data)
    n_persons, n_items = stored.shape
    labels = labels_of_items(numbered_items(n_items) if items is None else items, n_items)
    if isinstance(persons, str):
        raise InputError("a sparse matrix has no named columns; give one label a row")
    rows = labels_of_persons(persons, n_persons)
    person, item = (index.astype(np.int64) for index in stored.coords)
    values = np.asarray(stored.data, dtype=float)
    if len(values) and not (values == 0).any():
        raise InputError(
            "the sparse matrix stores no zero. What it does not store counts as missing, so that "
            "wrong answers must be stored: build it from rows, columns and scores with the zeros "
            "among them, or give a dense array with NaN where missing"
        )
    coded = _scores(values, missing, lambda at: (rows[person[at]], labels[item[at]]))
    given = coded != MISSING
    categories = stated_categories(n_categories, labels)
    return table_of_triples(person[given], item[given], coded[given], labels, rows, categories)


def _triples(data: Any, columns: tuple[str, str, str]) -> tuple[Column, Column, FloatArray]:
    """Labels of persons and items and scores, each (R,)."""
    if is_table(data):
        person, item, score = (column(data, name) for name in columns)
    elif isinstance(data, Iterable) and not sparse.issparse(data):
        person, item, score = _of_rows(data)
    else:
        raise InputError("long responses are a frame, a dict of columns or a list of triples")
    if not len(person) == len(item) == len(score):
        raise InputError("person, item and score must be equally long")
    return person, item, numbers(score, f"column {columns[2]!r}")


def _of_rows(data: Iterable[Any]) -> tuple[Column, Column, Column]:
    rows = [tuple(row) for row in data]
    for at, row in enumerate(rows, 1):
        if len(row) != 3:
            raise InputError(f"row {at} has {len(row)} entries; a triple is (person, item, score)")
    parts = list(zip(*rows, strict=True)) or [(), (), ()]
    person, item, score = (label_array(part) for part in parts)
    return person, item, score


def _encoded(values: Column, stated: Iterable[Any] | None, what: str) -> tuple[Column, IntArray]:
    """The labels, stated or as they first occur, and the place of each value among them."""
    listed = values.tolist()
    known = list(dict.fromkeys(listed if stated is None else stated))
    place = {label: index for index, label in enumerate(known)}
    try:
        index = np.array([place[label] for label in listed], dtype=np.int64)
    except KeyError as error:
        raise InputError(
            f"{what} {error.args[0]!r} is not among those listed; add it, or leave out its rows"
        ) from error
    return label_array(known), index


def _scores(
    values: FloatArray, missing: float | None, where: Callable[..., tuple[object, object]]
) -> NDArray[np.int8]:
    """Scores as small integers with `MISSING`; `where` gives person and item of an index."""
    is_missing = np.isnan(values)
    if missing is not None:
        is_missing |= values == missing
    wrong = ~is_missing & ~(
        (values >= 0) & (values <= _HIGHEST_SCORE) & (values == np.floor(values))
    )
    if wrong.any():
        place = tuple(int(part[0]) for part in np.nonzero(wrong))
        person, item = where(*place)
        raise InputError(
            f"person {person}, item {str(item)!r}: {values[place]:g} is not a score. Scores are "
            f"whole numbers from 0 to {_HIGHEST_SCORE}; for a missing one put NaN, or name its "
            "code with missing="
        )
    return np.where(is_missing, MISSING, values).astype(np.int8)
