"""The search for the maximum, on nodes that show the abilities which it finds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.ability_grid import ADAPTIVE, AS_GIVEN, Demand, ability_needs
from irt.calibration.acceleration import Acceleration, make_accelerator
from irt.calibration.em import History, maximize_by_em
from irt.calibration.problem import Coordinates, Point, Problem
from irt.models.parameters import ItemParameters
from irt.quadrature import symmetric_nodes

# Nodes that abilities have left are given up after so many iterations, and not before: the first
# ones may lead astray.
_PATIENCE = 25


@dataclass(frozen=True, eq=False)
class Found:
    """The point reached on which problem; better_nodes where its own do not show the abilities."""

    problem: Problem
    point: Point
    better_nodes: FloatArray | None


@dataclass(frozen=True, eq=False)
class Search:
    """How to search: problem_on makes the problem on nodes (Q,), parameters_at (J,) those at x."""

    problem_on: Callable[[FloatArray], Problem]
    parameters_at: Callable[[Coordinates], ItemParameters]
    acceleration: Acceleration
    tolerance: float
    max_iterations: int
    history: History

    def run(self, start: Coordinates, nodes: FloatArray | None) -> Found:
        """Search from `start` on `nodes`; without any, on ever better ones while it takes them.

        On each of them anew for `max_iterations`, from where the search before it ended.
        """
        if nodes is not None:
            problem = self.problem_on(nodes)
            point = self._maximize(problem, start)
            return Found(problem, point, self._better_nodes(problem, point, AS_GIVEN))
        better: FloatArray | None = symmetric_nodes()
        while better is not None:
            problem = self.problem_on(better)
            point = self._maximize(problem, start, self._is_outgrown(problem))
            start, better = point.x, self._better_nodes(problem, point, ADAPTIVE)
            if better is not None and np.array_equal(better, problem.nodes):
                return Found(problem, point, self._better_nodes(problem, point, AS_GIVEN))
        return Found(problem, point, None)

    def _maximize(
        self, problem: Problem, start: Coordinates, is_vain: Callable[[Point], bool] | None = None
    ) -> Point:
        most = len(self.history) + self.max_iterations
        return maximize_by_em(
            problem,
            start,
            make_accelerator(self.acceleration),
            self.tolerance,
            most,
            self.history,
            is_vain,
        )

    def _is_outgrown(self, problem: Problem) -> Callable[[Point], bool]:
        """Whether a point calls for other nodes than its own, asked now and then."""
        first = len(self.history)

        def is_outgrown(point: Point) -> bool:
            if (len(self.history) - first) % _PATIENCE:
                return False
            better = self._better_nodes(problem, point, ADAPTIVE)
            return better is not None and not np.array_equal(better, problem.nodes)

        return is_outgrown

    def _better_nodes(self, problem: Problem, point: Point, demand: Demand) -> FloatArray | None:
        needs = ability_needs(problem, point, self.parameters_at(point.x), demand)
        return None if needs.are_met_by(problem.nodes) else needs.nodes_from(problem.nodes)
