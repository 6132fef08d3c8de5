"""Scored responses with the labels of persons and items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irt.arrays import FloatArray, IntArray
from irt.library.faults import InputError, listed, naming_items
from irt.library.tables import Column, Columns, PlainTable, Table, label_array, table_lines, texts
from irt.responses import (
    MISSING,
    DenseResponses,
    Responses,
    dense_responses,
    sparse_responses,
)

# Below this share of answered pairs the sparse form takes less memory and time.
_SPARSE_BELOW = 0.25


@dataclass(frozen=True, eq=False, repr=False)
class ResponseTable(Table):
    """Responses of N persons to J items. `read_responses` and `read_long` make it.

    responses  as the numerics take them
    items      labels of the J items
    persons    (N,) labels of the persons, as they were given
    """

    responses: Responses
    items: tuple[str, ...]
    persons: Column

    @property
    def n_persons(self) -> int:
        return self.responses.n_persons

    @property
    def n_items(self) -> int:
        return len(self.items)

    @cached_property
    def category_counts(self) -> list[IntArray]:
        """Of each item, how many persons have each score 0, 1, ..."""
        counts = np.rint(self.responses.category_counts()).astype(np.int64)
        return np.split(counts, self.responses.offsets[1:-1])

    @cached_property
    def n_responses(self) -> IntArray:
        """(J,) how many persons answered each item."""
        return np.array([counts.sum() for counts in self.category_counts], dtype=np.int64)

    @cached_property
    def _sums(self) -> tuple[IntArray, IntArray]:
        person, _, score = self.responses.long()
        answers = np.bincount(person, minlength=self.n_persons)
        return answers, np.bincount(person, score, self.n_persons).astype(np.int64)

    @property
    def n_answers(self) -> IntArray:
        """(N,) how many items each person answered."""
        return self._sums[0]

    @property
    def sum_score(self) -> IntArray:
        """(N,) the sum of each person's scores."""
        return self._sums[1]

    def select_items(self, items: Iterable[object]) -> "ResponseTable":
        """The named items alone, in that order. Raises `InputError` for an unknown name."""
        labels = tuple(map(str, items))
        place = {label: index for index, label in enumerate(self.items)}
        unknown = [label for label in labels if label not in place]
        if unknown:
            raise InputError(f"there are no responses to {listed(unknown)}")
        index = [place[label] for label in labels]
        return self.among(labels, self.responses.n_categories[index])

    def among(self, items: tuple[str, ...], n_categories: IntArray) -> "ResponseTable":
        """The responses to these items, in that order and with so many categories each.

        Items that the table lacks are unanswered; those that are not named are left out. Raises
        `InputError` for an item with a score beyond its categories.
        """
        place = {label: index for index, label in enumerate(items)}
        to = np.array([place.get(label, MISSING) for label in self.items], dtype=np.int64)
        with naming_items(items):
            return ResponseTable(self._moved(to, n_categories), items, self.persons)

    def _moved(self, to: IntArray, n_categories: IntArray) -> Responses:
        if isinstance(self.responses, DenseResponses):
            scores = np.full((self.n_persons, len(n_categories)), MISSING, dtype=np.int8)
            scores[:, to[to != MISSING]] = self.responses.scores[:, to != MISSING]
            return dense_responses(scores, n_categories)
        person, item, score = self.responses.long()
        kept = to[item] != MISSING
        return sparse_responses(
            person[kept],
            to[item[kept]],
            score[kept],
            n_persons=self.n_persons,
            n_items=len(n_categories),
            n_categories=n_categories,
        )

    def take(self, persons: IntArray) -> "ResponseTable":
        """The persons at these positions alone, in that order."""
        taken = self.responses.take(persons)
        return replace(self, responses=taken, persons=self.persons[persons])

    def to_columns(self) -> Columns:
        """Long: person, item, score, one row a response."""
        person, item, score = self.responses.long()
        return {"person": self.persons[person], "item": texts(self.items)[item], "score": score}

    def to_array(self) -> FloatArray:
        """(N, J) scores, NaN where missing."""
        person, item, score = self.responses.long()
        matrix = np.full((self.n_persons, self.n_items), np.nan)
        matrix[person, item] = score
        return matrix

    def item_statistics(self) -> PlainTable:
        """Of each item the responses, the mean score, and the persons with each score."""
        width = max(map(len, self.category_counts), default=0)
        counts = np.zeros((self.n_items, width), dtype=np.int64)
        for row, own in zip(counts, self.category_counts, strict=True):
            row[: len(own)] = own
        with np.errstate(invalid="ignore"):  # items that nobody answered
            mean = counts @ np.arange(width) / self.n_responses
        by_score = {f"n_{score}": counts[:, score] for score in range(width)}
        columns = {"item": texts(self.items), "n_responses": self.n_responses, "mean": mean}
        return PlainTable({**columns, **by_score}, "Responses by item")

    def heading(self) -> list[str]:
        total = int(self.n_responses.sum())
        missing = 1.0 - total / max(self.n_persons * self.n_items, 1)
        return [
            f"{total} responses of {self.n_persons} persons to {self.n_items} items, "
            f"{missing:.1%} missing"
        ]

    def __str__(self) -> str:
        return "\n".join(
            [*self.heading(), "", *table_lines(self.item_statistics().columns, self.rows_shown)]
        )


def labels_of_items(labels: Iterable[object], n_items: int) -> tuple[str, ...]:
    """Labels as text. Raises `InputError` where their number is wrong or one occurs twice."""
    named = tuple(str(label) for label in labels)
    if len(named) != n_items:
        raise InputError(f"{len(named)} labels for {n_items} items; give one an item")
    if len(set(named)) < n_items:
        twice = next(label for label in named if named.count(label) > 1)
        raise InputError(f"two items are called {twice!r}; give each its own label")
    return named


def numbered_items(n_items: int) -> tuple[str, ...]:
    """item1, item2, ... where the data name none."""
    return tuple(f"item{number}" for number in range(1, n_items + 1))


def labels_of_persons(labels: Iterable[Any] | None, n_persons: int) -> Column:
    """(N,) labels, 1 to N where there are none. Raises `InputError` for another number of them."""
    if labels is None:
        return np.arange(1, n_persons + 1)
    named = label_array(labels)
    if named.shape != (n_persons,):
        raise InputError(f"{len(named)} labels for {n_persons} persons; give one a person")
    return named


def stated_categories(
    stated: int | Sequence[int] | IntArray | Mapping[str, int] | None, items: Sequence[str]
) -> IntArray | None:
    """(J,) categories of the items, as one number, one an item, or by label."""
    if stated is None:
        return None
    if isinstance(stated, Mapping):
        lacking = [item for item in items if item not in stated]
        if lacking:
            raise InputError(f"n_categories says nothing about {listed(lacking)}")
        return np.array([stated[item] for item in items], dtype=np.int64)
    counts = np.asarray(stated, dtype=np.int64)
    if counts.shape not in ((), (len(items),)):
        raise InputError(f"{counts.size} n_categories for {len(items)} items")
    return np.broadcast_to(counts, (len(items),)).copy()


def table_of_matrix(
    scores: NDArray[np.int8], items: tuple[str, ...], persons: Column, categories: IntArray | None
) -> ResponseTable:
    """From scores (N, J) with `MISSING`."""
    with naming_items(items):
        return ResponseTable(dense_responses(scores, categories), items, persons)


def table_of_triples(
    person: IntArray,
    item: IntArray,
    score: NDArray[np.int8],
    items: tuple[str, ...],
    persons: Column,
    categories: IntArray | None,
) -> ResponseTable:
    """From indices of persons and items and their scores (R,), dense or sparse as it suits."""
    pair = person.astype(np.int64) * len(items) + item
    order = np.argsort(pair, kind="stable")
    again = np.flatnonzero(np.diff(pair[order]) == 0)
    if again.size:
        at = order[again[0] + 1]
        raise InputError(
            f"person {persons[person[at]]} has two scores on item {items[item[at]]!r}; keep one"
        )
    if len(score) >= _SPARSE_BELOW * len(persons) * len(items):
        matrix = np.full((len(persons), len(items)), MISSING, dtype=np.int8)
        matrix[person, item] = score
        return table_of_matrix(matrix, items, persons, categories)
    with naming_items(items):
        responses = sparse_responses(
            person,
            item,
            score,
            n_persons=len(persons),
            n_items=len(items),
            n_categories=categories,
        )
    return ResponseTable(responses, items, persons)
