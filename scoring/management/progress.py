"""Progress bars on a terminal."""

import shutil

from django.core.management.base import OutputWrapper

from scoring.progress import share_covered

_WIDTH = 24


class ProgressBar:
    """A line that is written over. Writes nothing where `file` is no terminal."""

    def __init__(self, file: OutputWrapper) -> None:
        self._file = file
        self._shown = False

    def show(self, share: float, text: str) -> None:
        """The share from 0 to 1 that is done, and what is being done."""
        if not self._file.isatty():
            return
        self._shown = True
        self._write(f"[{'#' * round(share * _WIDTH):<{_WIDTH}}] {share:4.0%}  {text}")

    def clear(self) -> None:
        """Leave the line empty for what is written next."""
        if self._shown:
            self._write("")
            self._file.write("\r", ending="")

    def _write(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._file.write(f"\r{text[:width]:<{width}}", ending="")
        self._file.flush()


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
