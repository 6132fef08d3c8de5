"""Acceleration of the EM map: what to try next, given points and their images under it."""

from collections import deque
from enum import StrEnum
from typing import Protocol

import numpy as np

from irt.arrays import FloatArray


class Acceleration(StrEnum):
    """How the EM is accelerated."""

    ANDERSON = "anderson"
    SQUAREM = "squarem"
    NONE = "none"


class Accelerator(Protocol):
    """Proposes the next point (P,) from a point and its image; forgets on `restart`."""

    def propose(self, point: FloatArray, image: FloatArray) -> FloatArray: ...

    def restart(self) -> None: ...


class Anderson:
    """Anderson mixing of the last `depth` steps (Anderson 1965; Walker & Ni 2011)."""

    def __init__(self, depth: int = 6) -> None:
        self._points: deque[FloatArray] = deque(maxlen=depth + 1)
        self._images: deque[FloatArray] = deque(maxlen=depth + 1)

    def restart(self) -> None:
        self._points.clear()
        self._images.clear()

    def propose(self, point: FloatArray, image: FloatArray) -> FloatArray:
        self._points.append(point)
        self._images.append(image)
        if len(self._points) == 1:
            return image
        images = np.array(self._images)
        residuals = images - np.array(self._points)
        differences = np.diff(residuals, axis=0).T
        mixing, *_ = np.linalg.lstsq(differences, residuals[-1], rcond=1e-10)
        return np.asarray(image - np.diff(images, axis=0).T @ mixing)


class Squarem:
    """SQUAREM, scheme S3 (Varadhan & Roland 2008, eq. 8): two EM steps, then one squared step."""

    def __init__(self) -> None:
        self._start: FloatArray | None = None

    def restart(self) -> None:
        self._start = None

    def propose(self, point: FloatArray, image: FloatArray) -> FloatArray:
        if self._start is None:
            self._start = point
            return image
        start, first = self._start, point - self._start
        second = (image - point) - first
        self._start = None
        length = float(np.linalg.norm(second))
        if length == 0.0:
            return image
        step = max(1.0, float(np.linalg.norm(first)) / length)
        return np.asarray(start + 2.0 * step * first + step * step * second)


def make_accelerator(kind: Acceleration) -> Accelerator | None:
    """A fresh accelerator of the kind; None for the plain EM."""
    kinds: dict[Acceleration, type[Accelerator]] = {
        Acceleration.ANDERSON: Anderson,
        Acceleration.SQUAREM: Squarem,
    }
    return kinds[kind]() if kind in kinds else None
