"""Purification: items that show DIF leave the anchors, until the anchors stay the same.

Holland & Thayer (1988) for the matching score; Candell & Drasgow (1988) iterate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from irt.arrays import BoolArray, FloatArray

FEWEST_ANCHORS = 2

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Purified(Generic[Result]):
    """The last result, with the anchors (J,) it rests on.

    settled is False where the rounds ran out, the anchors went in a circle, or too few were left.
    """

    result: Result
    anchor: BoolArray
    rounds: int
    settled: bool


def purify(
    test: Callable[[BoolArray], Result],
    has_dif: Callable[[Result], BoolArray],
    strength: Callable[[Result], FloatArray],
    anchor: BoolArray,
    max_rounds: int,
) -> Purified[Result]:
    """Test with anchors (J,) and again without those that have DIF (J,), max_rounds at most.

    At most half of the anchors are refused, those of greatest strength (J,): where a few items with
    much DIF make all others look as if they had some, the next round tells them apart. One round is
    no purification at all, and settled.
    """
    candidates, seen = anchor, {anchor.tobytes()}
    for rounds in range(1, max_rounds + 1):
        result = test(anchor)
        clean = _clean(candidates, has_dif(result), strength(result))
        if max_rounds == 1 or np.array_equal(clean, anchor):
            return Purified(result, anchor, rounds, settled=True)
        stuck = clean.sum() < FEWEST_ANCHORS or clean.tobytes() in seen
        if stuck or rounds == max_rounds:
            return Purified(result, anchor, rounds, settled=False)
        seen.add(clean.tobytes())
        anchor = clean
    raise ValueError(f"purification takes at least one round, not {max_rounds}")


def _clean(candidates: BoolArray, has_dif: BoolArray, strength: FloatArray) -> BoolArray:
    """The candidates without DIF, or the half with the least."""
    clean = candidates & ~has_dif
    fewest = (int(candidates.sum()) + 1) // 2
    if clean.sum() >= fewest:
        return clean
    rank = np.argsort(np.where(candidates, np.nan_to_num(strength), np.inf), kind="stable")
    half = np.zeros_like(candidates)
    half[rank[:fewest]] = True
    return half
