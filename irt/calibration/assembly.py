"""From the coordinates of blocks back to parameters in the order of the items."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.blocks import FIXED, Block
from irt.calibration.determinacy import (
    AT_BOUND,
    FLAT,
    KNOWN,
    Determinacy,
    determinacy,
    is_steep,
)
from irt.calibration.population import Normal
from irt.calibration.result import (
    COMMON_SLOPE_OWNER,
    FIRST_GROUP_OWNER,
    Cause,
    Covariance,
    ItemStatus,
    StandardErrors,
    Undetermined,
)
from irt.models.parameters import MODEL_DTYPE, ItemParameters


@dataclass(frozen=True, eq=False)
class IrtRows:
    """Values of IRT parameters of all J items: a (J,), b (J, M), c (J,) and d (J,)."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @classmethod
    def of(
        cls, n_categories: IntArray, blocks: Sequence[Block], values: Sequence[FloatArray]
    ) -> "IrtRows":
        """From those (n, p) of the blocks; NaN elsewhere."""
        n_items, n_steps = len(n_categories), int(n_categories.max(initial=2)) - 1
        a, c, d = (np.full(n_items, np.nan) for _ in range(3))
        rows = cls(a, np.full((n_items, n_steps), np.nan), c, d)
        for block, irt in zip(blocks, values, strict=True):
            if not isinstance(block.coordinates, Normal):
                rows._fill(block, irt)
        return rows

    def _fill(self, block: Block, irt: FloatArray) -> None:
        width = block.coordinates.n_categories
        self.a[block.items] = irt[:, 0]
        self.b[block.items, : width - 1] = irt[:, 1:width]
        for asymptote, column in zip((self.c, self.d), irt.T[width:], strict=False):
            asymptote[block.items] = column


@dataclass(frozen=True, eq=False)
class SamplingErrors:
    """covariance (P, P) of the free parameters, and the (n, p) errors of each block's IRT ones.

    The errors are NaN where a parameter is fixed or undetermined; `codes` (n, p) say why, see
    `determinacy`.
    """

    covariance: FloatArray
    by_block: list[FloatArray]
    codes: list[Determinacy]


def assemble_parameters(
    models: Sequence[str],
    n_categories: IntArray,
    blocks: Sequence[Block],
    x: Sequence[FloatArray],
    anchors: ItemParameters | None,
) -> ItemParameters:
    """IRT parameters of all J items; NaN for those that are neither in a block nor anchored."""
    irt = [block.coordinates.to_irt(values) for block, values in zip(blocks, x, strict=True)]
    rows = IrtRows.of(n_categories, blocks, irt)
    known = np.isfinite(rows.a)
    parameters = ItemParameters(
        model=np.array(list(models), dtype=MODEL_DTYPE),
        discrimination=rows.a,
        difficulty=rows.b,
        lower_asymptote=np.where(known & np.isnan(rows.c), 0.0, rows.c),
        upper_asymptote=np.where(known & np.isnan(rows.d), 1.0, rows.d),
    )
    return parameters if anchors is None else _put_anchors(parameters, anchors)


def _put_anchors(parameters: ItemParameters, anchors: ItemParameters) -> ItemParameters:
    anchored = np.isfinite(anchors.discrimination)
    width = min(parameters.difficulty.shape[1], anchors.difficulty.shape[1])
    difficulty = parameters.difficulty.copy()
    difficulty[anchored, :width] = anchors.difficulty[anchored, :width]
    merged = {
        name: np.where(anchored, getattr(anchors, name), getattr(parameters, name))
        for name in ("discrimination", "lower_asymptote", "upper_asymptote")
    }
    return replace(parameters, difficulty=difficulty, **merged)


def assemble_errors(
    n_categories: IntArray, blocks: Sequence[Block], errors: SamplingErrors | None
) -> StandardErrors:
    """Standard errors of all J items; NaN throughout when there are none."""
    rows = IrtRows.of(n_categories, blocks if errors else (), errors.by_block if errors else ())
    return StandardErrors(rows.a, rows.b, rows.c, rows.d)


def sampling_errors(
    blocks: Sequence[Block], x: Sequence[FloatArray], covariance: FloatArray, nodes: FloatArray
) -> SamplingErrors:
    """Standard errors of the IRT parameters by the delta method; covariance (P, P)."""
    errors = []
    start = 0
    padded = np.pad(covariance, (0, 1))
    unknown = np.isnan(np.diagonal(padded))
    padded = np.where(unknown[:, None] | unknown, 0.0, padded)
    for block, values in zip(blocks, x, strict=True):
        index = np.where(block.free, start + block.index, len(covariance))
        own = padded[index[:, :, None], index[:, None, :]]
        jacobian = block.coordinates.irt_jacobian(values)
        variance = np.einsum("jrp,jpq,jrq->jr", jacobian, own, jacobian)
        rests_on_unknown = ((jacobian != 0) & unknown[index][:, None]).any(axis=2)
        errors.append(np.where(block.free & ~rests_on_unknown, np.sqrt(variance), np.nan))
        start += block.n_free
    irt = [block.coordinates.to_irt(values) for block, values in zip(blocks, x, strict=True)]
    codes = determinacy(blocks, irt, errors, nodes)
    known = [np.where(code == KNOWN, own, np.nan) for code, own in zip(codes, errors, strict=True)]
    return SamplingErrors(covariance, known, codes)


def irt_covariance(
    blocks: Sequence[Block], x: Sequence[FloatArray], errors: SamplingErrors, n_items: int
) -> Covariance:
    """Covariances of all estimated IRT parameters by the delta method; NaN where undetermined."""
    names: list[tuple[int, str]] = []
    jacobians = []
    unknown: list[bool] = []
    for block, values, codes in zip(blocks, x, errors.codes, strict=True):
        labels = list(_labels(block, n_items))
        unknown += [codes[place, column] != KNOWN for place, column, _ in labels]
        jacobian = np.zeros((len(labels), block.n_free))
        own = block.coordinates.irt_jacobian(values)
        for row, (place, parameter, _) in enumerate(labels):
            free = block.free[place]
            jacobian[row, block.index[place, free]] += own[place, parameter, free]
        names += [name for *_, name in labels]
        jacobians.append(sparse.csr_array(jacobian))  # of dense ones it makes the old matrix
    full = sparse.csr_array(sparse.block_diag(jacobians))
    matrix = np.asarray(full @ (full @ errors.covariance).T)
    matrix[unknown] = np.nan
    matrix[:, unknown] = np.nan
    return Covariance(names, matrix)


def undetermined(
    blocks: Sequence[Block], x: Sequence[FloatArray], errors: SamplingErrors, n_items: int
) -> list[Undetermined]:
    """The estimated parameters without a standard error, a common slope once."""
    found = []
    for block, values, codes in zip(blocks, x, errors.codes, strict=True):
        irt = block.coordinates.to_irt(values)
        for place, column, (owner, name) in _labels(block, n_items):
            if code := codes[place, column]:
                cause = Cause.AT_BOUND if code == AT_BOUND else Cause.FLAT
                found.append(Undetermined(owner, name, float(irt[place, column]), cause))
    return found


def _labels(block: Block, n_items: int) -> Iterator[tuple[int, int, tuple[int, str]]]:
    """Each estimated IRT parameter: its place (item, column) in the block, and its name."""
    names = block.coordinates.names
    for place, item in enumerate(block.items.tolist()):
        for column in np.flatnonzero(block.index[place] != FIXED).tolist():
            if item >= n_items:
                yield place, column, (FIRST_GROUP_OWNER - (item - n_items), names[column])
            elif column > 0 or not block.has_common_slope:
                yield place, column, (item, names[column])
            elif place == 0:
                yield place, column, (COMMON_SLOPE_OWNER, names[column])


def item_status(
    parameters: ItemParameters,
    left_out: BoolArray,
    anchored: BoolArray,
    errors: SamplingErrors | None,
    blocks: Sequence[Block],
    nodes: FloatArray,
) -> NDArray[np.str_]:
    """(J,) `ItemStatus` values; left_out and anchored (J,)."""
    status = np.full(len(left_out), ItemStatus.ESTIMATED.value, dtype="U14")
    for block, codes in zip(blocks[:-1], errors.codes if errors else (), strict=False):
        status[block.items[(codes == AT_BOUND).any(axis=1)]] = ItemStatus.AT_BOUND
        status[block.items[(codes == FLAT).any(axis=1)]] = ItemStatus.UNDETERMINED
    status[is_steep(parameters.discrimination, nodes)] = ItemStatus.STEEP
    with np.errstate(invalid="ignore"):  # NaN where nothing was estimated
        status[parameters.discrimination <= 0] = ItemStatus.NEGATIVE_SLOPE
    status[left_out] = ItemStatus.EMPTY_CATEGORY
    status[anchored] = ItemStatus.ANCHORED
    return status
