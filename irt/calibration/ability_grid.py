"""Whether the nodes show the abilities that were found on them, and which nodes would.

A rectangular rule on nodes h apart misses about 2 exp(-2 pi^2 (sd / h)^2) of the integral over a
normal density (Poisson's summation formula), so that h must suit the narrowest one; and what lies
beyond the last node is lost.
"""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.problem import Point, Problem
from irt.models.information import item_information
from irt.models.parameters import ItemParameters
from irt.quadrature import MOST_NODES, symmetric_nodes

# New nodes hold so many SDs of ability on both sides.
_REACH = 6.0
# By how much nodes grow or close up at once: on nodes that are too short or too far apart, what the
# abilities need is not yet known well.
_LARGEST_CHANGE = 4.0
# Abilities farther out are on their way to infinity.
_FARTHEST = 150.0
_ROUNDING = 1e-6
# In a group narrower than this all are as good as equal, and its SD may be on its way to 0.
_FINEST_PRIOR = 0.04
# A node is crowded with at least this share of the persons at the most crowded one.
_CROWDED = 0.05
# A curve that rises by this many logits between two nodes is a step to the grid, and has no say.
_STEEPEST = 4.0


@dataclass(frozen=True)
class Demand:
    """What nodes must do.

    reach         SDs of ability that they hold on both sides of each group's mean
    share_at_end  the largest share of a group's persons at an end
    step          how far apart they may be, in SDs of the narrowest posteriors of persons; what is
                  missed of those differs in sign from person to person
    prior_step    and in SDs of the narrowest group
    """

    reach: float
    share_at_end: float
    step: float
    prior_step: float


# Nodes that adapt leave an error of about 1e-5 in the variance, nodes that were given one of 1e-3.
ADAPTIVE = Demand(reach=5.0, share_at_end=1e-5, step=1.6, prior_step=1.0)
AS_GIVEN = Demand(reach=3.99, share_at_end=3e-4, step=2.5, prior_step=1.25)


@dataclass(frozen=True)
class Needs:
    """How far out nodes must reach, and how far apart they may be."""

    limit: float
    step: float

    def are_met_by(self, nodes: FloatArray) -> bool:
        """Whether nodes (Q,) do."""
        return self.limit <= _limit(nodes) and self.step >= _step(nodes)

    def nodes_from(self, nodes: FloatArray) -> FloatArray:
        """(Q',) nodes that go from nodes (Q,) towards the needs, as far as there may be nodes."""
        own = _limit(nodes)
        limit = max(own, min(self.limit, _LARGEST_CHANGE * own, _FARTHEST))
        closer = min(_step(nodes) / self.step, _LARGEST_CHANGE)
        n_steps = np.ceil(2.0 * limit / _step(nodes) - _ROUNDING) * 2.0 ** max(
            0.0, np.ceil(np.log2(closer))
        )
        return symmetric_nodes(int(min(n_steps + 1, max(MOST_NODES, len(nodes)))), limit)


def ability_needs(
    problem: Problem, point: Point, parameters: ItemParameters, demand: Demand
) -> Needs:
    """What the abilities found at a point need; parameters (J,) are those of the point."""
    nodes = problem.nodes
    limit = _limit(nodes)
    persons = point.counts[problem.blocks[-1].rows[:, 0]]
    mean, sd = np.abs(point.x[-1][:, 0]), np.exp(0.5 * point.x[-1][:, 1])
    at_ends = persons[:, [0, -1]] > demand.share_at_end * persons.sum(axis=1, keepdims=True)
    if (mean + demand.reach * sd > limit).any():
        limit = float(np.ceil((mean + _REACH * sd).max()))
    elif at_ends.any():
        limit = float(np.ceil(1.5 * limit))
    posterior = _narrowest_posterior(problem, point, parameters, persons, sd)
    narrow = max(demand.prior_step * float(sd.min()), _FINEST_PRIOR)
    step = min(demand.step * posterior, narrow)
    return Needs(limit, step)


def _narrowest_posterior(
    problem: Problem, point: Point, parameters: ItemParameters, persons: FloatArray, sd: FloatArray
) -> float:
    """Its SD, from the mean information of a person's answers where there are many persons.

    persons (G, Q) at the nodes, sd (G,).
    """
    known = np.abs(parameters.discrimination) * _step(problem.nodes) <= _STEEPEST
    answers = np.add.reduceat(point.counts, problem.responses.offsets[:-1], axis=0)
    information = item_information(parameters.take(np.flatnonzero(known)), problem.nodes)
    everybody = persons.sum(axis=0)
    crowded = everybody > _CROWDED * everybody.max()
    total = (information * answers[:-1][known])[:, crowded].sum(axis=0) / everybody[crowded]
    return float(((total.max() + sd**-2.0) ** -0.5).min())


def _limit(nodes: FloatArray) -> float:
    return float(max(-nodes[0], nodes[-1]))


def _step(nodes: FloatArray) -> float:
    return float(nodes[1] - nodes[0])
