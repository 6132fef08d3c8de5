"""Scored responses as a design matrix, dense or sparse, in blocks of persons.

With L (C, Q) the log-probabilities of all categories of all items stacked (item 0 category 0,
item 0 category 1, ...), a block's log-likelihood is `design @ (basis @ L)` and its expected counts
are `basis.T @ (design.T @ posterior)`: two matrix products an E-step.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from scoring.irt.ability import Ability, eap
from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.curves import log_category_probabilities
from scoring.irt.parameters import ItemParameters
from scoring.irt.quadrature import Grid

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
class Responses:
    """Responses of N persons to J items.

    blocks      tuple of (n, D) design matrices, ndarray or CSR, N rows in all
    basis       (D, C) sparse; `block @ basis` is the one-hot coding, all zero where missing
    n_categories (J,) categories an item, at least 2; C is their sum
    """

    blocks: tuple[Block, ...]
    basis: sparse.csr_array
    n_categories: IntArray

    @property
    def n_items(self) -> int:
        return len(self.n_categories)

    @property
    def n_persons(self) -> int:
        return sum(block.shape[0] for block in self.blocks)

    @property
    def offsets(self) -> IntArray:
        """(J + 1,) where each item's categories start among the C rows."""
        return np.concatenate([[0], np.cumsum(self.n_categories)])

    def category_counts(self) -> FloatArray:
        """(C,) how often each category was observed."""
        totals = np.zeros(self.basis.shape[0])
        for block in self.blocks:
            totals += block.sum(axis=0)
        return np.asarray(self.basis.T @ totals)

    def log_likelihoods(self, log_probabilities: FloatArray) -> Iterator[tuple[Block, FloatArray]]:
        """Each block with its (n, Q) log-likelihood; log_probabilities (C, Q)."""
        rows = np.ascontiguousarray(self.basis @ log_probabilities)
        for block in self.blocks:
            yield block, block @ rows


def dense_responses(scores: ArrayLike, n_categories: ArrayLike | None = None) -> Responses:
    """From scores (N, J): 0, 1, ..., with -1 or NaN where missing.

    Category 0 is the reference: its log-probability enters through one constant column for the
    items that everybody answered and through an indicator of having answered for the others.
    Raises `ResponseError`.
    """
    matrix = np.asarray(scores, dtype=float)
    if matrix.ndim != 2:
        raise ResponseError(f"dense responses need two dimensions, not {matrix.ndim}")
    coded = np.where(np.isnan(matrix), MISSING, matrix)
    if not (np.isfinite(coded) & (coded >= MISSING) & (coded == np.floor(coded))).all():
        raise ResponseError("scores must be whole numbers from 0, with -1 or NaN where missing")
    categories = _categories(coded.max(axis=0, initial=MISSING).astype(np.int64), n_categories)
    offsets = np.concatenate([[0], np.cumsum(categories)])
    columns: list[FloatArray] = []
    entries: list[tuple[int, int, float]] = []
    for item, width in enumerate(categories.tolist()):
        for category in range(1, width):
            entries.append((len(columns), offsets[item] + category, 1.0))
            entries.append((len(columns), offsets[item], -1.0))
            columns.append(coded[:, item] == category)
    incomplete = (coded == MISSING).any(axis=0)
    for item in np.flatnonzero(incomplete).tolist():
        entries.append((len(columns), offsets[item], 1.0))
        columns.append(coded[:, item] != MISSING)
    entries += [(len(columns), offsets[item], 1.0) for item in np.flatnonzero(~incomplete)]
    columns.append(np.ones(len(coded)))
    design = np.stack(columns, axis=1).astype(float)
    row, column, value = zip(*entries, strict=True)
    basis = sparse.csr_array((value, (row, column)), shape=(len(columns), offsets[-1]))
    return Responses(_split(design), basis, categories)


def sparse_responses(
    person: ArrayLike,
    item: ArrayLike,
    score: ArrayLike,
    *,
    n_persons: int,
    n_items: int,
    n_categories: ArrayLike | None = None,
) -> Responses:
    """From one (person, item, score) a response, indices from 0; absent pairs are missing.

    Raises `ResponseError`, also when a person answered an item twice.
    """
    persons, items, scores = (np.asarray(part, dtype=np.int64) for part in (person, item, score))
    if scores.size and scores.min() < 0:
        raise ResponseError("scores must be whole numbers from 0")
    highest = np.full(n_items, MISSING)
    np.maximum.at(highest, items, scores)
    categories = _categories(highest, n_categories)
    if len(np.unique(persons * n_items + items)) != len(persons):
        raise ResponseError("a person has two responses to one item")
    offsets = np.concatenate([[0], np.cumsum(categories)])
    design = sparse.csr_array(
        (np.ones(len(persons)), (persons, offsets[items] + scores)),
        shape=(n_persons, offsets[-1]),
    )
    return Responses(_split(design), sparse.eye_array(offsets[-1], format="csr"), categories)


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


def _split(design: Block) -> tuple[Block, ...]:
    starts = range(0, design.shape[0], PERSONS_PER_BLOCK)
    return tuple(design[start : start + PERSONS_PER_BLOCK] for start in starts)


def stacked_log_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(C, Q) log-probabilities of the existing categories of all items, stacked item by item."""
    exists = np.arange(int(parameters.n_categories.max(initial=2)))
    exists_in_item = exists < parameters.n_categories[:, None]
    return log_category_probabilities(parameters, theta)[exists_in_item]


def eap_abilities(responses: Responses, parameters: ItemParameters, prior: Grid) -> Ability:
    """EAP of N persons; responses must have the categories of the parameters.

    Raises `ResponseError` where the two have different items or categories.
    """
    if not np.array_equal(responses.n_categories, parameters.n_categories):
        raise ResponseError("responses and parameters differ in items or categories")
    rows = stacked_log_probabilities(parameters, prior.nodes)
    parts = [eap(log_likelihood, prior) for _, log_likelihood in responses.log_likelihoods(rows)]
    return Ability(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.standard_error for part in parts]),
    )
