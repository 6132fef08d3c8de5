"""Sums over each person's answers of the terms that likelihood equations are made of.

On a grid they are matrix products, as in the E-step. At each person's own theta the curves are
evaluated for the answered (person, item) pairs only, a slice of pairs at a time, so that neither
time nor memory grows with the items that nobody saw.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.curves import log_category_probabilities
from irt.models.derivatives import ThetaDerivatives, theta_derivatives
from irt.models.information import item_information
from irt.models.parameters import ItemParameters
from irt.responses import Responses

_PAIRS_PER_SLICE = 1 << 15

# From the items of n answers, theta (n, 1) and scores (n,): terms (n, 1).
Terms = Callable[[ItemParameters, FloatArray, IntArray], Sequence[FloatArray]]


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the items that a person answered, (N, Q) on a grid or (N,) at an own theta.

    score        l', the derivative of the log-likelihood
    information  I, expected
    warm_j       J of Warm (1989)
    """

    score: FloatArray
    information: FloatArray
    warm_j: FloatArray


@dataclass(frozen=True, eq=False)
class Answers:
    """The responses of N persons as (person, item, score), each (R,) and ordered by person."""

    parameters: ItemParameters
    n_persons: int
    person: IntArray
    item: IntArray
    score: IntArray

    def take(self, persons: IntArray) -> "Answers":
        """The persons at `persons`, ascending and distinct."""
        if len(persons) == self.n_persons:
            return self
        place = np.full(self.n_persons, -1)
        place[persons] = np.arange(len(persons))
        kept = place[self.person] >= 0
        return Answers(
            self.parameters,
            len(persons),
            place[self.person[kept]],
            self.item[kept],
            self.score[kept],
        )

    def sums(self, theta: FloatArray) -> Sums:
        """At each person's theta (N,)."""

        def terms(items: ItemParameters, at: FloatArray, score: IntArray) -> list[FloatArray]:
            derivatives = theta_derivatives(items, at)
            observed = derivatives.score[np.arange(len(score)), score]
            return [observed, derivatives.information, derivatives.warm_j]

        return Sums(*self.add_up(theta, terms, 3))

    def information(self, theta: FloatArray) -> FloatArray:
        """(N,) expected information at each person's theta (N,)."""

        def terms(items: ItemParameters, at: FloatArray, score: IntArray) -> list[FloatArray]:
            return [item_information(items, at)]

        return np.asarray(self.add_up(theta, terms, 1)[0])

    def observed_information(self, theta: FloatArray) -> FloatArray:
        """(N,) -l'' at each person's theta (N,)."""

        def terms(items: ItemParameters, at: FloatArray, score: IntArray) -> list[FloatArray]:
            return [-theta_derivatives(items, at).curvature[np.arange(len(score)), score]]

        return np.asarray(self.add_up(theta, terms, 1)[0])

    def log_likelihood(self, nodes: FloatArray) -> FloatArray:
        """(N, Q) at each person's own nodes (N, Q); 0 for persons without answers."""
        if not self.item.size:
            return np.zeros(nodes.shape)
        curves = log_category_probabilities(self.parameters.take(self.item), nodes[self.person])
        return self.sum_up(curves[np.arange(len(self.score)), self.score])

    def sum_up(self, terms: FloatArray) -> FloatArray:
        """(N, Q) sums over each person's answers of terms (R, Q)."""
        total = np.zeros((self.n_persons, terms.shape[1]))
        if self.item.size:
            first = np.flatnonzero(np.diff(self.person, prepend=-1))
            total[self.person[first]] = np.add.reduceat(terms, first, axis=0)
        return total

    def add_up(self, theta: FloatArray, terms: Terms, n_terms: int) -> FloatArray:
        """(n_terms, N) sums over each person's answers of terms at each person's theta (N,)."""
        totals = np.zeros((n_terms, self.n_persons))
        for start in range(0, len(self.item), _PAIRS_PER_SLICE):
            pairs = slice(start, start + _PAIRS_PER_SLICE)
            person = self.person[pairs]
            first, last = int(person[0]), int(person[-1]) + 1
            items = self.parameters.take(self.item[pairs])
            for total, term in zip(
                totals, terms(items, theta[person, None], self.score[pairs]), strict=True
            ):
                total[first:last] += np.bincount(person - first, term[:, 0], last - first)
        return totals


def answers(responses: Responses, parameters: ItemParameters) -> Answers:
    """The answers of all persons of `responses`."""
    return Answers(parameters, responses.n_persons, *responses.long())


def answer_counts(responses: Responses) -> IntArray:
    """(N,) how many items each person answered."""
    one = np.ones((int(responses.n_categories.sum()), 1))
    parts = [counts[:, 0] for _, counts in responses.log_likelihoods(one)]
    return np.rint(np.concatenate(parts)).astype(np.int64)


def sums_on_grid(
    responses: Responses, parameters: ItemParameters, nodes: FloatArray
) -> Iterator[tuple[FloatArray, Sums]]:
    """log-likelihood (n, Q) and sums (n, Q) at the nodes (Q,), a block of persons at a time."""
    rows = _stack(theta_derivatives(parameters, nodes))
    for _, block in responses.log_likelihoods(rows):
        log_likelihood, *terms = np.split(block, 4, axis=1)
        yield log_likelihood, Sums(*terms)


def _stack(derivatives: ThetaDerivatives) -> FloatArray:
    """(C, 4 Q) log P, score, information and J of the existing categories of all items."""
    shape = derivatives.score.shape
    exists = np.arange(shape[1]) < derivatives.parameters.n_categories[:, None]
    tables = (
        derivatives.log_probability,
        derivatives.score,
        np.broadcast_to(derivatives.information[:, None], shape),
        np.broadcast_to(derivatives.warm_j[:, None], shape),
    )
    return np.concatenate([table[exists] for table in tables], axis=1)
