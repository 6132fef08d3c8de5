"""DIF by likelihood ratios in the multiple-group model (Thissen, Steinberg & Wainer 1993)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from irt.arrays import BoolArray, FloatArray
from irt.dif.multiple_group import GroupedData, GroupFit, fit_groups, score_differences
from irt.dif.purification import Purified, purify
from irt.dif.result import DifStatus, anchor_items, group_members, testable_status, usable_anchors
from irt.models.parameters import ItemParameters, concatenate
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class LikelihoodRatio:
    """All groups compared at once; (J,) unless said, NaN with a reason in `status`.

    chi_square, df, p_value   twice the gain in log-likelihood by parameters free in each group
    signed, unsigned          (G - 1, J) difference in expected score (`score_differences`)
    parameters                G sets of J items: the estimates in each group with the item free
    status                    `DifStatus`
    group_mean, group_variance (G,)   of ability, with the anchors alike
    """

    chi_square: FloatArray
    df: FloatArray
    p_value: FloatArray
    signed: FloatArray
    unsigned: FloatArray
    parameters: tuple[ItemParameters, ...]
    status: NDArray[np.str_]
    group_mean: FloatArray
    group_variance: FloatArray


def likelihood_ratio(
    responses: Responses,
    models: Sequence[str],
    group: ArrayLike,
    *,
    anchors: ArrayLike | None = None,
    tested: ArrayLike | None = None,
    max_rounds: int = 10,
    alpha: float = 0.05,
    nodes: FloatArray | None = None,
) -> Purified[LikelihoodRatio]:
    """Free each item of `tested` (J,) in turn; all items by default.

    The other anchors, at first all, hold the groups together; items with DIF at level alpha are
    free in each group from then on, until the anchors stay the same. One fit a tested item and
    round. Where priors hold parameters (3PL, 4PL), the ratio is that of the likelihoods at the
    posterior modes and runs below its nominal level.

    Raises `DifError` where groups or anchors leave nothing to compare, `ResponseError` where
    nothing can be calibrated.
    """
    data = GroupedData(responses, models, *group_members(group, responses.n_persons))
    anchor = anchor_items(anchors, responses.n_items)
    wanted = np.ones(responses.n_items, bool) if tested is None else np.asarray(tested, bool)
    return purify(
        lambda anchor: _test(data, anchor, wanted, nodes),
        lambda result: result.p_value < alpha,
        lambda result: result.chi_square / result.df,
        usable_anchors(anchor, testable_status(data.counts())),
        max_rounds,
    )


def _test(
    data: GroupedData, anchor: BoolArray, wanted: BoolArray, given: FloatArray | None
) -> LikelihoodRatio:
    status = testable_status(data.counts())
    held = anchor.sum() > anchor  # an item cannot be its own only anchor
    status[(status == DifStatus.OK) & ~(wanted & held)] = DifStatus.NOT_TESTED
    base = fit_groups(data, ~anchor, nodes=given)
    nodes = base.calibration.nodes  # likelihoods are compared on the same ones
    chi_square, df = np.full((2, len(anchor)), np.nan)
    free = [base] * len(anchor)
    for item in np.flatnonzero(status == DifStatus.OK).tolist():
        freed = ~anchor
        freed[item] = anchor[item]
        other = fit_groups(data, freed, start=base, nodes=nodes)
        free[item], alike = (other, base) if anchor[item] else (base, other)
        status[item] = _soundness(item, free[item], alike)
        if status[item] == DifStatus.OK:
            gain = free[item].calibration.log_likelihood - alike.calibration.log_likelihood
            chi_square[item] = max(2.0 * gain, 0.0)
            df[item] = free[item].calibration.n_parameters - alike.calibration.n_parameters
    parameters = tuple(
        concatenate([fit.parameters(group).take([item]) for item, fit in enumerate(free)])
        for group in range(data.n_groups)
    )
    calibration = base.calibration
    moments = calibration.group_mean, calibration.group_variance
    signed, unsigned = score_differences(parameters, *moments, nodes)
    p_value = chdtrc(df, chi_square)
    return LikelihoodRatio(chi_square, df, p_value, signed, unsigned, parameters, status, *moments)


def _soundness(item: int, free: GroupFit, alike: GroupFit) -> DifStatus:
    if not (free.usable[item] and alike.usable[item]):
        return DifStatus.UNDETERMINED
    if not (free.calibration.converged and alike.calibration.converged):
        return DifStatus.NOT_CONVERGED
    return DifStatus.OK
