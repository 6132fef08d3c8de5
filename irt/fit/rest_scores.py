"""How likely each summed score on all other items is, for every item (Lord & Wingersky 1984)."""

from collections.abc import Iterator

import numpy as np

from irt.arrays import FloatArray


def rest_scores(categories: list[FloatArray]) -> Iterator[tuple[int, FloatArray]]:
    """Each item's index with the (S_j + 1, Q) P(sum of the other items = s | theta_q).

    categories holds one (K_j, Q) array of category probabilities an item. Items are split in
    halves: the sum over what is outside a half is shared by all of its items, so that each item is
    added J log2 J times in all instead of J^2 times.
    """
    n_nodes = categories[0].shape[1]
    yield from _descend(categories, 0, np.ones((1, n_nodes)))


def _descend(
    categories: list[FloatArray], first: int, outside: FloatArray
) -> Iterator[tuple[int, FloatArray]]:
    """Of the items `categories`, the first of which is item `first`; outside (S + 1, Q)."""
    if len(categories) == 1:
        yield first, outside
        return
    middle = len(categories) // 2
    left, right = categories[:middle], categories[middle:]
    yield from _descend(left, first, _add(outside, right))
    yield from _descend(right, first + middle, _add(outside, left))


def _add(sums: FloatArray, categories: list[FloatArray]) -> FloatArray:
    """(S + 1, Q) probabilities of the sums when items are added."""
    for probability in categories:
        longer = np.zeros((len(sums) + len(probability) - 1, sums.shape[1]))
        for score, reached in enumerate(probability):
            longer[score : score + len(sums)] += sums * reached
        sums = longer
    return sums
