"""Prior densities of item parameters, as functions of the coordinate that is estimated."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import betaln, expit, log_expit

from scoring.irt.arrays import FloatArray


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
        normaliser = np.log(self.sd) + 0.5 * np.log(2 * np.pi)
        return np.asarray(-log_x - 0.5 * ((log_x - self.mean) / self.sd) ** 2 - normaliser)

    def gradient(self, x: FloatArray) -> FloatArray:
        return -(1.0 + (np.log(x) - self.mean) / self.sd**2) / x

    def curvature(self, x: FloatArray) -> FloatArray:
        return ((1.0 - np.log(x) + self.mean) / self.sd**2 - 1.0) / x**2


@dataclass(frozen=True)
class Beta:
    """c ~ Beta(alpha, beta) with the coordinate x = logit(c), without a Jacobian.

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
class Priors:
    """Priors of the parameters of 3PL items; None is none. 2PL and graded items have none."""

    discrimination: Prior | None = LogNormal()
    lower_asymptote: Prior | None = Beta()
