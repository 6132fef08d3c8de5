"""The items of one bank release as arrays: all that the adaptive step needs to know of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters, validate
from irt.quadrature import Grid


class Veto(IntEnum):
    """Why an item must not be selected now; NONE where it may."""

    NONE = 0
    NOT_OPERATIONAL = 1
    ADMINISTERED = 2
    WITHDRAWN = 3
    SEEN = 4
    INELIGIBLE = 5
    CAPPED = 6
    ENEMY = 7
    STIMULUS = 8
    CONTENT = 9
    LENGTH = 10
    EXPOSURE = 11


@dataclass(frozen=True, eq=False)
class Pool:
    """The items in ascending item id. Build with `build_pool`; treat the arrays as read-only.

    item_ids (J,), log_probabilities (J, K, Q) on `nodes` (Q,), operational (J,): may be selected
    for their information. The others are pretest items: their parameters hold the place of the
    categories, and their log-probabilities are 0, so that an answer to them can never count.
    categories: name of a content area -> (J,) its items and those of the areas below.
    stimulus (J,) id of the shared passage, -1 without one. enemies (J, J) symmetric, True where
    two items must not meet in one session, None without any. words (J,), seconds (J,) expected.
    exposure (J, B) the probability with which an item passes its exposure control in each theta
    band, None without control.
    Elsewhere "item" is an index into these arrays.
    """

    item_ids: IntArray
    parameters: ItemParameters
    nodes: FloatArray
    log_probabilities: FloatArray
    operational: BoolArray
    stimulus: IntArray
    words: FloatArray
    seconds: FloatArray
    categories: Mapping[str, BoolArray]
    enemies: BoolArray | None = None
    exposure: FloatArray | None = None

    @property
    def n_items(self) -> int:
        return len(self.item_ids)

    @cached_property
    def _index(self) -> dict[int, int]:
        return {int(item_id): index for index, item_id in enumerate(self.item_ids)}

    def index_of(self, item_id: int) -> int:
        """Where an item is in the arrays. Raises KeyError for an item that the pool lacks."""
        return self._index[item_id]

    def mask(self, item_ids: Sequence[int]) -> BoolArray:
        """(J,) True for the named items; ids that the pool lacks are ignored."""
        return np.isin(self.item_ids, np.asarray(item_ids, dtype=np.int64))

    def take(self, index: IntArray) -> "Pool":
        """The pool of the items at these rising indices alone."""
        members = {name: mask[index] for name, mask in self.categories.items()}
        return replace(
            self,
            item_ids=self.item_ids[index],
            parameters=self.parameters.take(index),
            log_probabilities=self.log_probabilities[index],
            operational=self.operational[index],
            stimulus=self.stimulus[index],
            words=self.words[index],
            seconds=self.seconds[index],
            categories=MappingProxyType(members),
            enemies=None if self.enemies is None else self.enemies[np.ix_(index, index)],
            exposure=None if self.exposure is None else self.exposure[index],
        )


@dataclass(frozen=True, eq=False)
class Attributes:
    """What is known of the items beside their parameters, in the order given to `build_pool`.

    Each may be left out: operational, stimulus, words, seconds (J,), enemies (J, J), categories
    name -> (J,). Meaning as in `Pool`.
    """

    operational: ArrayLike | None = None
    stimulus: ArrayLike | None = None
    words: ArrayLike | None = None
    seconds: ArrayLike | None = None
    enemies: BoolArray | None = None
    categories: Mapping[str, ArrayLike] = field(default_factory=dict)


def build_pool(
    item_ids: ArrayLike,
    parameters: ItemParameters,
    grid: Grid,
    attributes: Attributes | None = None,
) -> Pool:
    """Prepare a release for the adaptive step; item_ids (J,) integers in any order.

    Raises ValueError for repeated ids and `ParameterError` for impossible parameters.
    """
    ids = np.asarray(item_ids, dtype=np.int64)
    if len(np.unique(ids)) != len(ids) or len(ids) != parameters.n_items:
        raise ValueError("a pool needs one distinct id for each item")
    validate(parameters)
    given = attributes or Attributes()
    order = np.argsort(ids)

    def ordered(values: ArrayLike | None, default: float) -> FloatArray:
        return np.full(len(ids), default) if values is None else np.asarray(values)[order]

    operational = ordered(given.operational, True).astype(bool)
    own = parameters.take(order)
    log_probabilities = log_category_probabilities(own, grid.nodes)
    log_probabilities[~operational] = 0.0
    return Pool(
        item_ids=ids[order],
        parameters=own,
        nodes=grid.nodes,
        log_probabilities=log_probabilities,
        operational=operational,
        stimulus=ordered(given.stimulus, -1).astype(np.int64),
        words=ordered(given.words, 0).astype(float),
        seconds=ordered(given.seconds, 0).astype(float),
        categories=MappingProxyType(
            {name: np.asarray(members, bool)[order] for name, members in given.categories.items()}
        ),
        enemies=None if given.enemies is None else given.enemies[np.ix_(order, order)],
    )
