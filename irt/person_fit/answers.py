"""Sums over each person's answers, a chunk of persons at a time, and what may be asked of them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.estimation.answers import answers
from irt.models.derivatives import ThetaDerivatives, theta_derivatives
from irt.models.parameters import ItemParameters, ParameterError
from irt.responses import ResponseError, Responses

# What bounds the memory: so many answers would be expanded at a time if all items were answered.
_PAIRS_PER_CHUNK = 1 << 22

# From the curves of n answers, each (n, K, 1), and their scores (n,): T terms (n, 1).
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

    def counted(items: ItemParameters, at: FloatArray, score: IntArray) -> list[FloatArray]:
        return [np.ones_like(at), *terms(theta_derivatives(items, at), score)]

    usable = np.where(np.isfinite(theta), theta, 0.0)
    sums = np.empty((1 + n_terms, len(theta)))
    n_persons = 1 + _PAIRS_PER_CHUNK // (1 + parameters.n_items)
    for number, chunk in enumerate(responses.chunks(n_persons)):
        persons = slice(number * n_persons, number * n_persons + chunk.n_persons)
        sums[:, persons] = answers(chunk, parameters).add_up(usable[persons], counted, 1 + n_terms)
    return sums


def check_theta(responses: Responses, parameters: ItemParameters, theta: ArrayLike) -> FloatArray:
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
