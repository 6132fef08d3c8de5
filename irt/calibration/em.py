"""The EM algorithm, accelerated, on the marginal log-posterior (Bock & Aitkin 1981).

Converges on the gradient of the log-posterior, never on the change of the parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from irt.calibration.acceleration import Accelerator
from irt.calibration.problem import Coordinates, Point, Problem

# Called after each E-step, and while the standard errors are computed, with iteration,
# log-posterior and max_gradient; raise in it to cancel.
Callback = Callable[[int, float, float], None]

# A log-posterior lower by more than rounding means that an extrapolation went too far.
_ROUNDING = 1e-10
_GAIN = 100.0


@dataclass
class History:
    """Log-posterior and max_gradient at each E-step, reported as they come."""

    callback: Callback | None = None
    log_posterior: list[float] = field(default_factory=list)
    max_gradient: list[float] = field(default_factory=list)

    def add(self, point: Point) -> None:
        self.log_posterior.append(point.log_posterior)
        self.max_gradient.append(point.max_gradient)
        self.report()

    def report(self) -> None:
        if self.callback:
            self.callback(len(self), self.log_posterior[-1], self.max_gradient[-1])

    def __len__(self) -> int:
        return len(self.log_posterior)


def maximize_by_em(
    problem: Problem,
    x: Coordinates,
    accelerator: Accelerator | None,
    tolerance: float,
    max_iterations: int,
    history: History,
    is_vain: Callable[[Point], bool] | None = None,
) -> Point:
    """The first point that has converged or is in vain, or the best within max_iterations.

    Without an accelerator this is the plain EM; an accelerator also expands its steps (PX-EM).
    """
    best = None
    image = x
    while True:
        point = problem.evaluate(x)
        history.add(point)
        if has_converged(point, tolerance) or (is_vain and is_vain(point)):
            return point
        if best is not None and _is_worse(point, best):
            if accelerator:
                accelerator.restart()
            x = image  # the EM step from the best point, which never descends
        else:
            best = point
            image = problem.maximize(point)
            x = _accelerate(problem, accelerator, point, image)
        if len(history) >= max_iterations:
            return best


def has_converged(point: Point, tolerance: float) -> bool:
    """Whether the gradient is within tolerance and nothing worth having is left to gain.

    With many persons and few answers an item, a gradient that is small for all persons may be
    large for the item; so the predicted gain must be below 100 times the tolerance too.
    """
    return point.max_gradient < tolerance and point.predicted_gain < _GAIN * tolerance


def _is_worse(point: Point, best: Point) -> bool:
    slack = _ROUNDING * abs(best.log_posterior)
    return not point.log_posterior >= best.log_posterior - slack


def _accelerate(
    problem: Problem, accelerator: Accelerator | None, point: Point, image: Coordinates
) -> Coordinates:
    if accelerator is None:
        return image
    expanded = problem.expand(point, image)
    flat = accelerator.propose(problem.pack(point.x), problem.pack(expanded))
    for proposal in (problem.unpack(flat, image), expanded):
        if problem.admissible(proposal):
            return proposal
        accelerator.restart()
    return image
