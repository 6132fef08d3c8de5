"""D^2: the weighted squared area between an item's curves on the two scales, and its noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from irt.arrays import FloatArray
from irt.drift.differences import Differences, DriftStatus
from irt.linking.common_items import CommonItems
from irt.linking.link import Link
from irt.models.curves import expected_score
from irt.models.parameter_derivatives import score_gradient
from irt.quadrature import Grid


@dataclass(frozen=True, eq=False)
class CurveDistance:
    """Of J items on Q nodes of the target scale, as shares of the highest item score.

    target_score, linked_score (J, Q) the curves and difference_se (J, Q) the standard error of
    their difference; rmsd (J,) the root of D^2; signed (J,) the mean difference, above 0 where the
    target's curve is the higher one; expected_rmsd (J,) the root of the D^2 that sampling alone
    makes, p_value (J,) of one as large as found; status (J,) `DriftStatus`.

    Items that cannot be compared have NaN; those without standard errors have the curves, rmsd and
    signed, the rest NaN.
    """

    nodes: FloatArray
    target_score: FloatArray
    linked_score: FloatArray
    difference_se: FloatArray
    rmsd: FloatArray
    signed: FloatArray
    expected_rmsd: FloatArray
    p_value: FloatArray
    status: NDArray[np.str_]


def curve_distance(
    items: CommonItems, link: Link, differences: Differences, grid: Grid
) -> CurveDistance:
    """D^2 = sum_q w_q (E target - E linked)^2 of expected scores, grid on the target scale.

    Wells, Subkoviak & Serlin (2002). To first order D^2 is the quadratic form v'Kv of the parameter
    differences v ~ N(0, C); its distribution is approximated by the scaled chi-square with the same
    mean tr(KC) and variance 2 tr(KCKC) (Satterthwaite 1946).
    """
    shape = (items.target.n_items, grid.n_nodes)
    target, linked, error = (np.full(shape, np.nan) for _ in range(3))
    own = np.flatnonzero(items.comparable)
    scale = 1.0 / (items.target.n_categories[own] - 1.0)
    moved = link.parameters(items.source.take(own))
    target[own] = expected_score(items.target.take(own), grid.nodes) * scale[:, None]
    linked[own] = expected_score(moved, grid.nodes) * scale[:, None]
    gradient = score_gradient(items.target.take(own), grid.nodes) * scale[:, None, None]
    variance = np.einsum("jpq,jpr,jrq->jq", gradient, differences.covariance[own], gradient)
    error[own] = np.sqrt(np.maximum(variance, 0.0))
    distance = (target - linked) ** 2 @ grid.weights
    mean, p_value = np.full((2, len(target)), np.nan)
    form = np.einsum("jpq,q,jrq->jpr", gradient, grid.weights, gradient)
    mean[own], p_value[own] = _scaled_chi_square(form @ differences.covariance[own], distance[own])
    unknown = differences.status != DriftStatus.OK
    for values in (error, mean, p_value):
        values[unknown] = np.nan
    return CurveDistance(
        nodes=grid.nodes,
        target_score=target,
        linked_score=linked,
        difference_se=error,
        rmsd=np.sqrt(distance),
        signed=(target - linked) @ grid.weights,
        expected_rmsd=np.sqrt(mean),
        p_value=p_value,
        status=differences.status.copy(),
    )


def _scaled_chi_square(form: FloatArray, distance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means (n,) of the quadratic forms with KC = form (n, P, P), and p-values of distance (n,)."""
    mean = np.einsum("jpp->j", form)
    half_variance = np.einsum("jpr,jrp->j", form, form)
    with np.errstate(divide="ignore", invalid="ignore"):  # without standard errors both are 0
        scale = half_variance / mean
        return mean, np.asarray(chdtrc(mean / scale, distance / scale))
