"""Expected numbers of persons in each category at each ability, and how much they are worth.

A person counts at every node, by the posterior. So it works whatever items were answered, adaptive
tests included; where the model holds, the share of a category at a node is its curve there.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FittedModel
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class ExpectedCounts:
    """Sums of posterior weights over persons in B places, which are nodes or bands of nodes.

    counts   (C, B) by stacked category
    squares  (C, B) of the squared weights
    offsets  (J + 1,) where each item's categories start
    """

    counts: FloatArray
    squares: FloatArray
    offsets: IntArray

    @cached_property
    def persons(self) -> FloatArray:
        """(J, B) expected persons among those who answered the item."""
        return np.asarray(np.add.reduceat(self.counts, self.offsets[:-1], axis=0))

    @cached_property
    def effective_persons(self) -> FloatArray:
        """(J, B) persons of whom as much is known as of these (Kish 1965); 0 where there are none.

        (sum p)^2 / sum p^2 of the posterior weights p.
        """
        squares = np.add.reduceat(self.squares, self.offsets[:-1], axis=0)
        return np.divide(self.persons**2, squares, out=np.zeros_like(squares), where=squares > 0)

    @cached_property
    def proportions(self) -> FloatArray:
        """(C, B) pseudo-observed proportions of the categories; 0 where nobody is expected."""
        persons = self.of_categories(self.persons)
        return np.divide(self.counts, persons, out=np.zeros_like(persons), where=persons > 0)

    def of_categories(self, values: FloatArray) -> FloatArray:
        """(C, B) the values (J, B) of the items that the categories belong to."""
        return np.repeat(values, np.diff(self.offsets), axis=0)


def expected_counts(
    responses: Responses, model: Fitted, bands: FloatArray
) -> tuple[ExpectedCounts, ExpectedCounts]:
    """At the nodes, and in bands of them: bands (Q, B) is 1 where a node belongs to a band.

    Each person counts by the posterior that follows from the distribution of the own group.
    """
    parts = [_sums(own, of_group, bands) for own, of_group in model.parts(responses)]
    # Category 0 of complete items is what the others leave, which rounding can put below 0.
    at_nodes = np.maximum(np.sum([counts for counts, _ in parts], axis=0), 0.0)
    squares = np.maximum(np.sum([squares for _, squares in parts], axis=0), 0.0)
    n_nodes = len(model.nodes)
    return (
        ExpectedCounts(at_nodes, squares[:, :n_nodes], responses.offsets),
        ExpectedCounts(at_nodes @ bands, squares[:, n_nodes:], responses.offsets),
    )


def _sums(
    responses: Responses, model: FittedModel, bands: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(C, Q) posterior weights of one group at the nodes, (C, Q + B) squared there and in bands."""
    n_nodes, n_design = len(model.nodes), responses.basis.shape[0]
    counts = np.zeros((n_design, n_nodes))
    squares = np.zeros((n_design, sum(bands.shape)))
    shared_counts, shared_squares = np.zeros(n_nodes), np.zeros(sum(bands.shape))
    for block, posterior in model.posteriors(responses):
        squared = np.concatenate([posterior, posterior @ bands], axis=1) ** 2
        counts += block.T @ posterior
        squares += block.T @ squared
        shared_counts += posterior.sum(axis=0)
        shared_squares += squared.sum(axis=0)
    return (
        responses.basis.T @ counts + responses.constant[:, None] * shared_counts,
        responses.basis.T @ squares + responses.constant[:, None] * shared_squares,
    )
