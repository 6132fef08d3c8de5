"""From the coordinates of item blocks back to parameters in the order of the items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.calibration.blocks import ItemBlock
from scoring.irt.calibration.result import ItemStatus, StandardErrors
from scoring.irt.parameters import ItemParameters, Model


def assemble_parameters(
    models: Sequence[str],
    n_categories: IntArray,
    blocks: Sequence[ItemBlock],
    x: Sequence[FloatArray],
) -> ItemParameters:
    """IRT parameters of all J items; NaN for those in no block."""
    table = _Table.empty(n_categories)
    for block, values in zip(blocks, x, strict=True):
        table.fill(block, block.family.to_irt(values))
    names = np.array(list(models), dtype="U5")
    known = np.isfinite(table.a)
    return ItemParameters(
        model=names,
        discrimination=table.a,
        difficulty=table.b,
        lower_asymptote=np.where(known & (names != Model.THREE_PL), 0.0, table.c),
        upper_asymptote=np.where(known, 1.0, np.nan),
    )


def assemble_errors(
    n_categories: IntArray, blocks: Sequence[ItemBlock], errors: Sequence[FloatArray]
) -> StandardErrors:
    """Standard errors of all J items from those of the blocks; none given, all NaN."""
    table = _Table.empty(n_categories)
    for block, values in zip(blocks, errors, strict=False):
        table.fill(block, values)
    return StandardErrors(table.a, table.b, table.c)


def item_status(parameters: ItemParameters, estimated: BoolArray) -> NDArray[np.str_]:
    """(J,) `ItemStatus` values."""
    status = np.full(len(estimated), ItemStatus.ESTIMATED.value, dtype="U14")
    status[~estimated] = ItemStatus.EMPTY_CATEGORY.value
    status[parameters.discrimination <= 0] = ItemStatus.NEGATIVE_SLOPE.value
    return status


@dataclass(frozen=True, eq=False)
class _Table:
    """a (J,), b (J, M) and c (J,) under assembly."""

    a: FloatArray
    b: FloatArray
    c: FloatArray

    @classmethod
    def empty(cls, n_categories: IntArray) -> "_Table":
        n_items, n_steps = len(n_categories), int(n_categories.max(initial=2)) - 1
        return cls(
            np.full(n_items, np.nan), np.full((n_items, n_steps), np.nan), np.full(n_items, np.nan)
        )

    def fill(self, block: ItemBlock, irt: FloatArray) -> None:
        n_steps = block.family.n_categories - 1
        self.a[block.items] = irt[:, 0]
        self.b[block.items, :n_steps] = irt[:, 1 : 1 + n_steps]
        if irt.shape[1] > 1 + n_steps:
            self.c[block.items] = irt[:, 1 + n_steps]
