"""The model whose fit to responses is judged: items, ability, and what of them was estimated."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.calibration.expectation import posterior_weights
from irt.models.information import item_information
from irt.models.parameters import ItemParameters
from irt.quadrature import MOST_NODES, Grid, covering_nodes, normal_weights
from irt.responses import Block, Responses, stacked_log_probabilities

# Nodes are so many SDs of the narrowest posterior apart at most.
_WIDEST_STEP = 1.5


class FitError(ValueError):
    """Nothing can be said about the fit; the message says why and how to mend it."""


class FitStatus(StrEnum):
    """What became of the statistic of an item or a pair; it is NaN where this is not `OK`."""

    OK = "ok"
    NO_PARAMETERS = "no parameters"
    NO_RESPONSES = "no responses"
    TOO_FEW_PERSONS = "too few persons"
    NO_DEGREES_OF_FREEDOM = "no degrees of freedom"
    NO_VARIANCE = "no variance"
    SAME_ITEM = "same item"


@dataclass(frozen=True, eq=False)
class FittedModel:
    """J items in one group whose ability is N(mean, variance).

    nodes      (Q,) equally spaced points on which ability is integrated
    estimated  (J,) items whose parameters were estimated from the responses at hand
    free_mean, free_variance  whether these moments were, too

    What was estimated costs degrees of freedom. Items without finite parameters are left out of
    everything.
    """

    parameters: ItemParameters
    mean: float
    variance: float
    nodes: FloatArray
    estimated: BoolArray
    free_mean: bool = False
    free_variance: bool = False

    @cached_property
    def ability(self) -> Grid:
        """The distribution of ability on the nodes."""
        return Grid(self.nodes, normal_weights(self.nodes, self.mean, self.variance**0.5))

    @cached_property
    def has_parameters(self) -> BoolArray:
        """(J,)."""
        known = np.isfinite(self.parameters.discrimination)
        return np.asarray(known & np.isfinite(self.parameters.difficulty[:, 0]))

    @property
    def n_free_moments(self) -> int:
        return int(self.free_mean) + int(self.free_variance)

    def parts(self, responses: Responses) -> Iterator[tuple[Responses, "FittedModel"]]:
        """The persons of each group with the model of their group: of one, all with this one."""
        yield responses, self

    def check(self, responses: Responses) -> None:
        """Raise `FitError` where responses and parameters do not fit together."""
        if responses.n_items != self.parameters.n_items:
            raise FitError(
                f"{responses.n_items} items in the responses, but parameters of "
                f"{self.parameters.n_items}"
            )
        if responses.n_persons == 0:
            raise FitError("there are no persons, so nothing can be said about the fit")
        own, theirs = self.parameters.n_categories, responses.n_categories
        for item in np.flatnonzero(self.has_parameters & (own != theirs)).tolist():
            raise FitError(
                f"item {item}: {own[item]} categories in its parameters, but {theirs[item]} in the "
                "responses; state the categories when the responses are built"
            )

    def log_probabilities(self, responses: Responses) -> FloatArray:
        """(C, Q) of the stacked categories at the nodes; 0 for items without parameters."""
        rows = np.zeros((int(responses.n_categories.sum()), len(self.nodes)))
        known = np.repeat(self.has_parameters, responses.n_categories)
        items = self.parameters.take(np.flatnonzero(self.has_parameters))
        rows[known] = stacked_log_probabilities(items, self.nodes)
        return rows

    def posteriors(self, responses: Responses) -> Iterator[tuple[Block, FloatArray]]:
        """Each block of the design with its persons' (n, Q) posterior on the nodes."""
        log_weights = self.ability.log_weights
        for block, log_joint in responses.log_likelihoods(self.log_probabilities(responses)):
            log_joint += log_weights
            yield block, posterior_weights(log_joint)[0]

    def eap(self, responses: Responses) -> FloatArray:
        """(N,) expected a posteriori ability of each person (Bock & Mislevy 1982, eq. 4)."""
        return np.concatenate(
            [posterior @ self.nodes for _, posterior in self.posteriors(responses)]
        )


def fitted_model(
    parameters: ItemParameters,
    *,
    mean: float = 0.0,
    variance: float = 1.0,
    nodes: FloatArray | None = None,
    estimated: BoolArray | None = None,
    free_mean: bool = False,
    free_variance: bool = False,
) -> FittedModel:
    """The model of `parameters` (J items) in a group with ability N(mean, variance).

    nodes default to 61 over -6..6, or to as many and as far out as the group and the information
    of the items ask for (`integration_nodes`). `estimated` (J,) defaults to all items: parameters
    that come from elsewhere, such as a bank's, are not estimated from the responses whose fit is
    judged.
    """
    return FittedModel(
        parameters,
        float(mean),
        float(variance),
        integration_nodes(parameters, mean, variance**0.5) if nodes is None else nodes,
        np.ones(parameters.n_items, dtype=bool) if estimated is None else estimated,
        free_mean,
        free_variance,
    )


def integration_nodes(parameters: ItemParameters, mean: float, sd: float) -> FloatArray:
    """(Q,) nodes that cover N(mean, sd^2) and show the posterior of who answered all J items.

    Items without parameters have no say.
    """
    nodes = covering_nodes(mean, sd)
    known = np.flatnonzero(np.isfinite(parameters.discrimination))
    information = np.nansum(item_information(parameters.take(known), nodes), axis=0).max(
        initial=0.0
    )
    step = _WIDEST_STEP * (information + sd**-2.0) ** -0.5
    n_steps = (len(nodes) - 1) * 2.0 ** np.ceil(max(np.log2((nodes[1] - nodes[0]) / step), 0.0))
    return np.linspace(nodes[0], nodes[-1], int(min(n_steps, MOST_NODES - 1)) + 1)
