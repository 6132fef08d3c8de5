"""Adaptive responses of a million persons, made in blocks so that memory stays bounded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irt.arrays import FloatArray, IntArray
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model

PERSONS_PER_BLOCK = 10_000
# Candidates around the place that a person aims at; more than the answers, so that one is unused.
WINDOW = 40


@dataclass(frozen=True, eq=False)
class LongData:
    """item and score (N, length) in the order of the answers; theta (N,) and the items are true."""

    item: NDArray[np.int16]
    score: NDArray[np.int8]
    items: ItemParameters
    theta: FloatArray


def long_adaptive(
    n_persons: int, n_items: int, length: int, seed: int, *, n_random: int = 10
) -> LongData:
    """Each person answers `length` (at most 40) of the 2PL items, missing at random.

    An answer is to one of 40 neighbours in difficulty, drawn evenly from those unused: first around
    random places, then around a running ability of Robbins-Monro steps, which depends on the
    earlier answers alone. Each block of persons has a stream of its own.
    """
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.2, 0.3, n_items), np.sort(rng.normal(0.0, 1.0, n_items))
    items = ItemParameters(
        np.full(n_items, Model.TWO_PL.value), a, b[:, None], np.zeros(n_items), np.ones(n_items)
    )
    theta = rng.standard_normal(n_persons)
    item = np.empty((n_persons, length), np.int16)
    score = np.empty((n_persons, length), np.int8)
    starts = range(0, n_persons, PERSONS_PER_BLOCK)
    for start, stream in zip(starts, rng.spawn(len(starts)), strict=True):
        rows = slice(start, start + PERSONS_PER_BLOCK)
        _answer(items, theta[rows], item[rows], score[rows], n_random, stream)
    return LongData(item, score, items, theta)


def _answer(
    items: ItemParameters,
    theta: FloatArray,
    item: NDArray[np.int16],
    score: NDArray[np.int8],
    n_random: int,
    rng: np.random.Generator,
) -> None:
    """Fill item and score (n, length) of the persons with abilities theta (n,)."""
    n_persons, length = item.shape
    persons = np.arange(n_persons)
    used = np.zeros((n_persons, items.n_items), dtype=bool)
    running = np.zeros(n_persons)
    difficulty = items.difficulty[:, 0]
    for step in range(length):
        places = (
            rng.integers(0, items.n_items, n_persons)
            if step < n_random
            else np.searchsorted(difficulty, running)
        )
        first: IntArray = np.clip(places - WINDOW // 2, 0, items.n_items - WINDOW)
        candidates = first[:, None] + np.arange(WINDOW)
        key = rng.random(candidates.shape, dtype=np.float32)
        key[used[persons[:, None], candidates]] = np.inf
        chosen = candidates[persons, key.argmin(axis=1)]
        used[persons, chosen] = True
        asked = items.take(chosen)
        score[:, step] = rng.random(n_persons) < _correct(asked, theta)
        item[:, step] = chosen
        running += 3.0 / (step + 3.0) * (score[:, step] - _correct(asked, running))


def _correct(items: ItemParameters, theta: FloatArray) -> FloatArray:
    """(N,) probability that each person solves an item of their own."""
    return category_probabilities(items, theta[:, None])[:, 1, 0]
