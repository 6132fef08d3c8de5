"""Sums over each person's answers of terms that depend on item, score and the person's theta.

The curves are evaluated for the answered (person, item) pairs alone, a slice of pairs at a time,
so that neither time nor memory grows with the items that nobody saw.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.derivatives import ThetaDerivatives, theta_derivatives
from scoring.irt.parameters import ItemParameters, ParameterError
from scoring.irt.responses import ResponseError, Responses

_PERSONS_PER_CHUNK = 8192
# Arrays of this many pairs stay in the processor's cache.
_PAIRS_PER_SLICE = 1 << 13

# From the curves of n pairs, each (n, K, 1), and their scores (n,): T terms (n,).
Terms = Callable[[ThetaDerivatives, IntArray], Sequence[FloatArray]]


def sum_over_answers(
    responses: Responses,
    parameters: ItemParameters,
    theta: FloatArray,
    terms: Terms,
    n_terms: int,
) -> FloatArray:
    """(1 + T, N) the number of answers of each person and the sums of the T terms over them.

    theta (N,); where it is not finite the terms are taken at 0.
    """
    at = np.where(np.isfinite(theta), theta, 0.0)
    parts = [
        _sums(chunk, parameters, at[first : first + _PERSONS_PER_CHUNK], terms, n_terms)
        for first, chunk in zip(
            range(0, responses.n_persons, _PERSONS_PER_CHUNK),
            responses.chunks(_PERSONS_PER_CHUNK),
            strict=True,
        )
    ]
    return np.concatenate([np.zeros((1 + n_terms, 0)), *parts], axis=1)


def _sums(
    responses: Responses,
    parameters: ItemParameters,
    theta: FloatArray,
    terms: Terms,
    n_terms: int,
) -> FloatArray:
    person, item, score = responses.long()
    totals = np.zeros((1 + n_terms, len(theta)))
    totals[0] = np.bincount(person, minlength=len(theta))
    for start in range(0, len(person), _PAIRS_PER_SLICE):
        pairs = slice(start, start + _PAIRS_PER_SLICE)
        own = person[pairs]
        first, last = int(own[0]), int(own[-1]) + 1
        curves = theta_derivatives(parameters.take(item[pairs]), theta[own, None])
        values = terms(curves, score[pairs])
        for total, value in zip(totals[1:], values, strict=True):
            total[first:last] += np.bincount(own - first, value, minlength=last - first)
    return totals


def over_categories(terms: FloatArray) -> FloatArray:
    """(n,) sums of (n, K); K is small, and NumPy's own sum over a short axis slow."""
    total = terms[:, 0].copy()
    for category in range(1, terms.shape[1]):
        total += terms[:, category]
    return total


def checked_theta(responses: Responses, parameters: ItemParameters, theta: ArrayLike) -> FloatArray:
    """theta (N,) as an array that fits the responses, with parameters that can be used.

    Raises `ResponseError` where responses, parameters and theta differ in items, categories or
    persons, and `ParameterError` for an item with a parameter that is not finite.
    """
    at = np.asarray(theta, dtype=float)
    if not np.array_equal(responses.n_categories, parameters.n_categories):
        raise ResponseError("responses and parameters differ in items or categories")
    if at.shape != (responses.n_persons,):
        raise ResponseError(
            f"theta has shape {at.shape}, but there are {responses.n_persons} persons: "
            "give one ability a person"
        )
    check_finite(parameters)
    return at


def check_finite(parameters: ItemParameters) -> None:
    """Raise `ParameterError` for the first item with a slope or asymptote that is not finite."""
    total = parameters.discrimination + parameters.lower_asymptote + parameters.upper_asymptote
    for item in np.flatnonzero(~np.isfinite(total)).tolist():
        raise ParameterError(item, "every parameter must be a finite number")
