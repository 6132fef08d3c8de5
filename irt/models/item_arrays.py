"""Items as a family of models reads them."""

from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray


class ItemArrays(Protocol):
    """The arrays of `irt.models.parameters.ItemParameters`, of n items of one family."""

    @property
    def discrimination(self) -> FloatArray: ...

    @property
    def difficulty(self) -> FloatArray: ...

    @property
    def lower_asymptote(self) -> FloatArray: ...

    @property
    def upper_asymptote(self) -> FloatArray: ...

    @property
    def n_categories(self) -> IntArray: ...

    def take(self, index: ArrayLike) -> Self: ...


def used_steps(items: ItemArrays) -> FloatArray:
    """(n, K - 1) the steps, without columns that none of the items uses; NaN beyond its own."""
    return items.difficulty[:, : int(items.n_categories.max()) - 1]


def absent_categories(items: ItemArrays, n_categories: int) -> BoolArray:
    """(n, K) which of so many categories an item does not have."""
    return np.asarray(np.arange(n_categories) >= items.n_categories[:, None])


def step_logits(
    discrimination: FloatArray, difficulty: FloatArray, theta: FloatArray
) -> FloatArray:
    """(n, M, Q) a (theta - b_k) at theta (Q,) or (n, Q); NaN beyond an item's steps."""
    own = np.atleast_2d(theta)[:, None, :]
    return np.asarray(discrimination[:, None, None] * (own - difficulty[:, :, None]))
