"""Progress of an estimation on a terminal."""

from django.core.management.base import OutputWrapper

from common.commands.progress import ProgressBar
from irt.calibration.progress import share_covered


class CalibrationProgress(ProgressBar):
    """How far the gradient has come on its way to the tolerance; a callback of `calibrate`."""

    def __init__(self, file: OutputWrapper, tolerance: float) -> None:
        super().__init__(file)
        self._tolerance = tolerance
        self._first: float | None = None
        self._furthest = 0.0

    def __call__(self, iteration: int, log_posterior: float, max_gradient: float) -> None:
        self._first = max_gradient if self._first is None else self._first
        share = share_covered(self._first, max_gradient, self._tolerance)
        self._furthest = share = max(share, self._furthest)  # the gradient may rise in between
        doing = "standard errors" if max_gradient < self._tolerance else f"iteration {iteration}"
        self.show(share, f"{doing}, log-posterior {log_posterior:.4f}, gradient {max_gradient:.1e}")


class ScoringProgress(ProgressBar):
    """How many persons have their estimates; a callback of `score`."""

    def __call__(self, done: int, total: int) -> None:
        self.show(done / total, f"{done} of {total} persons")
