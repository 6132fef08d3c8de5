"""Anderson acceleration of a fixed-point iteration (Anderson 1965; Walker & Ni 2011)."""

from collections import deque

import numpy as np

from scoring.irt.arrays import FloatArray


class Anderson:
    """Proposes the next point from the last `depth` pairs of a point and its image."""

    def __init__(self, depth: int = 6) -> None:
        self._points: deque[FloatArray] = deque(maxlen=depth + 1)
        self._images: deque[FloatArray] = deque(maxlen=depth + 1)

    def restart(self) -> None:
        """Forget the history, after a proposal that had to be taken back."""
        self._points.clear()
        self._images.clear()

    def propose(self, point: FloatArray, image: FloatArray) -> FloatArray:
        """(P,) extrapolation; the plain image while there is no history."""
        self._points.append(point)
        self._images.append(image)
        if len(self._points) == 1:
            return image
        images = np.array(self._images)
        residuals = images - np.array(self._points)
        differences = np.diff(residuals, axis=0).T
        mixing, *_ = np.linalg.lstsq(differences, residuals[-1], rcond=1e-10)
        return np.asarray(image - np.diff(images, axis=0).T @ mixing)
