"""Tables with one column for each category of each item, whatever number an item has."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class CategoryColumns:
    """C columns, category by category: all items' category 0, then all items' category 1, ...

    item, category (C,) of each column; n_items J. Build with `category_columns`.
    """

    item: IntArray
    category: IntArray
    n_items: int

    def spread(self, values: FloatArray) -> FloatArray:
        """(Q, C) the columns of values (J, K, Q)."""
        return np.ascontiguousarray(values[self.item, self.category].T)

    def over_categories(self, values: FloatArray) -> FloatArray:
        """(N, J) each item's sum over its categories of values (N, C)."""
        total = values[:, : self.n_items].copy()
        first = self.n_items
        while first < len(self.item):
            last = int(np.searchsorted(self.category, self.category[first], side="right"))
            if last - first == self.n_items:
                total += values[:, first:last]
            else:
                total[:, self.item[first:last]] += values[:, first:last]
            first = last
        return total


def category_columns(n_categories: IntArray) -> CategoryColumns:
    """The columns of items with n_categories (J,), each at least 1."""
    exists = np.arange(n_categories.max(initial=0))[:, None] < n_categories
    category, item = np.nonzero(exists)
    return CategoryColumns(item=item, category=category, n_items=len(n_categories))
