"""What makes a calibration of files doubtful beside its fit: sentences for the command."""

from collections.abc import Iterator

import numpy as np

from irt.calibration.held_population import HeldPopulation, held_population
from irt.quadrature import normal_grid
from scoring.files.calibration import CalibrationData, Settings


def doubts_of_held_groups(data: CalibrationData, settings: Settings) -> Iterator[str]:
    """A sentence for each group that was held where the anchored items do not see it."""
    if data.anchors is None or not data.n_anchored or data.is_free(settings.free_group):
        return
    found = held_population(
        data.responses(),
        data.models,
        data.anchors.parameters,
        data.population(settings.free_group),
        normal_grid(settings.nodes, settings.limit).nodes,
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
