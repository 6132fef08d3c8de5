"""What items and a test tell about theta."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray
from irt.library.faults import InputError
from irt.library.tables import Columns, PlainTable, Table, texts
from irt.models.curves import expected_score
from irt.models.information import item_information
from irt.models.parameters import ItemParameters

_DEFAULT_THETA = np.linspace(-4.0, 4.0, 33)


@dataclass(frozen=True, eq=False, repr=False)
class Information(Table):
    """Fisher information at theta (Q,).

    by_item         (J, Q) of each item
    item_scores     (J, Q) expected score of each item
    test            (Q,) of all items together
    standard_error  (Q,) 1 / sqrt(test), what ML and WLE have there
    expected_score  (Q,) of all items together
    """

    items: tuple[str, ...]
    theta: FloatArray
    by_item: FloatArray
    item_scores: FloatArray

    @property
    def test(self) -> FloatArray:
        return np.asarray(self.by_item.sum(axis=0))

    @property
    def standard_error(self) -> FloatArray:
        with np.errstate(divide="ignore"):  # no information: an infinite error
            return np.asarray(1.0 / np.sqrt(self.test))

    @property
    def expected_score(self) -> FloatArray:
        return np.asarray(self.item_scores.sum(axis=0))

    def to_columns(self) -> Columns:
        """theta, information, standard_error and expected_score of the test."""
        return {
            "theta": self.theta,
            "information": self.test,
            "standard_error": self.standard_error,
            "expected_score": self.expected_score,
        }

    def of_items(self) -> PlainTable:
        """Long: item, theta, information, expected_score, one row an item and theta."""
        n_items, n_points = self.by_item.shape
        columns: Columns = {
            "item": np.repeat(texts(self.items), n_points),
            "theta": np.tile(self.theta, n_items),
            "information": self.by_item.ravel(),
            "expected_score": self.item_scores.ravel(),
        }
        return PlainTable(columns, "Information of items, D = 1")

    def heading(self) -> list[str]:
        best = int(self.test.argmax())
        return [
            f"Information of {len(self.items)} items, D = 1; highest at theta = "
            f"{self.theta[best]:.2f}"
        ]


def information_of(
    items: tuple[str, ...], parameters: ItemParameters, theta: ArrayLike | None
) -> Information:
    """Of all items at theta (Q,). Raises `InputError` where it is no list of finite numbers."""
    points = _DEFAULT_THETA if theta is None else np.atleast_1d(np.asarray(theta, dtype=float))
    if points.ndim != 1 or not np.isfinite(points).all():
        raise InputError("theta must be a list of finite numbers")
    return Information(
        items,
        points,
        item_information(parameters, points),
        expected_score(parameters, points),
    )
