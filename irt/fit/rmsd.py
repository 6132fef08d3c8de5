"""RMSD of items: how far pseudo-observed proportions are from the curves, over ability.

As in PISA (Oliveri & von Davier 2011; Köhler, Robitzsch & Hartig 2020). It works by the posterior,
so that responses may be missing by design and sessions adaptive.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.fit.expected_counts import ExpectedCounts, expected_counts
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FitStatus
from irt.responses import Responses

# Thirteen bands, each centred on a multiple of 0.6 and with three of the default nodes in it.
BAND_EDGES = np.linspace(-3.3, 3.3, 12)
MIN_PERSONS = 5.0


@dataclass(frozen=True, eq=False)
class EmpiricalPoints:
    """What was observed in B bands of ability, to be drawn over the curves.

    theta (J, B) mean ability and persons (J, B) expected persons of those who answered the item,
    effective_persons (J, B) of whom as much would be known (Kish 1965); offsets (J + 1,) where each
    item's categories start among the C stacked ones. proportion, lower and upper (C, B) are
    pseudo-observed with their interval, expected (C, B) is the model's for the same persons. shown
    (J, B) tells the bands with enough persons; elsewhere all are NaN.
    """

    theta: FloatArray
    persons: FloatArray
    effective_persons: FloatArray
    proportion: FloatArray
    lower: FloatArray
    upper: FloatArray
    expected: FloatArray
    shown: BoolArray
    offsets: IntArray


@dataclass(frozen=True, eq=False)
class Rmsd:
    """RMSD of J items, NaN where status (J,) is not "ok".

    rmsd            (J,) root of the mean over categories of the squared category RMSDs, for a
                    dichotomous item the RMSD of its curve
    corrected       (J,) less what sampling alone adds to it (Robitzsch 2022); 0 where that is more
    mean_deviation  (J,) of the expected item score as a share of the highest, observed minus model
    by_category     (C,) RMSD of each stacked category
    n_responses     (J,)
    """

    rmsd: FloatArray
    corrected: FloatArray
    mean_deviation: FloatArray
    by_category: FloatArray
    n_responses: IntArray
    status: NDArray[np.str_]
    points: EmpiricalPoints


def rmsd(
    responses: Responses,
    model: Fitted,
    *,
    band_edges: FloatArray = BAND_EDGES,
    min_persons: float = MIN_PERSONS,
    level: float = 0.95,
) -> Rmsd:
    """RMSD of each item, and empirical points in the bands between `band_edges` (ascending).

    Deviations are weighted by the posterior distribution of those who answered the item. Bands
    where fewer than `min_persons` are expected show no point. The intervals take the item
    parameters as known: where they were estimated from the same responses, they are too wide.
    Raises `FitError` where responses and model do not fit together.
    """
    model.check(responses)
    bands = np.eye(len(band_edges) + 1)[np.digitize(model.nodes, band_edges)]
    at_nodes, in_bands = expected_counts(responses, model, bands)
    curves = np.exp(model.log_probabilities(responses))
    first = responses.offsets[:-1]
    n = at_nodes.persons.sum(axis=1)
    share = np.divide(
        at_nodes.persons, n[:, None], out=np.zeros_like(at_nodes.persons), where=n[:, None] > 0
    )
    weights = at_nodes.of_categories(share)
    deviation = at_nodes.proportions - curves
    squared = (weights * deviation**2).sum(axis=1)
    noise = (weights * _binomial_variance(curves, at_nodes)).sum(axis=1)
    scores = np.arange(len(curves)) - np.repeat(first, responses.n_categories)
    drift = np.add.reduceat((weights * deviation).sum(axis=1) * scores, first)
    status = _status(model, n)
    failed = status != FitStatus.OK

    def of_items(values: FloatArray) -> FloatArray:
        mean = np.add.reduceat(values, first) / responses.n_categories
        return np.where(failed, np.nan, mean)

    by_category = np.where(np.repeat(failed, responses.n_categories), np.nan, np.sqrt(squared))
    return Rmsd(
        rmsd=np.sqrt(of_items(squared)),
        corrected=np.sqrt(np.maximum(of_items(squared - noise), 0.0)),
        mean_deviation=np.where(failed, np.nan, drift / (responses.n_categories - 1)),
        by_category=by_category,
        n_responses=np.rint(n).astype(np.int64),
        status=status,
        points=_points(model, curves, at_nodes, in_bands, bands, min_persons, level),
    )


def _status(model: Fitted, n_responses: FloatArray) -> NDArray[np.str_]:
    status = np.full(len(n_responses), FitStatus.OK.value, dtype="U21")
    status[n_responses < 0.5] = FitStatus.NO_RESPONSES
    status[~model.has_parameters] = FitStatus.NO_PARAMETERS
    return status


def _binomial_variance(curves: FloatArray, counts: ExpectedCounts) -> FloatArray:
    """(C, Q) sampling variance of the proportions where the curves hold."""
    effective = counts.of_categories(counts.effective_persons)
    variance = curves * (1.0 - curves)
    return np.divide(variance, effective, out=np.zeros_like(variance), where=effective > 0)


def _points(
    model: Fitted,
    curves: FloatArray,
    at_nodes: ExpectedCounts,
    in_bands: ExpectedCounts,
    bands: FloatArray,
    min_persons: float,
    level: float,
) -> EmpiricalPoints:
    shown = (in_bands.persons >= min_persons) & model.has_parameters[:, None]
    of_category = np.repeat(shown, np.diff(in_bands.offsets), axis=0)
    persons = np.where(shown, in_bands.persons, np.nan)
    expected = (at_nodes.of_categories(at_nodes.persons) * curves) @ bands
    lower, upper = _wilson_interval(
        in_bands.proportions, in_bands.of_categories(in_bands.effective_persons), level
    )
    return EmpiricalPoints(
        theta=(at_nodes.persons * model.nodes) @ bands / persons,
        persons=persons,
        effective_persons=np.where(shown, in_bands.effective_persons, np.nan),
        proportion=np.where(of_category, in_bands.proportions, np.nan),
        lower=np.where(of_category, lower, np.nan),
        upper=np.where(of_category, upper, np.nan),
        expected=expected / in_bands.of_categories(persons),
        shown=shown,
        offsets=in_bands.offsets,
    )


def _wilson_interval(
    proportion: FloatArray, n: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Wilson (1927): all proportions from which this one is not far; 0 to 1 where n is 0."""
    z = ndtri(0.5 + 0.5 * level)
    center = (proportion * n + 0.5 * z * z) / (n + z * z)
    half = z * np.sqrt(proportion * (1.0 - proportion) * n + 0.25 * z * z) / (n + z * z)
    return center - half, center + half
