"""What the rest of `irt` asks of a family of response models: the seam for a new one.

A family is a shape of the item's curves; its models differ in what of it is estimated. The models
and their families are listed in `irt.models.parameters.Model`. theta is everywhere (Q,), the same
for all n items, or (n, Q), each item's own.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.coordinates import CoordinateSystem
from irt.models.item_arrays import ItemArrays


class ThetaCurves(NamedTuple):
    """P and the derivatives of log P by theta, each (n, K, Q); 0 for categories an item lacks."""

    probability: FloatArray
    score: FloatArray
    curvature: FloatArray


class Family(ABC):
    """One family; it has no state.

    name           as an adjective of "model", for messages
    is_polytomous  an item has as many steps as it likes; else one, and asymptotes where its model
                   says so
    steps_must_rise  else they come in any order
    """

    name: str
    is_polytomous: bool = True
    steps_must_rise: bool = False

    @abstractmethod
    def log_probabilities(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """(n, K, Q) log P(X = k | theta), exact far from the items; -inf for what an item lacks."""

    @abstractmethod
    def theta_derivatives(self, items: ItemArrays, theta: FloatArray) -> ThetaCurves:
        """P and the first and second derivative of log P by theta."""

    @abstractmethod
    def probability_gradient(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """(n, P, K, Q) dP / d parameter in the columns of `irt.models.parameter_derivatives`."""

    @abstractmethod
    def information(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """(n, Q) expected information about theta."""

    @abstractmethod
    def information_bounds(
        self, items: ItemArrays, information: FloatArray, delta: float
    ) -> FloatArray:
        """(n, Q) what the information does not exceed within delta of where it is `information`."""

    @abstractmethod
    def coordinates(self, n_categories: int, n_asymptotes: int) -> CoordinateSystem:
        """In which items with so many categories and asymptotes are estimated."""

    def pair_information(self, items: ItemArrays, index: IntArray, theta: FloatArray) -> FloatArray:
        """(N, m) information of the items at index (N, m) about theta (N,)."""
        own = np.repeat(theta, index.shape[1])[:, None]
        return self.information(items.take(index.ravel()), own).reshape(index.shape)
