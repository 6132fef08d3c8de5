"""From a calibration on the sample's scale to parameters on the bank's, with the basic gates.

The sample is estimated with mean 0 and, but for Rasch and PCM items, variance 1; linking to the
standing release by its common items is the same as freeing the group's mean and variance, so that a
stronger sample does not move the scale. Without a standing scale the sample becomes N(0, 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from django.utils.translation import gettext as _

from common.errors import Conflict
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.result import (
    FIRST_GROUP_OWNER,
    Calibration,
    ItemStatus,
    StandardErrors,
)
from irt.drift.purification import Criterion, PurifiedLink, purified_link
from irt.linking.characteristic_curves import Direction, haebara
from irt.linking.common_items import LinkingError
from irt.linking.link import Link
from irt.models.parameters import UNIT_SLOPE, ItemParameters
from irt.quadrature import LIMIT, NODES, covering_grid
from items.item_parameters import Parameters
from items.models import ReleasedItem, Role
from items.release_rows import ReleaseArrays
from scoring.recalibration.candidates import Candidates, KeptOut

MIN_COMMON_ITEMS = 3
# Slopes whose ratios differ by no more than rounding are one slope.
SLOPE_TOLERANCE = 1e-9
# Curves are compared at the sample's abilities: there its estimates say something.
LINKING_METHOD = "Haebara"
# An item has drifted when its curve moved by more than 5% of its highest score (root mean square;
# about a quarter of a logit) and by more than chance explains.
DRIFT = Criterion(rmsd=0.05, distance=0.01)
# Beyond these an estimate is an artefact of the data (metric D = 1).
DISCRIMINATION_BOUNDS = (0.05, 8.0)
DIFFICULTY_LIMIT = 8.0
LOWER_ASYMPTOTE_LIMIT = 0.6
UPPER_ASYMPTOTE_LIMIT = 0.5
# A standing difficulty is not replaced by one with a larger error (in SDs of the sample).
DIFFICULTY_ERROR_LIMIT = 0.5


@dataclass(frozen=True, eq=False)
class Refresh:
    """What a run would write: parameters of the V' candidates on the bank's scale.

    linking   None when the sample defines the scale
    group_sd  SD of ability on the scale that the sample was estimated on; the mean is 0 there
    accepted  indices of the candidates that pass and are in the standing release
    common    indices of the candidates that link; empty when the sample defines the scale
    standing  their (len(common),) standing parameters
    kept_out  rows of the standing release whose estimates were refused, with the reason
    """

    candidates: Candidates
    parameters: ItemParameters
    standard_errors: StandardErrors
    linking: PurifiedLink | None
    group_sd: float
    accepted: IntArray
    common: IntArray
    standing: ItemParameters
    kept_out: list[tuple[ReleasedItem, KeptOut]]

    @property
    def link(self) -> Link | None:
        return self.linking.link if self.linking else None

    def estimates(self) -> Iterator[tuple[int, Parameters]]:
        """(item version id, parameters) of the accepted items, as a release takes them."""
        for index in self.accepted.tolist():
            yield int(self.candidates.window.version_ids[index]), self._parameters_at(index)

    def _parameters_at(self, index: int) -> Parameters:
        known, errors = self.parameters, self.standard_errors
        steps = np.isfinite(known.difficulty[index])
        return Parameters(
            model=self.candidates.models[index],
            discrimination=float(known.discrimination[index]),
            difficulty=tuple(known.difficulty[index, steps].tolist()),
            lower_asymptote=float(known.lower_asymptote[index]),
            upper_asymptote=float(known.upper_asymptote[index]),
            discrimination_se=_finite_or_none(errors.discrimination[index]),
            difficulty_se=_finite_tuple_or_none(errors.difficulty[index, steps]),
            lower_asymptote_se=_finite_or_none(errors.lower_asymptote[index]),
            upper_asymptote_se=_finite_or_none(errors.upper_asymptote[index]),
        )


def require_estimable(candidates: Candidates, min_responses: int) -> None:
    """Raise Conflict when no item of the standing release can be estimated."""
    if not any(candidates.released):
        raise Conflict(
            "too_few_responses",
            _(
                "No item of the current release has %(number)d responses in this window. "
                "Widen the window or lower the fewest responses per item."
            )
            % {"number": min_responses},
        )


def require_converged(calibration: Calibration, tolerance: float) -> None:
    """Raise Conflict unless the EM found an optimum with finite standard errors."""
    better = calibration.better_nodes
    if better is not None:
        raise Conflict(
            "grid_too_short",
            _(
                "%(nodes)d quadrature nodes on a range of %(range)g do not show the abilities: "
                "give at least %(better_nodes)d on a range of %(better_range)g, or the usual "
                "%(usual_nodes)d on %(usual_range)g, which adapt."
            )
            % {
                "nodes": len(calibration.nodes),
                "range": calibration.nodes[-1],
                "better_nodes": len(better),
                "better_range": better[-1],
                "usual_nodes": NODES,
                "usual_range": LIMIT,
            },
        )
    if not calibration.converged:
        raise Conflict(
            "not_converged",
            _(
                "The EM did not converge: after %(iterations)d iterations the gradient is "
                "%(gradient).2g; the tolerance is %(tolerance).2g."
            )
            % {
                "iterations": calibration.iterations,
                "gradient": calibration.max_gradient,
                "tolerance": tolerance,
            },
        )
    undetermined = calibration.status == ItemStatus.UNDETERMINED
    if undetermined.all() or not np.isfinite(calibration.log_likelihood):
        raise Conflict(
            "not_finite",
            _(
                "The standard errors are not finite: the responses determine no item. "
                "Raise the fewest responses per item."
            ),
        )
    if any(one.owner <= FIRST_GROUP_OWNER for one in calibration.undetermined):
        raise Conflict(
            "no_spread",
            _(
                "The responses do not determine the spread of ability: its estimate is "
                "%(variance).2g, without a standard error. Take more responses for each session."
            )
            % {"variance": float(calibration.group_variance[0])},
        )


def refresh(candidates: Candidates, calibration: Calibration, standing: ReleaseArrays) -> Refresh:
    """Link the calibration to the standing release and keep out what may not be published.

    Without operational items in the standing release the sample defines the scale. Raises Conflict
    when fewer than `MIN_COMMON_ITEMS` items are common, the items do not determine a link, or no
    estimate may be published.
    """
    common, known = _common_items(candidates, calibration, standing)
    linking = None
    if standing.operational.any():
        linking = _linking(candidates, calibration, common, known)
    scale = linking.link if linking else Link(1 / _group_sd(calibration), 0.0)
    parameters = scale.parameters(calibration.parameters)
    released = candidates.released
    faults = _faults(candidates, calibration, parameters)
    accepted = [i for i, fault in enumerate(faults) if released[i] and not fault]
    if not accepted:
        raise Conflict("nothing_estimated", _("No item has estimates that may be published."))
    return Refresh(
        candidates=candidates,
        parameters=parameters,
        standard_errors=scale.standard_errors(calibration.standard_errors),
        linking=linking,
        group_sd=_group_sd(calibration),
        accepted=np.array(accepted, dtype=np.int64),
        common=common,
        standing=known,
        kept_out=[
            (row, fault) for row, fault in zip(released, faults, strict=True) if row and fault
        ],
    )


def _common_items(
    candidates: Candidates, calibration: Calibration, standing: ReleaseArrays
) -> tuple[IntArray, ItemParameters]:
    """Indices of the well estimated candidates with standing parameters, and these parameters."""
    versions = zip(standing.version_ids.tolist(), standing.operational, strict=True)
    place = {version: index for index, (version, counts) in enumerate(versions) if counts}
    usable = (calibration.status == ItemStatus.ESTIMATED) & _is_precise(calibration)
    pairs = [
        (index, place[version])
        for index, version in enumerate(candidates.window.version_ids.tolist())
        if usable[index] and version in place
    ]
    common, known = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return common, standing.parameters.take(known)


def _linking(
    candidates: Candidates, calibration: Calibration, common: IntArray, known: ItemParameters
) -> PurifiedLink:
    """Link by the common items that have not drifted, by no fewer than half of them."""
    if len(common) < MIN_COMMON_ITEMS:
        raise Conflict(
            "too_few_common_items",
            _(
                "Only %(found)d items with standing parameters could be estimated again; linking "
                "to the bank's scale takes at least %(needed)d."
            )
            % {"found": len(common), "needed": MIN_COMMON_ITEMS},
        )
    sample = covering_grid(0.0, _group_sd(calibration))
    covariance, estimates = calibration.covariance, calibration.parameters.take(common)
    slope = _given_slope(known, estimates)
    try:
        return purified_link(
            partial(haebara, direction=Direction.SOURCE, source_grid=sample, slope=slope),
            known,
            estimates,
            DRIFT,
            target_uncertainty=_standing_errors(candidates, common, known),
            source_uncertainty=covariance.take(common) if covariance else None,
            source_grid=sample,
            fewest=max(MIN_COMMON_ITEMS, len(common) // 2),
        )
    except LinkingError as exc:
        raise Conflict(
            "no_link", _("The common items do not determine a link: %(why)s.") % {"why": exc}
        ) from exc


def _given_slope(known: ItemParameters, estimates: ItemParameters) -> float | None:
    """The ratio of the slopes where the common items have one that is not estimated, else None."""
    ratios = estimates.discrimination / known.discrimination
    if not np.isin(known.model, UNIT_SLOPE).all() or np.ptp(ratios) > SLOPE_TOLERANCE:
        return None
    return float(ratios[0])


def _standing_errors(
    candidates: Candidates, common: IntArray, known: ItemParameters
) -> StandardErrors:
    """Of the standing parameters; NaN where the release has none, as for typed ones."""
    rows = [candidates.released[index] for index in common.tolist()]
    difficulty = np.full_like(known.difficulty, np.nan)
    for place, row in enumerate(rows):
        steps = (row and row.difficulty_se) or []
        difficulty[place, : len(steps)] = steps
    return StandardErrors(
        discrimination=np.array([row and row.discrimination_se for row in rows], dtype=float),
        difficulty=difficulty,
        lower_asymptote=np.array([row and row.lower_asymptote_se for row in rows], dtype=float),
        upper_asymptote=np.array([row and row.upper_asymptote_se for row in rows], dtype=float),
    )


def _is_precise(calibration: Calibration) -> BoolArray:
    """(V',) items all of whose difficulties are known well enough to link by or to replace one."""
    errors = calibration.standard_errors.difficulty / _group_sd(calibration)
    steps = np.isfinite(calibration.parameters.difficulty)
    return np.asarray(((errors <= DIFFICULTY_ERROR_LIMIT) | ~steps).all(axis=1) & steps.any(axis=1))


def _group_sd(calibration: Calibration) -> float:
    """Rasch and PCM items have slope 1, so that the spread of the sample is estimated instead."""
    return float(np.sqrt(calibration.group_variance[0]))


def _within_bounds(parameters: ItemParameters) -> BoolArray:
    """(V',) False where nothing was estimated."""
    low, high = DISCRIMINATION_BOUNDS
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (parameters.discrimination >= low)
            & (parameters.discrimination <= high)
            & ~(np.abs(parameters.difficulty) > DIFFICULTY_LIMIT).any(axis=1)
            & (parameters.lower_asymptote <= LOWER_ASYMPTOTE_LIMIT)
            & (parameters.upper_asymptote >= UPPER_ASYMPTOTE_LIMIT)
        )


def _faults(
    candidates: Candidates, calibration: Calibration, parameters: ItemParameters
) -> list[KeptOut | None]:
    """Why each candidate may not be written; `parameters` are on the bank's scale."""
    precise, inside = _is_precise(calibration), _within_bounds(parameters)
    return [
        _fault(row, calibration.status[index], bool(inside[index]), bool(precise[index]))
        for index, row in enumerate(candidates.released)
    ]


_REFUSED: dict[str, KeptOut] = {
    ItemStatus.EMPTY_CATEGORY: KeptOut.EMPTY_CATEGORY,
    ItemStatus.NEGATIVE_SLOPE: KeptOut.NEGATIVE_SLOPE,
    ItemStatus.STEEP: KeptOut.STEEP,
    ItemStatus.UNDETERMINED: KeptOut.UNDETERMINED,
    ItemStatus.AT_BOUND: KeptOut.UNDETERMINED,
}


def _fault(
    row: ReleasedItem | None, status: str, is_inside: bool, is_precise: bool
) -> KeptOut | None:
    if status in _REFUSED:
        return _REFUSED[status]
    if not is_inside:
        return KeptOut.OUT_OF_BOUNDS
    if row and row.role == Role.OPERATIONAL and not is_precise:
        return KeptOut.IMPRECISE
    return None


def _finite_or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _finite_tuple_or_none(values: FloatArray) -> tuple[float, ...] | None:
    return tuple(values.tolist()) if np.isfinite(values).all() else None
