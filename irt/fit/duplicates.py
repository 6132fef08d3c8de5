"""Items that are answered alike by nearly everybody: the same item twice, or turned around.

Two items that only measure the same thing are answered alike by many, but not by nearly all; a
copy, or a copy that is scored the other way around, is. Such a pair is counted twice in every
estimate, and pulls both slopes up without bound, so that the residuals of neither say anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import bdtrc

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.responses import Responses, SparseResponses

# Nearly all: so many of those who answered both answered them alike, and so much more than two
# items with these shares of scores are by chance (kappa; Cohen 1960). Two items of slope 6 and the
# same difficulty, steeper than any in use, have kappa 0.7.
LEAST_AGREEMENT = 0.93
LEAST_KAPPA = 0.8

# Where nearly everybody gets all items right or none, and where items are steep, neighbors are
# answered alike as well. A copy still is among persons who are alike in the rest of the test; such
# neighbors have kappa 0.4 there. So many pairs, the most alike, are looked at in this way.
LEAST_KAPPA_GIVEN_REST = 0.7
_MOST_LOOKED_AT, _MOST_STRATA = 300, 20

# Few persons agree by accident. A pair counts where the agreement would come about in one of 20
# tests if its kappa were that of the other pairs (their median, held within these bounds).
_USUAL_KAPPA = (0.3, 0.6)
_ERROR_RATE = 0.05

# More items are not compared: their pairs take gigabytes. Of many persons so many are compared that
# their answers, and of dense responses persons times pairs of items, do not exceed these numbers.
MAX_ITEMS = 1500
_MOST_ANSWERS, _MOST_COMPARISONS, _FEWEST_COMPARED = 1_000_000, 1_000_000_000, 1000
_PERSONS_AT_ONCE = 8192

_Matrix = FloatArray | sparse.csr_array


@dataclass(frozen=True, eq=False)
class Duplicates:
    """D pairs of items that are the same, the surest first.

    first, second  (D,) indices, first < second
    n_persons      (D,) who answered both
    n_alike        (D,) of them whose answers are the same, or the mirror of each other
    kappa          (D,) agreement beyond chance, 1 where all are alike
    reversed       (D,) whether one is the mirror of the other: highest score minus score
    is_sure        (D,) False where so few persons answered both that it may be chance
    """

    first: IntArray
    second: IntArray
    n_persons: IntArray
    n_alike: IntArray
    kappa: FloatArray
    reversed: BoolArray
    is_sure: BoolArray

    def __len__(self) -> int:
        return len(self.first)

    @property
    def items(self) -> IntArray:
        """The items of the sure pairs, in their order."""
        return np.unique(np.concatenate([self.first[self.is_sure], self.second[self.is_sure]]))


def duplicates(responses: Responses) -> Duplicates:
    """Pairs answered alike among those who answered both, copies and mirrored copies.

    Scores are compared by their order among those in use, so that 0, 2 is a copy of 0, 1. Items on
    which those who answered both have one score tell nothing. Of very many persons a part is
    compared, spread evenly over all; of more than `MAX_ITEMS` items none are.
    """
    if responses.n_items > MAX_ITEMS:
        return _none()
    n_persons, n_answers = responses.n_persons, float(responses.category_counts().sum())
    most = int(n_persons * min(1.0, _MOST_ANSWERS / max(n_answers, 1.0)))
    if not isinstance(responses, SparseResponses):
        most = min(most, _MOST_COMPARISONS // max(responses.n_items, 1) ** 2)
    if (most := max(_FEWEST_COMPARED, most)) < n_persons:
        responses = responses.take(np.linspace(0, n_persons - 1, most).astype(np.int64))
    return _search(responses)


def _none() -> Duplicates:
    nothing, unknown = np.zeros(0, dtype=np.int64), np.zeros(0)
    no = np.zeros(0, dtype=bool)
    return Duplicates(nothing, nothing, nothing, nothing, unknown, no, no)


def _search(responses: Responses) -> Duplicates:
    first, second = np.triu_indices(responses.n_items, 1)
    levels, n_levels = _levels(responses)
    comparable = (n_levels[first] == n_levels[second]) & (n_levels[first] > 1)
    parts = [_Answers.of(chunk, levels) for chunk in responses.chunks(_PERSONS_AT_ONCE)]
    pairs = first, second
    both, alike, by_chance = _agreement(parts, levels, mirrored=False)
    same = _judge(both[pairs], alike[pairs], by_chance[pairs], comparable)
    both, alike_mirrored, by_chance = _agreement(parts, levels, mirrored=True)
    turned = _judge(both[pairs], alike_mirrored[pairs], by_chance[pairs], comparable)
    is_turned = turned.is_duplicate & ~same.is_duplicate
    found = np.flatnonzero(same.is_duplicate | is_turned)
    found = found[_stand_apart(parts, levels, first[found], second[found], is_turned[found])]
    reverse = is_turned[found]
    kappa = np.where(reverse, turned.kappa[found], same.kappa[found])
    counts = np.where(is_turned, alike_mirrored[first, second], alike[first, second])[found]
    sure = np.where(reverse, turned.is_sure[found], same.is_sure[found])
    n_persons = both[first, second][found]
    order = np.lexsort((-n_persons, -kappa, ~sure))
    return Duplicates(
        first[found][order],
        second[found][order],
        np.rint(n_persons[order]).astype(np.int64),
        np.rint(counts[order]).astype(np.int64),
        kappa[order],
        reverse[order],
        sure[order],
    )


@dataclass(frozen=True, eq=False)
class _Judgement:
    """Of P pairs: kappa, NaN where nothing can vary, and whether they are duplicates, surely so."""

    kappa: FloatArray
    is_duplicate: BoolArray
    is_sure: BoolArray


def _judge(
    both: FloatArray, alike: FloatArray, by_chance: FloatArray, comparable: BoolArray
) -> _Judgement:
    """From the persons (P,) who answered both, and those alike, observed and by chance."""
    with np.errstate(divide="ignore", invalid="ignore"):  # pairs that nobody answered
        kappa = (alike - by_chance) / (both - by_chance)
        share = alike / both
    told = comparable & np.isfinite(kappa)
    kappa = np.where(told, kappa, np.nan)
    usual = float(np.clip(np.median(kappa[told]) if told.any() else 0.0, *_USUAL_KAPPA))
    is_duplicate = told & (kappa >= LEAST_KAPPA) & (share >= LEAST_AGREEMENT)
    chance = np.ones(len(both))
    at = np.flatnonzero(is_duplicate)
    expected = by_chance[at] / both[at]
    chance[at] = bdtrc(
        np.rint(alike[at]) - 1, np.rint(both[at]).astype(int), expected + usual * (1 - expected)
    )
    is_sure = is_duplicate & (chance * max(int(told.sum()), 1) < _ERROR_RATE)
    return _Judgement(kappa, is_duplicate, is_sure)


def _stand_apart(
    parts: Sequence["_Answers"],
    levels: IntArray,
    first: IntArray,
    second: IntArray,
    reverse: BoolArray,
) -> BoolArray:
    """(P,) whether pairs are alike among persons with the same share of the other items' scores."""
    kept = np.ones(len(first), dtype=bool)
    if not 0 < len(first) <= _MOST_LOOKED_AT:
        return kept
    highest = levels.max(axis=1, initial=0)
    for pair, (own, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        row, column, rest = (
            np.concatenate(of_parts)
            for of_parts in zip(*(part.pair(own, other, highest) for part in parts), strict=True)
        )
        column = highest[other] - column if reverse[pair] else column
        kappa = _kappa_within(row, column, _strata(rest))
        kept[pair] = not kappa < LEAST_KAPPA_GIVEN_REST
    return kept


def _strata(rest: FloatArray) -> IntArray:
    """(n,) the number of each person's stratum: persons with the same rest, or nearly so."""
    values, stratum = np.unique(np.round(rest, 9), return_inverse=True)
    if len(values) <= _MOST_STRATA:
        return stratum.astype(np.int64)
    cuts = np.quantile(rest, np.linspace(0, 1, _MOST_STRATA + 1)[1:-1])
    return np.searchsorted(cuts, rest).astype(np.int64)


def _kappa_within(row: IntArray, column: IntArray, stratum: IntArray) -> float:
    """Agreement (n,) beyond that by chance in each stratum, pooled; NaN where nothing varies."""
    width, n_strata = int(max(row.max(), column.max())) + 1, int(stratum.max()) + 1
    counts = [
        np.bincount(stratum * width + level, minlength=n_strata * width).reshape(-1, width)
        for level in (row, column)
    ]
    persons = counts[0].sum(axis=1)
    by_chance = ((counts[0] * counts[1]).sum(axis=1) / np.maximum(persons, 1)).sum()
    may_differ = len(row) - by_chance
    return float(((row == column).sum() - by_chance) / may_differ) if may_differ > 0 else np.nan


def _levels(responses: Responses) -> tuple[IntArray, IntArray]:
    """(J, K) the place of each score among the item's scores in use, and (J,) how many are."""
    width = int(responses.n_categories.max(initial=2))
    used = np.zeros((responses.n_items, width), dtype=bool)
    exists = np.arange(width) < responses.n_categories[:, None]
    used[exists] = responses.category_counts() > 0.5
    return np.cumsum(used, axis=1) - 1, used.sum(axis=1)


def _agreement(
    parts: Sequence["_Answers"], levels: IntArray, *, mirrored: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(J, J) who answered both, who did so alike, and how many would by chance.

    With `mirrored` the item of the column counts from its highest score down.
    """
    n_items, highest = len(levels), levels.max(axis=1, initial=0)
    both, alike, by_chance = (np.zeros((n_items, n_items)) for _ in range(3))
    for part in parts:
        both += _product(part.anybody, part.anybody)
    for level in range(int(highest.max(initial=0)) + 1):
        of_row, of_column = (np.zeros((n_items, n_items)) for _ in range(2))
        wanted = np.full(n_items, level)
        for part in parts:
            row = part.at(wanted)
            column = part.at(highest - level) if mirrored else row
            alike += _product(row, column)
            of_row += _product(row, part.anybody)
            of_column += _product(part.anybody, column)
        by_chance += of_row * of_column
    return both, alike, np.divide(by_chance, both, out=np.zeros_like(both), where=both > 0)


@dataclass(frozen=True, eq=False)
class _Answers:
    """Answers of n persons: indices person and item (R,), and the level of the score (R,)."""

    shape: tuple[int, int]
    is_sparse: bool
    person: IntArray
    item: IntArray
    level: IntArray

    @classmethod
    def of(cls, chunk: Responses, levels: IntArray) -> "_Answers":
        person, item, score = chunk.long()
        shape = (chunk.n_persons, chunk.n_items)
        is_sparse = isinstance(chunk, SparseResponses)
        return cls(shape, is_sparse, person, item, levels[item, score])

    @property
    def anybody(self) -> _Matrix:
        """(n, J) 1 where an item was answered."""
        return self._matrix(self.person, self.item)

    def at(self, wanted: IntArray) -> _Matrix:
        """(n, J) 1 where the answer is at the level that is wanted (J,) of the item."""
        kept = self.level == wanted[self.item]
        return self._matrix(self.person[kept], self.item[kept])

    def pair(
        self, first: int, second: int, highest: IntArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Levels of two items (n,), (n,) of those who answered both, and (n,) their mean on others.

        highest (J,) levels count as 1; the mean of persons with no other answer is 0.
        """
        n_persons = self.shape[0]
        level = np.full((2, n_persons), -1, dtype=np.int64)
        for at, item in enumerate((first, second)):
            is_own = self.item == item
            level[at, self.person[is_own]] = self.level[is_own]
        is_other = (self.item != first) & (self.item != second)
        person = self.person[is_other]
        share = self.level[is_other] / np.maximum(highest[self.item[is_other]], 1)
        answered = np.bincount(person, minlength=n_persons)
        rest = np.bincount(person, share, minlength=n_persons) / np.maximum(answered, 1)
        both = (level >= 0).all(axis=0)
        return level[0, both], level[1, both], rest[both]

    def _matrix(self, person: IntArray, item: IntArray) -> _Matrix:
        if self.is_sparse:
            return sparse.csr_array((np.ones(len(person)), (person, item)), shape=self.shape)
        matrix = np.zeros(self.shape)
        matrix[person, item] = 1.0
        return matrix


def _product(row: _Matrix, column: _Matrix) -> FloatArray:
    """(J, J) of how many persons have both."""
    found = row.T @ column
    return np.asarray(found.toarray() if sparse.issparse(found) else found)
