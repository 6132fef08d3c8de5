"""What looks wrong in scores that can be read: codes of missing answers, counting from 1."""

from collections.abc import Iterator, Sequence

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from scoring.responses.cells import advice_on_missing
from scoring.responses.column_names import listed
from scoring.responses.table import ResponseTable

# A category that as many answers were to be expected in is not empty by chance: e^-10.
_EXPECTED = 10.0


def score_counts(table: ResponseTable) -> IntArray:
    """(J, K) how often each score was given."""
    n_scores = max(int(table.score.max(initial=0)) + 1, 2)
    cell = table.item.astype(np.int64) * n_scores + table.score
    return np.bincount(cell, minlength=len(table.items) * n_scores).reshape(-1, n_scores)


def about_codes(table: ResponseTable) -> Iterator[str]:
    """What to say of a file whose scores have gaps: how the codes above or below them may be meant.

    Codes of missing answers stand beyond a gap; a file that counts from 1 has no 0 at all.
    """
    counts = score_counts(table)
    for score in range(2, counts.shape[1]):
        beyond = (counts[:, score] > 0) & (counts[:, score - 1] == 0)
        advice = advice_on_missing(str(score))
        if advice and beyond.any():
            items = [table.items[at] for at in np.flatnonzero(beyond).tolist()]
            yield f"{score} stands apart from the scores of {listed(items, 5)}{advice}"
    if table.counts_from_one:
        yield "no score of the file is 0; if it counts from 1, say so by --lowest 1"


def about_unused_tops(table: ResponseTable, n_categories: IntArray) -> Iterator[str]:
    """Of items that nobody gave the highest score of items like them.

    n_categories (J,) are those of the calibration, which cannot know of categories above.
    """
    several = n_categories > 2
    if several.sum() < 2:
        return
    usual = int(np.bincount(n_categories[several]).argmax())
    for at in np.flatnonzero(several & (n_categories < usual)).tolist():
        yield (
            f"item {table.items[at]}: no answer above {n_categories[at] - 1}, where other items go "
            f"to {usual - 1}; it has {n_categories[at]} categories now, and an answer above them "
            "cannot be scored. If it has more, collapse the others alike by --recode, or anchor it"
        )


def about_categories(table: ResponseTable, parameters: ItemParameters, grid: Grid) -> Iterator[str]:
    """What to say where answers do not reach the categories that the parameters know.

    table has the items of the parameters in their order; ability is distributed as on the grid.
    """
    counts = score_counts(table)
    n_categories = parameters.n_categories
    several = np.flatnonzero(n_categories > 2)
    polytomous = np.isin(table.item, several)
    scores = table.score[polytomous]
    if scores.size >= 5 and scores.min() > 0:
        yield (
            f"none of the {scores.size} scores of items with several categories is 0; if the file "
            "counts from 1, say so by --lowest 1"
        )
        return
    expected = _expected(counts, parameters, grid)
    width = max(counts.shape[1], expected.shape[1])
    seen = np.pad(counts, ((0, 0), (0, width - counts.shape[1])))
    own, foreseen, categories = seen[several], expected[several], np.arange(width)
    below = np.cumsum(own, axis=1) == 0
    above = (np.cumsum(own[:, ::-1], axis=1) == 0)[:, ::-1]
    answered = own.sum(axis=1) > 0
    for which, empty, place in (
        ("lowest", below, np.zeros_like(several)),
        ("highest", above & (categories < n_categories[several, None]), n_categories[several] - 1),
    ):
        odd = answered & ((foreseen * empty).sum(axis=1) >= _EXPECTED)
        if odd.any():
            yield _about_ends(which, several[odd], place[odd], table.items)


def _about_ends(which: str, items: IntArray, categories: IntArray, names: Sequence[str]) -> str:
    told = [f"{names[at]} ({k})" for at, k in zip(items.tolist(), categories.tolist(), strict=True)]
    return (
        f"nobody is in the {which} category of {listed(told, 5)}, where the parameters expect at "
        "least ten; are the scores those that the parameters are for (--lowest, --recode)?"
    )


def _expected(counts: IntArray, parameters: ItemParameters, grid: Grid) -> FloatArray:
    """(J, K) how many of those who answered an item the parameters expect in each category."""
    shares = category_probabilities(parameters, grid.nodes) @ grid.weights
    return np.asarray(counts.sum(axis=1)[:, None] * np.nan_to_num(shares))
