"""Scored responses as a design matrix, dense or sparse, in blocks of persons.

With L (C, Q) the log-probabilities of all categories of all items stacked (item 0 category 0,
item 0 category 1, ...), a block's log-likelihood is `design @ (basis @ L) + constant @ L` and its
expected counts are `basis.T @ (design.T @ posterior) + constant x posterior.sum(0)`: two matrix
products an E-step. Only one block of the design exists at a time.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from irt.arrays import FloatArray, IntArray
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters

PERSONS_PER_BLOCK = 2048
MISSING = -1

Block = FloatArray | sparse.csr_array


class ResponseError(ValueError):
    """Responses that do not fit what is asked of them; `item` is an index where one is at fault."""

    def __init__(self, reason: str, item: int | None = None) -> None:
        super().__init__(reason if item is None else f"item {item}: {reason}")
        self.reason = reason
        self.item = item


@dataclass(frozen=True, eq=False)
class Responses(ABC):
    """Responses of N persons to J items; `dense_responses` and `sparse_responses` build them.

    n_categories  (J,) categories an item; C is their sum
    """

    n_categories: IntArray

    @property
    def n_items(self) -> int:
        return len(self.n_categories)

    @property
    @abstractmethod
    def n_persons(self) -> int: ...

    @property
    @abstractmethod
    def basis(self) -> sparse.csr_array:
        """(D, C) what a unit of each design column adds to the one-hot coding."""

    @property
    @abstractmethod
    def constant(self) -> FloatArray:
        """(C,) the part of the one-hot coding that all persons share."""

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """(n, D) design matrices, N rows in all; valid until the next is drawn."""

    @abstractmethod
    def take(self, persons: slice | IntArray) -> Self:
        """The persons at `persons`, in that order."""

    @abstractmethod
    def long(self) -> tuple[IntArray, IntArray, IntArray]:
        """person, item and score (R,) of each response, ordered by person."""

    @abstractmethod
    def append_groups(self, group: IntArray, n_groups: int) -> Self:
        """One more item, answered by all: its categories are the groups (N,) of the persons."""

    def chunks(self, n_persons: int) -> Iterator[Self]:
        """All persons in order, `n_persons` at a time."""
        for start in range(0, self.n_persons, n_persons):
            yield self.take(slice(start, start + n_persons))

    @property
    def offsets(self) -> IntArray:
        """(J + 1,) where each item's categories start among the C rows."""
        return np.concatenate([[0], np.cumsum(self.n_categories)])

    def category_counts(self) -> FloatArray:
        """(C,) how often each category was observed."""
        totals = np.zeros(self.basis.shape[0])
        for block in self.blocks():
            totals += block.sum(axis=0)
        return np.asarray(self.basis.T @ totals + self.n_persons * self.constant)

    def log_likelihoods(self, log_probabilities: FloatArray) -> Iterator[tuple[Block, FloatArray]]:
        """Each block with its (n, Q) log-likelihood; log_probabilities (C, Q)."""
        rows = np.ascontiguousarray(self.basis @ log_probabilities)
        shared = self.constant @ log_probabilities
        for block in self.blocks():
            log_likelihood = block @ rows
            log_likelihood += shared
            yield block, log_likelihood


@dataclass(frozen=True, eq=False)
class DenseResponses(Responses):
    """scores (N, J) with `MISSING`.

    Category 0 of an item that everybody answered is the reference and needs no design column: its
    log-probability is in the constant part. Not so for the groups: each has its own parameters.
    """

    scores: NDArray[np.int8]
    has_groups: bool = False

    @property
    def n_persons(self) -> int:
        return len(self.scores)

    def take(self, persons: slice | IntArray) -> Self:
        return replace(self, scores=self.scores[persons])

    def long(self) -> tuple[IntArray, IntArray, IntArray]:
        person, item = np.nonzero(self.scores != MISSING)
        return person, item, self.scores[person, item].astype(np.int64)

    def append_groups(self, group: IntArray, n_groups: int) -> Self:
        if n_groups > _HIGHEST_SCORE:
            raise ResponseError(f"dense responses take up to {_HIGHEST_SCORE} groups")
        scores = np.column_stack([self.scores, group.astype(np.int8)])
        return type(self)(np.append(self.n_categories, n_groups), scores, n_groups > 1)

    @cached_property
    def _complete(self) -> NDArray[np.bool_]:
        """(J,) items that everybody answered, several groups not among them."""
        complete = np.asarray(self.scores.min(axis=0, initial=0) != MISSING)
        complete[-1:] &= not self.has_groups
        return complete

    @cached_property
    def _columns(self) -> list[tuple[int, IntArray]]:
        """Each category with the items that have a design column for it."""
        width = int(self.n_categories.max(initial=2))
        exists = np.arange(width) < self.n_categories[:, None]
        exists[self._complete, 0] = False
        return [(category, np.flatnonzero(exists[:, category])) for category in range(width)]

    @cached_property
    def basis(self) -> sparse.csr_array:
        first = self.offsets[:-1]
        own = np.concatenate([first[items] + category for category, items in self._columns])
        design = np.arange(len(own))
        items = np.concatenate([items for _, items in self._columns])
        refers = self._complete[items]
        value = np.concatenate([np.ones(len(own)), np.full(refers.sum(), -1.0)])
        row = np.concatenate([design, design[refers]])
        column = np.concatenate([own, first[items[refers]]])
        shape = (len(own), int(self.n_categories.sum()))
        return sparse.csr_array((value, (row, column)), shape=shape)

    @cached_property
    def constant(self) -> FloatArray:
        constant = np.zeros(int(self.n_categories.sum()))
        constant[self.offsets[:-1][self._complete]] = 1.0
        return constant

    def blocks(self) -> Iterator[FloatArray]:
        design = np.empty((min(PERSONS_PER_BLOCK, self.n_persons), self.basis.shape[0]))
        for start in range(0, self.n_persons, PERSONS_PER_BLOCK):
            scores = self.scores[start : start + PERSONS_PER_BLOCK]
            block = design[: len(scores)]
            end = 0
            for category, items in self._columns:
                columns = slice(end, end + len(items))
                np.equal(scores[:, _as_slice(items)], category, out=block[:, columns])
                end = columns.stop
            yield block


@dataclass(frozen=True, eq=False)
class SparseResponses(Responses):
    """design (N, C), the one-hot coding; a row without an item's categories has not answered it."""

    design: sparse.csr_array

    @property
    def n_persons(self) -> int:
        return int(self.design.shape[0])

    def take(self, persons: slice | IntArray) -> Self:
        return type(self)(self.n_categories, self.design[persons])

    def long(self) -> tuple[IntArray, IntArray, IntArray]:
        person = np.repeat(np.arange(self.n_persons), np.diff(self.design.indptr))
        row = self.design.indices.astype(np.int64)
        item = np.repeat(np.arange(self.n_items), self.n_categories)[row]
        return person, item, row - self.offsets[item]

    def append_groups(self, group: IntArray, n_groups: int) -> Self:
        member = sparse.csr_array(
            (np.ones(self.n_persons), (np.arange(self.n_persons), group)),
            shape=(self.n_persons, n_groups),
        )
        design = sparse.csr_array(sparse.hstack([self.design, member]))
        return type(self)(np.append(self.n_categories, n_groups), design)

    @cached_property
    def basis(self) -> sparse.csr_array:
        return sparse.eye_array(self.design.shape[1], format="csr")

    @property
    def constant(self) -> FloatArray:
        return np.zeros(self.design.shape[1])

    @cached_property
    def _blocks(self) -> list[sparse.csr_array]:
        """Views of the design, which cost nothing but their making."""
        starts = range(0, self.n_persons, PERSONS_PER_BLOCK)
        return [_row_slice(self.design, start, start + PERSONS_PER_BLOCK) for start in starts]

    def blocks(self) -> Iterator[sparse.csr_array]:
        yield from self._blocks


def _as_slice(items: IntArray) -> IntArray | slice:
    """Consecutive indices as a slice, which selects without a copy."""
    consecutive = len(items) > 0 and items[-1] - items[0] + 1 == len(items)
    return slice(int(items[0]), int(items[-1]) + 1) if consecutive else items


def _row_slice(matrix: sparse.csr_array, start: int, end: int) -> sparse.csr_array:
    """Rows start to end without a copy of their entries."""
    pointers = matrix.indptr[start : end + 1]
    entries = slice(pointers[0], pointers[-1])
    return sparse.csr_array(
        (matrix.data[entries], matrix.indices[entries], pointers - pointers[0]),
        shape=(len(pointers) - 1, matrix.shape[1]),
    )


def dense_responses(scores: ArrayLike, n_categories: ArrayLike | None = None) -> DenseResponses:
    """From scores (N, J): 0, 1, ..., with -1 or NaN where missing. Raises `ResponseError`."""
    matrix = np.asarray(scores)
    if matrix.ndim != 2:
        raise ResponseError(f"dense responses need two dimensions, not {matrix.ndim}")
    if matrix.dtype != np.int8:
        matrix = _encode(np.asarray(matrix, dtype=float))
    if matrix.min(initial=0) < MISSING:
        raise ResponseError(_NOT_SCORES)
    highest = matrix.max(axis=0, initial=MISSING).astype(np.int64)
    return DenseResponses(_categories(highest, n_categories), matrix)


_HIGHEST_SCORE = np.iinfo(np.int8).max
_NOT_SCORES = (
    f"scores must be whole numbers from 0 to {_HIGHEST_SCORE}, with -1 or NaN where missing"
)


def _encode(matrix: FloatArray) -> NDArray[np.int8]:
    coded = np.where(np.isnan(matrix), MISSING, matrix)
    within = np.isfinite(coded) & (coded >= MISSING) & (coded <= _HIGHEST_SCORE)
    if not (within & (coded == np.floor(coded))).all():
        raise ResponseError(_NOT_SCORES)
    return coded.astype(np.int8)


def sparse_responses(
    person: ArrayLike,
    item: ArrayLike,
    score: ArrayLike,
    *,
    n_persons: int,
    n_items: int,
    n_categories: ArrayLike | None = None,
) -> SparseResponses:
    """From one (person, item, score) a response, indices from 0; absent pairs are missing.

    Raises `ResponseError`, also when a person answered an item twice.
    """
    persons, items, scores = (np.asarray(part, dtype=np.int64) for part in (person, item, score))
    if scores.size and scores.min() < 0:
        raise ResponseError("scores must be whole numbers from 0")
    highest = np.full(n_items, MISSING)
    np.maximum.at(highest, items, scores)
    categories = _categories(highest, n_categories)
    pairs = np.sort(persons * n_items + items)
    if (pairs[1:] == pairs[:-1]).any():
        raise ResponseError("a person has two responses to one item")
    offsets = np.concatenate([[0], np.cumsum(categories)])
    design = sparse.csr_array(
        (np.ones(len(persons)), (persons, offsets[items] + scores)),
        shape=(n_persons, offsets[-1]),
    )
    return SparseResponses(categories, design)


def _categories(highest: IntArray, stated: ArrayLike | None) -> IntArray:
    observed = np.maximum(highest + 1, 2)
    if stated is None:
        return observed
    categories = np.asarray(stated, dtype=np.int64)
    if (above := np.flatnonzero(observed > categories)).size:
        item = int(above[0])
        raise ResponseError(
            f"a score of {highest[item]}, but only {categories[item]} categories", item
        )
    return categories


def stacked_log_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(C, Q) log-probabilities of the existing categories of all items, stacked item by item."""
    exists = np.arange(int(parameters.n_categories.max(initial=2)))
    exists_in_item = exists < parameters.n_categories[:, None]
    return log_category_probabilities(parameters, theta)[exists_in_item]
