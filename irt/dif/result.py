"""What all tests of differential item functioning (DIF) share: groups, statuses, refusals."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import BoolArray, IntArray

REFERENCE = 0


class DifError(ValueError):
    """Nothing can be tested with these groups or anchors."""


class DifStatus(StrEnum):
    """Whether an item could be tested, and why not."""

    OK = "ok"
    NO_RESPONSES = "no responses"
    EMPTY_GROUP = "no responses in a group"
    CONSTANT = "constant scores"
    NOT_MATCHED = "no stratum compares the groups"
    UNBOUNDED = "no finite estimate"
    EMPTY_CATEGORY = "empty category in a group"
    NOT_TESTED = "not tested"
    NOT_CONVERGED = "not converged"
    UNDETERMINED = "undetermined parameters"


def group_members(group: ArrayLike, n_persons: int) -> tuple[IntArray, int]:
    """(N,) each person's group, and how many groups there are; group 0 is the reference.

    Raises `DifError` where groups are not 0, 1, ... with persons in each, two at least.
    """
    members = np.asarray(group, dtype=np.int64)
    if members.shape != (n_persons,):
        raise DifError(f"{n_persons} persons need as many groups, not {members.shape}")
    if members.min(initial=0) < 0:
        raise DifError("groups are numbered from 0, the reference")
    sizes = np.bincount(members)
    if len(sizes) < 2:
        raise DifError("a comparison needs a reference group (0) and a focal group (1, 2, ...)")
    if (empty := np.flatnonzero(sizes == 0)).size:
        raise DifError(f"group {empty[0]} has no persons")
    return members, len(sizes)


def anchor_items(anchors: ArrayLike | None, n_items: int) -> BoolArray:
    """(J,) items trusted to work alike in all groups, by default every one.

    Raises `DifError` where there is none.
    """
    chosen = np.ones(n_items, bool) if anchors is None else np.asarray(anchors, dtype=bool)
    if chosen.shape != (n_items,):
        raise DifError(f"{n_items} items need as many marks of anchors, not {chosen.shape}")
    if not chosen.any():
        raise DifError("no item is an anchor: nothing makes the groups comparable")
    return chosen


def status_of(counts: NDArray[np.float64]) -> NDArray[np.str_]:
    """(J,) `DifStatus` values as far as responses by group and category (J, G, K) tell."""
    by_group = counts.sum(axis=2)
    category_used = counts.sum(axis=1) > 0
    return np.select(
        [
            by_group.sum(axis=1) == 0,
            (by_group == 0).any(axis=1),
            category_used.sum(axis=1) < 2,
        ],
        [DifStatus.NO_RESPONSES.value, DifStatus.EMPTY_GROUP.value, DifStatus.CONSTANT.value],
        DifStatus.OK.value,
    ).astype("U30")


def usable_anchors(anchor: BoolArray, status: NDArray[np.str_]) -> BoolArray:
    """(J,) anchors that can be tested themselves; others make no groups comparable.

    Raises `DifError` where none is left.
    """
    kept = np.asarray(anchor & (status == DifStatus.OK))
    if not kept.any():
        raise DifError("no anchor has different responses in every group")
    return kept


def testable_status(counts: NDArray[np.float64]) -> NDArray[np.str_]:
    """As `status_of`, for tests that estimate each group's own parameters."""
    status = status_of(counts)
    used = counts.sum(axis=1, keepdims=True) > 0
    lacking = (used & (counts == 0)).any(axis=(1, 2))
    status[(status == DifStatus.OK) & lacking] = DifStatus.EMPTY_CATEGORY
    return status
