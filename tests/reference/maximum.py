"""The maximum of the plain marginal likelihood, found without anything of `irt`.

log L = sum_i f_i log sum_q w_q prod_j P_j(x_ij | theta_q) + log priors, over equally spaced nodes
whose weights are the normal density, normalised to sum 1. `scipy.optimize` climbs by the gradient
and Newton steps end the search; standard errors come from the inverse of minus the numerical
Hessian. Frequencies f_i let a table of patterns stand for its persons.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import optimize
from scipy.special import betaln

from tests.reference.curves import N_ASYMPTOTES, PARTIAL_CREDIT, STEP, log_slopes, probabilities
from tests.reference.curves import sigma as sigmoid

FIXED = -1


@dataclass(frozen=True, eq=False)
class Problem:
    """Responses (N, J), -1 where missing, and what of their model is free.

    priors of 3PL and 4PL items are (kind, m, s) by coordinate: "a", "c", "u"; the kinds are
    `lognormal` of a, `normal` of a logit, `beta` of an asymptote (a density of the asymptote, taken
    at the logit). `anchors` holds coordinates by item. Each group g has `moments[g]`, its mean and
    variance, of which `free_moments` says what is estimated; groups beyond the first are free.
    """

    scores: np.ndarray
    models: list
    frequency: np.ndarray | None = None
    nodes: np.ndarray = field(default_factory=lambda: np.linspace(-6.0, 6.0, 61))
    priors: dict = field(default_factory=dict)
    anchors: dict = field(default_factory=dict)
    group: np.ndarray | None = None
    moments: list = field(default_factory=lambda: [(0.0, 1.0)])
    free_moments: tuple = (False, False)

    def __post_init__(self):
        scores = np.asarray(self.scores)
        # One column a category of an item; a missing response has none.
        widths = scores.max(axis=0) + 1
        one_hot = [
            (scores[:, j, None] == np.arange(width)).astype(float) for j, width in enumerate(widths)
        ]
        group = np.zeros(len(scores), int) if self.group is None else np.asarray(self.group)
        weights = np.ones(len(scores)) if self.frequency is None else self.frequency
        starts, index, places = self._layout(widths)
        families = {}
        for item, family in enumerate(zip(self.models, widths.tolist(), strict=True)):
            families.setdefault(family, []).append(item)
        for name, value in {
            "design": np.concatenate(one_hot, axis=1),
            "edges": np.cumsum([0, *widths]),
            "of_group": group,
            "weight": np.asarray(weights, float),
            "start": starts,
            "index": index,
            "places": places,
            "families": families,
        }.items():
            object.__setattr__(self, name, value)

    def _layout(self, widths):
        """All coordinates' starting values, the free parameter that each is, and item slices."""
        start, index, places, n_free, common = [], [], [], 0, None
        for item, (model, width) in enumerate(zip(self.models, widths, strict=True)):
            own = self.anchors.get(item, self._guess(item, model, width))
            free = np.arange(n_free, n_free + len(own))
            if item in self.anchors:
                free = np.full(len(own), FIXED)
            elif model in ("rasch", "pcm"):
                free = np.concatenate([[FIXED], free[:-1]])
            elif model == "1pl" and common is not None:
                free = np.concatenate([[common], free[:-1]])
            elif model == "1pl":
                common = free[0]
            n_free = max(n_free, free.max(initial=FIXED) + 1)
            places.append(slice(len(start), len(start) + len(own)))
            start.extend(own)
            index.extend(free)
        for number, moments in enumerate(self.moments):
            free = [number > 0 or one for one in self.free_moments]
            start.extend(moments)
            for one in free:
                index.append(n_free if one else FIXED)
                n_free += one
        return np.array(start, float), np.array(index), places

    def _guess(self, item, model, width):
        scores = self.scores[:, item]
        weight = np.ones(len(scores)) if self.frequency is None else np.asarray(self.frequency)
        counts = np.array([weight[scores == k].sum() for k in range(width)]) + 0.5
        if model in PARTIAL_CREDIT:
            d = np.log(counts[1:] / counts[0])
        else:
            above = counts[::-1].cumsum()[::-1][1:] / counts.sum()
            d = np.log(above / (1 - above))
        return [1.0, *d, *[-1.5, 2.5][: N_ASYMPTOTES.get(model, 0)]]

    @property
    def n_free(self):
        return int(self.index.max()) + 1

    def coordinates(self, free):
        """All coordinates, given the free parameters."""
        return np.where(self.index == FIXED, self.start, np.asarray(free)[self.index])

    def items(self, free):
        x = self.coordinates(free)
        return [x[place] for place in self.places]

    def group_moments(self, free):
        return self.coordinates(free)[self.places[-1].stop :].reshape(-1, 2)

    def log_weights(self, moments):
        """(G, Q)."""
        mean, variance = moments[:, :1], moments[:, 1:]
        log_density = -((self.nodes - mean) ** 2) / (2 * variance)
        top = log_density.real.max(axis=1, keepdims=True)
        return log_density - top - np.log(np.exp(log_density - top).sum(axis=1, keepdims=True))

    def log_prior(self, coordinates):
        """Log densities of all coordinates, zero where there is no prior."""
        result = np.zeros(len(self.start), coordinates.dtype)
        for name, prior in self.priors.items():
            own = self._with_prior(name)
            result[own] = log_density(prior, coordinates[own])
        return result

    def _with_prior(self, name):
        """Where the coordinates "a", "c" or "u" of 3PL and 4PL items are that no anchor fixes."""
        return [
            place.start if name == "a" else place.stop - N_ASYMPTOTES[model] + "cu".index(name)
            for item, (model, place) in enumerate(zip(self.models, self.places, strict=True))
            if item not in self.anchors
            and model in N_ASYMPTOTES
            and N_ASYMPTOTES[model] > "cu".find(name)
        ]

    def value_and_gradient(self, free):
        """The log-posterior and its derivatives by the free parameters."""
        x = self.coordinates(free)
        items, moments = self.items(free), x[self.places[-1].stop :].reshape(-1, 2)
        table = np.empty((self.edges[-1], len(self.nodes)))
        for (model, _), alike in self.families.items():
            own = np.array([items[j] for j in alike]).T
            curves = np.maximum(probabilities(model, own, self.nodes), 1e-300)
            for place, j in enumerate(alike):
                table[self.edges[j] : self.edges[j + 1]] = np.log(curves[:, place])
        joint = self.design @ table + self.log_weights(moments)[self.of_group]
        top = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - top)
        total = posterior.sum(axis=1, keepdims=True)
        posterior *= self.weight[:, None] / total
        value = float(self.weight @ (top + np.log(total))[:, 0]) + self.log_prior(x).sum()
        # Fisher's identity: the posterior mean of the derivatives of the complete likelihood.
        expected = self.design.T @ posterior
        slopes = np.zeros(len(x))
        for (model, _), alike in self.families.items():
            own = np.array([items[j] for j in alike]).T
            counts = np.array([expected[self.edges[j] : self.edges[j + 1]] for j in alike])
            by_item = np.einsum("knpq,nkq->np", log_slopes(model, own, self.nodes), counts)
            for j, found in zip(alike, by_item, strict=True):
                slopes[self.places[j]] = found
        for number in range(len(moments)):
            counts = posterior[self.of_group == number].sum(axis=0)
            for column in range(2):
                moved = moments.astype(complex)
                moved[number, column] += 1j * STEP
                slope = self.log_weights(moved)[number].imag / STEP
                slopes[self.places[-1].stop + 2 * number + column] = slope @ counts
        slopes += self.log_prior(x + 1j * STEP).imag / STEP
        gradient = np.zeros(self.n_free)
        np.add.at(gradient, self.index[self.index != FIXED], slopes[self.index != FIXED])
        return value, gradient


def log_density(prior, x):
    kind, first, second = prior
    if kind == "beta":
        return (
            (first - 1) * np.log(sigmoid(x))
            + (second - 1) * np.log(sigmoid(-x))
            - betaln(first, second)
        )
    value = np.log(x) if kind == "lognormal" else x
    jacobian = value if kind == "lognormal" else 0.0
    return -0.5 * ((value - first) / second) ** 2 - np.log(second * np.sqrt(2 * np.pi)) - jacobian


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the log-posterior is highest: free parameters and their errors, by item and group."""

    problem: Problem
    free: np.ndarray
    covariance: np.ndarray
    log_posterior: float
    max_abs_gradient: float

    @property
    def log_prior(self):
        return float(self.problem.log_prior(self.problem.coordinates(self.free)).sum())

    @property
    def log_likelihood(self):
        return self.log_posterior - self.log_prior

    @property
    def items(self):
        return self.problem.items(self.free)

    @property
    def item_errors(self):
        errors = self._errors()
        return [errors[place] for place in self.problem.places]

    @property
    def moments(self):
        """(G, 2) mean and variance."""
        return self.problem.group_moments(self.free)

    @property
    def moment_errors(self):
        return self._errors()[self.problem.places[-1].stop :].reshape(-1, 2)

    def _errors(self):
        """Of all coordinates; NaN where they are fixed."""
        own, index = np.sqrt(np.diag(self.covariance)), self.problem.index
        return np.where(index == FIXED, np.nan, own[index])


def maximize(problem, gradient_below=1e-7):
    """The maximum, with max |gradient| below the limit. Raises ArithmeticError if none is found."""
    start = np.zeros(problem.n_free)
    start[problem.index[problem.index != FIXED]] = problem.start[problem.index != FIXED]

    def descent(x):
        with np.errstate(all="ignore"):
            value, gradient = problem.value_and_gradient(x)
        usable = np.isfinite(value) and np.isfinite(gradient).all()
        return (-value, -gradient) if usable else (1e10, np.zeros_like(x))

    bounds = [(None, None)] * problem.n_free
    for place in problem.index[problem.places[-1].stop + 1 :: 2]:
        if place != FIXED:
            bounds[place] = (1e-3, None)
    options = {"maxiter": 5000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-5, "maxcor": 30}
    x = optimize.minimize(
        descent, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    ).x
    for _ in range(6):
        information = -hessian(problem, x)
        for _ in range(3):  # the same matrix serves near the end
            x = x + np.linalg.solve(information, problem.value_and_gradient(x)[1])
        if np.abs(problem.value_and_gradient(x)[1]).max() < gradient_below:
            break
    value, gradient = problem.value_and_gradient(x)
    information = -hessian(problem, x)
    least = np.linalg.eigvalsh(information).min()
    if np.abs(gradient).max() >= gradient_below or least <= 0:
        raise ArithmeticError(f"no maximum: gradient {np.abs(gradient).max()}, eigenvalue {least}")
    return Maximum(problem, x, np.linalg.inv(information), value, float(np.abs(gradient).max()))


def hessian(problem, x, step=1e-4):
    """Central differences of the gradient, made symmetric."""
    rows = [
        problem.value_and_gradient(x + move)[1] - problem.value_and_gradient(x - move)[1]
        for move in step * np.eye(len(x))
    ]
    result = np.array(rows) / (2 * step)
    return (result + result.T) / 2
