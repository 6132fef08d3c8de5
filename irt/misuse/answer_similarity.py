"""Answer similarity: the generalized binomial test (van der Linden & Sotaridona 2006).

Given ability, two persons who work alone choose the same option of item j with probability
sum_k P_jk P'_jk, the P being option frequencies in the persons' bands of theta. The number of
matches over the items that both answered is then a Poisson-binomial variable, and its upper tail
at what was observed the p-value of the pair. Frequencies that contain the pair's own answers, and a
theta estimated from them, make matches seem a little more probable than they are; ability that
varies within a band makes them seem less so, the more the longer the test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.misuse.poisson_binomial import upper_tails
from irt.responses import ResponseError, Responses

_PERSONS_AT_ONCE = 64
_SUMS_AT_ONCE = 4096


class SimilarityStatus(StrEnum):
    OK = "ok"
    NO_THETA = "no theta"
    TOO_FEW = "too few responses"


@dataclass(frozen=True, eq=False)
class AnswerSimilarity:
    """P pairs of persons, by rising p-value; those whose p-value is at most `report_below`.

    pair (P, 2)        the two persons, the lower index first
    n_common, n_matches (P,)  items that both answered, and those answered alike
    expected (P,)      matches expected of persons who work alone
    p_value (P,)       of as many matches or more
    flagged (P,)       p_value below alpha / n_compared (Bonferroni)
    n_compared         pairs with enough common items
    n_not_compared     pairs without
    person_status (N,) `SimilarityStatus`
    """

    pair: IntArray
    n_common: IntArray
    n_matches: IntArray
    expected: FloatArray
    p_value: FloatArray
    flagged: BoolArray
    n_compared: int
    n_not_compared: int
    person_status: NDArray[np.str_]


def answer_similarity(
    options: Responses,
    theta: ArrayLike,
    *,
    n_bands: int = 20,
    fewest_common: int = 10,
    alpha: float = 0.05,
    report_below: float = 1e-3,
) -> AnswerSimilarity:
    """Compare all pairs of persons.

    options hold the option that each person chose, 0, 1, ... (scores do as well, with less power);
    theta (N,) puts them into n_bands bands of equal size, NaN leaves a person out.

    Raises `ResponseError` where theta does not fit, or no pair has `fewest_common` items.
    """
    ability = np.asarray(theta, dtype=float)
    if ability.shape != (options.n_persons,):
        raise ResponseError(f"{options.n_persons} persons need as many thetas, not {ability.shape}")
    status = _person_status(options, ability, fewest_common)
    persons = np.flatnonzero(status == SimilarityStatus.OK)
    pairs = _Pairs.of(options, persons, ability, n_bands)
    compared, found = 0, []
    for block in pairs.blocks(fewest_common):
        p_value, expected = pairs.test(block)
        compared += len(p_value)
        kept = p_value <= report_below
        found.append(np.column_stack([block, expected, p_value])[kept])
    if not compared:
        raise ResponseError(f"no two persons have {fewest_common} items in common")
    first, second, n_common, n_matches, expected, p_value = np.concatenate(found).T
    order = np.lexsort((second, first, p_value))
    pair = persons[np.column_stack([first, second])[order].astype(np.int64)]
    n = options.n_persons
    return AnswerSimilarity(
        pair,
        n_common[order].astype(np.int64),
        n_matches[order].astype(np.int64),
        expected[order],
        p_value[order],
        p_value[order] < alpha / compared,
        compared,
        n * (n - 1) // 2 - compared,
        status,
    )


def _person_status(options: Responses, theta: FloatArray, fewest_common: int) -> NDArray[np.str_]:
    person, _, _ = options.long()
    answered = np.bincount(person, minlength=options.n_persons)
    return np.select(
        [~np.isfinite(theta), answered < fewest_common],
        [SimilarityStatus.NO_THETA.value, SimilarityStatus.TOO_FEW.value],
        SimilarityStatus.OK.value,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """M persons who can be compared.

    chosen (M, C), answered (M, J)  one-hot options, and which items
    match (B, B, J)                 probability that members of two bands match
    kind (M,)                       persons of one band who answered the same items
    kind_band (T,), kind_answered (T, J)   of each kind
    """

    chosen: sparse.csr_array
    answered: sparse.csr_array
    match: FloatArray
    kind: IntArray
    kind_band: IntArray
    kind_answered: BoolArray

    @classmethod
    def of(cls, options: Responses, persons: IntArray, theta: FloatArray, n_bands: int) -> "_Pairs":
        kept = options.take(persons)
        person, item, option = kept.long()
        n, n_items, n_rows = len(persons), kept.n_items, int(kept.n_categories.sum())
        one = np.ones(len(person))
        row = kept.offsets[item] + option
        chosen = sparse.csr_array((one, (person, row)), shape=(n, n_rows))
        answered = sparse.csr_array((one, (person, item)), shape=(n, n_items))
        edges = np.quantile(theta[persons], np.arange(1, n_bands) / n_bands) if n else np.empty(0)
        band = np.searchsorted(edges, theta[persons], side="right")
        counts = np.zeros((n_bands, n_rows))
        np.add.at(counts, (band[person], row), 1.0)
        match = _match_probability(counts, kept.offsets)
        pattern = np.packbits(answered.toarray().astype(bool), axis=1)
        _, first, kind = np.unique(
            np.column_stack([band, pattern]), axis=0, return_index=True, return_inverse=True
        )
        return cls(
            chosen, answered, match, kind.ravel(), band[first], answered[first].toarray() > 0
        )

    def blocks(self, fewest_common: int) -> Iterator[IntArray]:
        """(P, 4) first and second person, common items and matches, where enough are common."""
        n = len(self.kind)
        for start in range(0, n, _PERSONS_AT_ONCE):
            rows = slice(start, start + _PERSONS_AT_ONCE)
            common = (self.answered @ self.answered[rows].toarray().T).T
            matches = (self.chosen @ self.chosen[rows].toarray().T).T
            later = np.arange(n) > np.arange(start, start + len(common))[:, None]
            first, second = np.nonzero(later & (common >= fewest_common))
            columns = [start + first, second, common[first, second], matches[first, second]]
            yield np.rint(np.column_stack(columns)).astype(np.int64)

    def test(self, block: IntArray) -> tuple[FloatArray, FloatArray]:
        """p-value and expected matches (P,); pairs of the same kinds share their distribution."""
        first, second, _, matches = block.T
        key, place = np.unique(
            self.kind[first] * len(self.kind_band) + self.kind[second], return_inverse=True
        )
        p_value, expected = np.empty(len(block)), np.empty(len(block))
        for start in range(0, len(key), _SUMS_AT_ONCE):
            probability = self._common_items(key[start : start + _SUMS_AT_ONCE])
            tails = upper_tails(probability)
            own = (place >= start) & (place < start + _SUMS_AT_ONCE)
            p_value[own] = tails[place[own] - start, matches[own]]
            expected[own] = probability.sum(axis=1)[place[own] - start]
        return p_value, expected

    def _common_items(self, key: IntArray) -> FloatArray:
        """(U, n) match probabilities over the common items, 0 beyond them."""
        one, other = np.divmod(key, len(self.kind_band))
        common = self.kind_answered[one] & self.kind_answered[other]
        probability = self.match[self.kind_band[one], self.kind_band[other]]
        order = np.argsort(~common, axis=1, kind="stable")[:, : int(common.sum(axis=1).max())]
        return np.take_along_axis(np.where(common, probability, 0.0), order, axis=1)


def _match_probability(counts: FloatArray, offsets: IntArray) -> FloatArray:
    """(B, B, J) from how often each band (B, C) chose each option; offsets (J + 1,)."""
    starts = offsets[:-1]
    totals = np.add.reduceat(counts, starts, axis=1)
    shares = counts / np.repeat(np.maximum(totals, 1.0), np.diff(offsets), axis=1)
    both = shares[:, None] * shares[None]
    return np.asarray(np.add.reduceat(both, starts, axis=2))
