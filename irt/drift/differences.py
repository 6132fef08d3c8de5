"""Item parameters on the target scale minus linked ones, with their sampling covariances."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from irt.arrays import FloatArray
from irt.linking.change_of_scale import derivatives_by_link, scale_factors
from irt.linking.common_items import CommonItems
from irt.linking.item_covariance import ItemCovariance, Uncertainty
from irt.linking.link import EstimatedLink, Link
from irt.models.parameter_derivatives import parameter_columns
from irt.models.parameters import ItemParameters


class DriftStatus(StrEnum):
    """Whether a statistic of drift could be computed for an item."""

    OK = "ok"
    NOT_COMPARABLE = "not estimated alike on both scales"
    NO_ERRORS = "no standard errors"
    SINGULAR = "singular covariance"
    NO_SPREAD = "no spread among the items"


@dataclass(frozen=True, eq=False)
class Differences:
    """value (J, P) target minus linked source, covariance (J, P, P), status (J,) `DriftStatus`.

    Columns as in `parameter_derivatives`; 0 where an item has no such parameter or cannot be
    compared.
    """

    value: FloatArray
    covariance: FloatArray
    status: NDArray[np.str_]


def parameter_differences(
    items: CommonItems, link: Link, target: Uncertainty = None, source: Uncertainty = None
) -> Differences:
    """Of J common items; `target` and `source` refer to them, None takes a side as known.

    An `EstimatedLink` brings the uncertainty of the link, correlated with the items as it is (delta
    method, Ogasawara 2001); another one counts as known.
    """
    width = items.target.difficulty.shape[1] + 3
    linked = link.parameters(items.source)
    value = np.nan_to_num(_columns(items.target) - _columns(linked))
    covariance = np.zeros((items.target.n_items, width, width))
    undetermined = np.zeros(items.target.n_items, dtype=bool)
    by_link = derivatives_by_link(link, items.source)
    gradients = (
        (link.target_gradient, link.source_gradient)
        if isinstance(link, EstimatedLink)
        else np.zeros((2, 2, items.target.n_items, width))
    )
    for uncertainty, own_factors, gradient in (
        (target, np.ones(width), gradients[0]),
        (source, -scale_factors(link, width), gradients[1]),
    ):
        own = ItemCovariance.of(uncertainty, items.target.model, width - 3)
        undetermined |= own.undetermined
        covariance += own_factors[:, None] * own.blocks() * own_factors
        shared = np.einsum("xjp,xjr->jpr", by_link, own.along(gradient) * own_factors)
        covariance -= shared + shared.transpose(0, 2, 1)
        covariance += np.einsum("xjp,xy,yjr->jpr", by_link, own.quadratic(gradient), by_link)
    status = np.full(items.target.n_items, DriftStatus.OK.value, dtype="U34")
    status[(np.einsum("jpp->jp", covariance) <= 0).all(axis=1)] = DriftStatus.NO_ERRORS
    status[undetermined] = DriftStatus.NO_ERRORS
    status[~items.comparable] = DriftStatus.NOT_COMPARABLE
    value[~items.comparable] = 0.0
    return Differences(value, covariance, status)


def _columns(parameters: ItemParameters) -> FloatArray:
    return parameter_columns(
        parameters.discrimination,
        parameters.difficulty,
        parameters.lower_asymptote,
        parameters.upper_asymptote,
    )
