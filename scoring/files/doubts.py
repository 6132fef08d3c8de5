"""What makes a calibration of files doubtful beside its fit: sentences for the command."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np

from irt.calibration.result import (
    COMMON_SLOPE_OWNER,
    FIRST_GROUP_OWNER,
    Calibration,
    Cause,
    Undetermined,
)
from irt.common_scale.held_population import HeldPopulation, held_population
from irt.models.parameters import COMMON_SLOPE
from scoring.files.calibration import CalibrationData, Settings

_REASONS = {
    Cause.AT_BOUND: "at a bound; the errors of the item's other parameters take this for known",
    Cause.FLAT: "the likelihood hardly changes there",
}


def doubts_of_parameters(
    data: CalibrationData, result: Calibration, copies: Collection[int] = ()
) -> Iterator[str]:
    """A sentence for the estimates without a standard error of each item or group.

    Not of items that are copies of others: no prior mends these, and they are told as such.
    """
    undetermined = [one for one in result.undetermined if one.owner not in copies]
    for owner, estimates in groupby(undetermined, attrgetter("owner")):
        told = list(estimates)
        for cause, reason in _REASONS.items():
            if own := [one for one in told if one.cause is cause]:
                values = " and ".join(f"{one.name} = {one.value:.3g}" for one in own)
                whose = _owner(data, owner)
                yield f"{whose}: no standard error of {values}: {reason}{_advice(own)}"


def _owner(data: CalibrationData, owner: int) -> str:
    if owner >= 0:
        return f"item {data.table.items[owner]}"
    if owner == COMMON_SLOPE_OWNER:
        return f"the slope of the {COMMON_SLOPE[0]} items"
    return data.groups.names[FIRST_GROUP_OWNER - owner]


def _advice(undetermined: Sequence[Undetermined]) -> str:
    if undetermined[0].owner <= FIRST_GROUP_OWNER:
        return ""
    held = [one.name for one in undetermined if one.name in "acd"]
    priors = f"a prior (--prior-{held[-1]}), " if held else ""
    return f"; {priors}a simpler model or more responses would hold it"


def doubts_of_held_groups(data: CalibrationData, settings: Settings) -> Iterator[str]:
    """A sentence for each group that was held where the anchored items do not see it."""
    if data.anchors is None or not data.n_anchored or data.is_free(settings.free_group):
        return
    found = held_population(
        data.responses(),
        data.models,
        data.anchors.parameters,
        data.population(settings.free_group),
        settings.given_nodes,
    )
    for group in np.flatnonzero(found.is_off).tolist():
        yield (
            f"{data.groups.names[group]} is held at {_held(found, group)}, but by the anchored "
            f"items it has mean {found.mean[group]:.3f} (se {found.mean_se[group]:.3f}) and "
            f"variance {found.variance[group]:.3f} (se {found.variance_se[group]:.3f}): the "
            "estimated items are off the scale by as much. Leave out --fixed-group"
        )


def _held(found: HeldPopulation, group: int) -> str:
    held = (("mean", found.held_mean[group]), ("variance", found.held_variance[group]))
    return " and ".join(f"{name} {value:g}" for name, value in held if np.isfinite(value))
