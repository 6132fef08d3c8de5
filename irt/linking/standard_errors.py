"""Standard errors of a link, and of what it links, by the delta method (Ogasawara 2000, 2001).

The two calibrations are independent of each other. Uncertainty of parameters comes as the
`Covariance` of a calibration, or as standard errors alone, whose covariances then count as 0.
"""

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray
from irt.calibration.result import Covariance, StandardErrors
from irt.linking.change_of_scale import derivatives_by_link, scale_factors
from irt.linking.common_items import LinkingError
from irt.linking.item_covariance import ItemCovariance, Uncertainty
from irt.linking.link import EstimatedLink
from irt.models.parameters import ItemParameters


def link_covariance(
    link: EstimatedLink,
    model: np.ndarray,
    target: Uncertainty = None,
    source: Uncertainty = None,
) -> FloatArray:
    """(2, 2) sampling covariance of slope and intercept.

    sum over both sides of G C G', G the gradient of the link, C the covariance of the J common
    items, to which model (J,), `target` and `source` refer. None takes a side as known.

    Raises `LinkingError` when an item that links has a parameter without a finite variance.
    """
    result = np.zeros((2, 2))
    for uncertainty, gradient in (
        (target, link.target_gradient),
        (source, link.source_gradient),
    ):
        own = ItemCovariance.of(uncertainty, model, gradient.shape[2] - 3)
        for item in np.flatnonzero(own.undetermined & link.used).tolist():
            raise LinkingError(
                f"common item {item} has a parameter without a finite standard error; leave it "
                f"out of the link"
            )
        result += own.quadratic(gradient)
    return result


def linked_standard_errors(
    link: EstimatedLink,
    parameters: ItemParameters,
    errors: Covariance | StandardErrors,
    *,
    common: ArrayLike | None = None,
    target: Uncertainty = None,
) -> StandardErrors:
    """Errors of the source's items on the target scale, with those of the link itself.

    parameters and `errors` are those of all J' items of the source; common (J,) says which of them
    linked, default all in this order; `target` is the uncertainty of the J common items there. The
    link and the items come from the same responses: their covariance counts. NaN where a parameter
    was not estimated.
    """
    places = np.arange(parameters.n_items) if common is None else np.asarray(common)
    n_steps = parameters.difficulty.shape[1]
    gradient = np.zeros((2, parameters.n_items, n_steps + 3))
    gradient[:, places] = _fit_to_width(link.source_gradient, n_steps)
    own = ItemCovariance.of(errors, parameters.model, n_steps)
    by_link = derivatives_by_link(link, parameters)
    factors = scale_factors(link, n_steps + 3)
    model = parameters.model[places]
    known = ItemCovariance.of(target, model, link.target_gradient.shape[2] - 3)
    of_link = own.quadratic(gradient) + known.quadratic(link.target_gradient)
    variance = np.einsum("jpp->jp", own.blocks()) * factors**2
    variance += 2 * factors * np.einsum("xjp,xjp->jp", by_link, own.along(gradient))
    variance += np.einsum("xjp,xy,yjp->jp", by_link, of_link, by_link)
    estimated = (own.index < len(own.matrix) - 1) & ~own.undetermined[:, None]
    linked = np.where(estimated, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    return StandardErrors(linked[:, 0], linked[:, 1:-2], linked[:, -2], linked[:, -1])


def _fit_to_width(gradient: FloatArray, n_steps: int) -> FloatArray:
    """(2, J, P) with M = n_steps; steps beyond those of the common items have gradient 0."""
    missing = n_steps + 3 - gradient.shape[2]
    steps = gradient[:, :, 1:-2]
    widened = np.pad(steps, ((0, 0), (0, 0), (0, max(missing, 0))))[:, :, :n_steps]
    return np.concatenate([gradient[:, :, :1], widened, gradient[:, :, -2:]], axis=2)
