"""Progress bars on a terminal."""

import shutil

from django.core.management.base import OutputWrapper

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
