"""Prior densities of item parameters, as functions of the coordinate that is estimated."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import betaln, expit, log_expit

from irt.arrays import FloatArray
from irt.models.parameters import Model, Slope

_LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)


class Prior(Protocol):
    """log density, its derivative and minus its second derivative at coordinates x (n,)."""

    def log_density(self, x: FloatArray) -> FloatArray: ...

    def gradient(self, x: FloatArray) -> FloatArray: ...

    def curvature(self, x: FloatArray) -> FloatArray: ...


@dataclass(frozen=True)
class LogNormal:
    """log x ~ N(mean, sd^2); the coordinate is the discrimination x > 0."""

    mean: float = 0.0
    sd: float = 0.5

    def __str__(self) -> str:
        return f"lognormal:{self.mean:g},{self.sd:g}"

    def log_density(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):  # no density at x <= 0
            log_x = np.where(x > 0, np.log(x), np.inf)
        normalizer = np.log(self.sd) + _LOG_ROOT_TWO_PI
        return np.asarray(-log_x - 0.5 * ((log_x - self.mean) / self.sd) ** 2 - normalizer)

    def gradient(self, x: FloatArray) -> FloatArray:
        return -(1.0 + (np.log(x) - self.mean) / self.sd**2) / x

    def curvature(self, x: FloatArray) -> FloatArray:
        return ((1.0 - np.log(x) + self.mean) / self.sd**2 - 1.0) / x**2


@dataclass(frozen=True)
class Beta:
    """An asymptote ~ Beta(alpha, beta), the coordinate its logit x, without a Jacobian.

    The mode is therefore that of the posterior on the probability scale.
    """

    alpha: float = 5.0
    beta: float = 17.0

    def __str__(self) -> str:
        return f"beta:{self.alpha:g},{self.beta:g}"

    def log_density(self, x: FloatArray) -> FloatArray:
        kernel = (self.alpha - 1) * log_expit(x) + (self.beta - 1) * log_expit(-x)
        return np.asarray(kernel - betaln(self.alpha, self.beta))

    def gradient(self, x: FloatArray) -> FloatArray:
        return np.asarray((self.alpha - 1) * expit(-x) - (self.beta - 1) * expit(x))

    def curvature(self, x: FloatArray) -> FloatArray:
        return np.asarray((self.alpha + self.beta - 2) * expit(x) * expit(-x))


@dataclass(frozen=True)
class LogitNormal:
    """The logit x of an asymptote ~ N(mean, sd^2), as a density of x."""

    mean: float
    sd: float

    def __str__(self) -> str:
        return f"logit-normal:{self.mean:g},{self.sd:g}"

    def log_density(self, x: FloatArray) -> FloatArray:
        kernel = -0.5 * ((x - self.mean) / self.sd) ** 2
        return np.asarray(kernel - np.log(self.sd) - _LOG_ROOT_TWO_PI)

    def gradient(self, x: FloatArray) -> FloatArray:
        return (self.mean - x) / self.sd**2

    def curvature(self, x: FloatArray) -> FloatArray:
        return np.full_like(x, self.sd**-2)


@dataclass(frozen=True)
class Priors:
    """Priors of a, c and d; None is none.

    The prior of a holds for items with asymptotes, and with `every_slope` for all items whose slope
    is estimated.
    """

    discrimination: Prior | None = LogNormal()
    lower_asymptote: Prior | None = Beta(5.0, 17.0)
    upper_asymptote: Prior | None = Beta(17.0, 5.0)
    every_slope: bool = False

    def of_model(self, model: Model) -> tuple[tuple[str, Prior], ...]:
        """("a", "c" or "d", its prior) of those that hold for items of the model."""
        is_held = model.slope is not Slope.UNIT and (self.every_slope or model.n_asymptotes > 0)
        asymptotes = (("c", self.lower_asymptote), ("d", self.upper_asymptote))
        named = (
            ("a", self.discrimination if is_held else None),
            *asymptotes[: model.n_asymptotes],
        )
        return tuple((name, prior) for name, prior in named if prior is not None)
