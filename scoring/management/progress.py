"""A progress bar on a terminal."""

import shutil

from django.core.management.base import OutputWrapper

from scoring.progress import share_covered

_WIDTH = 24


class ProgressBar:
    """Shows how far the gradient has come on its way to the tolerance; a callback of `calibrate`.

    Writes nothing where `file` is no terminal.
    """

    def __init__(self, file: OutputWrapper, tolerance: float) -> None:
        self._file = file
        self._tolerance = tolerance
        self._first: float | None = None
        self._furthest = 0.0

    def __call__(self, iteration: int, log_posterior: float, max_gradient: float) -> None:
        if not self._file.isatty():
            return
        self._first = max_gradient if self._first is None else self._first
        share = share_covered(self._first, max_gradient, self._tolerance)
        self._furthest = share = max(share, self._furthest)  # the gradient may rise in between
        doing = "standard errors" if max_gradient < self._tolerance else f"iteration {iteration}"
        self._show(
            f"[{'#' * round(share * _WIDTH):<{_WIDTH}}] {share:4.0%}  {doing}, "
            f"log-posterior {log_posterior:.4f}, gradient {max_gradient:.1e}"
        )

    def clear(self) -> None:
        """Leave the line empty for what is written next."""
        if self._first is not None:
            self._show("")
            self._file.write("\r", ending="")

    def _show(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._file.write(f"\r{text[:width]:<{width}}", ending="")
        self._file.flush()
