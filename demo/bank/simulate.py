"""Simulated examinees for the demo bank, down to the option each of them chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from demo.bank.content import DemoItem
from irt import ItemParameters, Model
from irt.simulation import responses as simulation

Answer = tuple[int, ...] | Decimal
"""The places (from 0) of the chosen options, in the order given, or the number typed."""

EXAMINEES = 2000
ITEMS_PER_AREA = 14
SEED = 20240302


@dataclass(frozen=True)
class SimulatedResponses:
    """Parallel long arrays of R responses, ordered by person, and the n abilities behind them.

    `theta` (n,) float64 ~ N(0, 1); `person` (R,) in 0…n-1; `item` (R,) the place in the items
    given; `score` (R,); `answers` R raw answers, which score `score`.
    """

    theta: NDArray[np.float64]
    person: NDArray[np.int64]
    item: NDArray[np.int64]
    score: NDArray[np.int64]
    answers: tuple[Answer, ...]


def simulate_responses(
    items: Sequence[DemoItem],
    n: int = EXAMINEES,
    seed: int = SEED,
    items_per_area: int = ITEMS_PER_AREA,
) -> SimulatedResponses:
    """Each examinee answers up to `items_per_area` random items of each area, in random order.

    Missing by design, so ignorable in calibration. Who fails chooses among the wrong answers at
    random. Deterministic in `seed`.
    """
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(n)
    item = np.concatenate([_drawn_items(items, items_per_area, rng) for _ in range(n)])
    person = np.repeat(np.arange(n), len(item) // n)
    score = simulation.simulate_responses(_true_parameters(items), theta, rng)[person, item]
    luck = rng.random(len(item))
    answers = tuple(
        _answer(items[i], s, u)
        for i, s, u in zip(item.tolist(), score.tolist(), luck.tolist(), strict=True)
    )
    return SimulatedResponses(theta, person, item, score, answers)


def answer_item(item: DemoItem, theta: float, rng: np.random.Generator) -> Answer:
    """What an examinee of ability `theta` answers to one item."""
    parameters = _true_parameters([item])
    score = simulation.simulate_responses(parameters, np.array([theta]), rng)[0, 0]
    return _answer(item, int(score), rng.random())


def _drawn_items(
    items: Sequence[DemoItem], items_per_area: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    areas = np.array([item.area for item in items])
    shuffled = rng.permutation(len(items))
    drawn = [shuffled[areas[shuffled] == area][:items_per_area] for area in np.unique(areas)]
    return rng.permutation(np.concatenate(drawn))


def _true_parameters(items: Sequence[DemoItem]) -> ItemParameters:
    return ItemParameters.from_rows(
        (Model(item.model), a, b, c, 1.0) for item in items for a, b, c in [item.true_parameters]
    )


def _answer(item: DemoItem, score: int, luck: float) -> Answer:
    """An answer to `item` worth `score`; `luck` in [0, 1) picks one where several are."""
    if item.response_kind == "numeric":
        return _number(item, score, luck)
    if item.response_kind == "multiple_response":
        return _selection(item, score, luck)
    if item.response_kind == "ordering":
        return _order(item, score, luck)
    if item.response_kind == "matching":
        return _matches(item, score, luck)
    places = [place for place, option in enumerate(item.options) if option.score == score]
    return (places[int(luck * len(places))],)


def _number(item: DemoItem, score: int, luck: float) -> Decimal:
    key = item.rules[0][0]
    if score:
        return key
    wrong = (key + 1, key + 2, key * 2 + 1, key + 10)
    return wrong[int(luck * len(wrong))]


def _selection(item: DemoItem, score: int, luck: float) -> tuple[int, ...]:
    """All keys; or, for a failed item, all keys with the choice of one option turned round."""
    keys = {place for place, option in enumerate(item.options) if option.score}
    if not score:
        keys ^= {int(luck * len(item.options))}
    return tuple(sorted(keys))


def _order(item: DemoItem, score: int, luck: float) -> tuple[int, ...]:
    """The key in blocks, the last one first: within them `score` pairs of neighbors are right."""
    rng = _generator(luck)
    last = len(item.options) - 1
    cuts = sorted(1 + rng.choice(last, size=last - score, replace=False))
    blocks = np.split(np.arange(last + 1), cuts)
    return tuple(int(place) for block in reversed(blocks) for place in block)


def _matches(item: DemoItem, score: int, luck: float) -> tuple[int, ...]:
    """`score` of the terms with their own choice, the others with any other one."""
    rng = _generator(luck)
    terms = [place for place, option in enumerate(item.options) if option.term]
    right = set(rng.choice(terms, size=score, replace=False).tolist())
    others = len(item.options) - 1
    return tuple(
        term if term in right else (term + 1 + int(rng.integers(others))) % (others + 1)
        for term in terms
    )


def _generator(luck: float) -> np.random.Generator:
    return np.random.default_rng(int(luck * 2**53))
