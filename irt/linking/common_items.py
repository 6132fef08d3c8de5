"""The same items on two scales, and which of them can link."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import BoolArray
from irt.models.parameter_derivatives import parameter_columns
from irt.models.parameters import ItemParameters

FEWEST_LINKS = 2


class LinkingError(ValueError):
    """The common items do not determine a link."""


class LinkStatus(StrEnum):
    """What became of a common item."""

    LINKED = "linked"
    NOT_ESTIMATED = "not estimated"
    SLOPE = "slope not positive"
    CATEGORIES = "different categories"
    NOT_CHOSEN = "not chosen"
    UNDETERMINED = "undetermined"
    DRIFTED = "drifted"
    DRIFTED_BUT_KEPT = "drifted, kept to link"


@dataclass(frozen=True, eq=False)
class CommonItems:
    """J items on the target and on the source scale, their difficulties (J, M) of one width.

    status (J,) is LINKED for those that may link, or why not.
    """

    target: ItemParameters
    source: ItemParameters
    status: NDArray[np.str_]

    @classmethod
    def match(
        cls, target: ItemParameters, source: ItemParameters, among: ArrayLike | None = None
    ) -> "CommonItems":
        """Pair the items up; among (J,) bool leaves out those that it does not choose.

        Raises `LinkingError` when the numbers of items differ or fewer than two may link.
        """
        items = cls.pair(target, source, among)
        n_links = int(items.used.sum())
        if n_links < FEWEST_LINKS:
            raise LinkingError(
                f"linking needs at least two common items with estimates on both scales, "
                f"not {n_links}"
            )
        return items

    @classmethod
    def pair(
        cls, target: ItemParameters, source: ItemParameters, among: ArrayLike | None = None
    ) -> "CommonItems":
        """As `match`, however few may link."""
        if target.n_items != source.n_items:
            raise LinkingError(
                f"the two sets must hold the same items, not {target.n_items} and {source.n_items}"
            )
        width = max(target.difficulty.shape[1], source.difficulty.shape[1])
        target, source = _widen(target, width), _widen(source, width)
        status = np.full(target.n_items, LinkStatus.LINKED.value, dtype="U21")
        status[~_is_finite(target) | ~_is_finite(source)] = LinkStatus.NOT_ESTIMATED
        with np.errstate(invalid="ignore"):  # NaN where nothing was estimated
            falling = (target.discrimination <= 0) | (source.discrimination <= 0)
        status[falling] = LinkStatus.SLOPE
        differs = target.n_categories != source.n_categories
        status[differs & (status != LinkStatus.NOT_ESTIMATED)] = LinkStatus.CATEGORIES
        if among is not None:
            chosen = np.asarray(among, dtype=bool)
            status[~chosen & (status == LinkStatus.LINKED)] = LinkStatus.NOT_CHOSEN
        return cls(target, source, status)

    @property
    def used(self) -> BoolArray:
        """(J,) items that link."""
        return np.asarray(self.status == LinkStatus.LINKED)

    @property
    def comparable(self) -> BoolArray:
        """(J,) items that can be compared on the two scales, whether they link or not."""
        return np.asarray(np.isin(self.status, (LinkStatus.LINKED, LinkStatus.NOT_CHOSEN)))


def _widen(parameters: ItemParameters, width: int) -> ItemParameters:
    missing = width - parameters.difficulty.shape[1]
    padded = np.pad(parameters.difficulty, ((0, 0), (0, missing)), constant_values=np.nan)
    return replace(parameters, difficulty=padded)


def _is_finite(parameters: ItemParameters) -> BoolArray:
    """(J,) items whose parameters are all numbers; their steps come first, without a gap."""
    steps = np.isfinite(parameters.difficulty)
    others = parameter_columns(
        parameters.discrimination,
        parameters.difficulty[:, :1],
        parameters.lower_asymptote,
        parameters.upper_asymptote,
    )
    whole = (np.diff(steps.astype(int), axis=1) <= 0).all(axis=1)
    return np.asarray(
        np.isfinite(others).all(axis=1) & whole & ~np.isinf(parameters.difficulty).any(axis=1)
    )
