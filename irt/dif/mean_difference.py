"""Mean scores of matched groups: Mantel's statistic and the standardized mean difference."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class MeanDifference:
    """Each (J,), the focal group less the reference.

    excess, variance   Mantel (1963): sum over strata of F - E(F), F the sum of focal scores, and
                       its hypergeometric variance; their ratio excess^2 / variance is chi-square
                       with 1 df. For dichotomous items the one of Mantel & Haenszel (1959)
    smd, smd_se        Dorans & Schmitt (1991): difference of means, weighted by the focal group's
                       share in each stratum; error of Zwick & Thayer (1996), hypergeometric
    sd                 standard deviation of the item's scores in both groups together
    """

    excess: FloatArray
    variance: FloatArray
    smd: FloatArray
    smd_se: FloatArray
    sd: FloatArray


def mean_difference(counts: FloatArray) -> MeanDifference:
    """From counts (J, S, 2, K), the reference first, in which strata hold both groups or nobody."""
    scores = np.arange(counts.shape[3], dtype=float)
    reference, focal = np.moveaxis(counts.sum(axis=3), 2, 0)
    reference_sum, focal_sum = np.moveaxis(counts @ scores, 2, 0)
    total = np.maximum(reference + focal, 1.0)
    both = counts.sum(axis=2)
    first, second = both @ scores, both @ scores**2
    # Sampling without replacement; one person alone in a stratum has no variance.
    spread = (total * second - first**2) / (total**2 * np.maximum(total - 1.0, 1.0))
    variance = reference * focal * spread
    weight = focal / np.maximum(focal.sum(axis=1, keepdims=True), 1.0)
    difference = focal_sum / np.maximum(focal, 1.0) - reference_sum / np.maximum(reference, 1.0)
    inverse_sizes = 1.0 / np.maximum(focal, 1.0) + 1.0 / np.maximum(reference, 1.0)
    n = np.maximum(total_responses(counts), 1.0)
    mean = first.sum(axis=1) / n
    return MeanDifference(
        excess=(focal_sum - focal * first / total).sum(axis=1),
        variance=variance.sum(axis=1),
        smd=(weight * difference).sum(axis=1),
        smd_se=np.sqrt(((weight * inverse_sizes) ** 2 * variance).sum(axis=1)),
        sd=np.sqrt(np.maximum(second.sum(axis=1) / n - mean**2, 0.0)),
    )


def total_responses(counts: FloatArray) -> FloatArray:
    """(J,) responses in counts (J, ...)."""
    return np.asarray(counts.reshape(len(counts), -1).sum(axis=1))
