"""The data sets that benchmarks and tests share: seeded, and checked by the hash of their scores.

NumPy promises no random stream for ever, so that a set is compared with its hash whenever it is
made. Items have a ~ lognormal(0.2, 0.3) and b ~ N(0, 1), abilities are N(0, 1) unless said.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from irt.ability import add_responses, eap
from irt.arrays import FloatArray, IntArray
from irt.models.curves import category_probabilities, log_category_probabilities
from irt.models.parameters import ItemParameters, Model, concatenate
from irt.quadrature import normal_grid
from irt.responses import MISSING
from irt.simulation.responses import simulate_responses

PERSONS_PER_BLOCK = 10_000
_LEAST_GAP = 0.3

Bounds = tuple[float, float]


@dataclass(frozen=True, eq=False)
class DataSet:
    """scores (N, J), -1 where missing, of persons with abilities theta (N,) on the true items."""

    scores: NDArray[np.int8]
    items: ItemParameters
    theta: FloatArray

    @property
    def digest(self) -> str:
        """SHA-256 of the scores, person by person."""
        return hashlib.sha256(np.ascontiguousarray(self.scores).tobytes()).hexdigest()


class StreamChangedError(RuntimeError):
    """A set came out differently: its numbers can be compared with nobody else's."""


def data_set(name: str) -> DataSet:
    """The set of that name in `SETS`. Raises `StreamChangedError` where its hash is another."""
    build, digest = SETS[name]
    made = build()
    if made.digest != digest:
        raise StreamChangedError(
            f"{name} differs from the published set: this NumPy ({np.__version__}) draws other "
            "random numbers"
        )
    return made


def dichotomous(
    n_persons: int,
    n_items: int,
    seed: int,
    *,
    lower: Bounds | None = None,
    upper: Bounds | None = None,
    mean: float = 0.0,
    sd: float = 1.0,
) -> DataSet:
    """Complete responses to 2PL items, or 3PL and 4PL ones with asymptotes in the bounds."""
    rng = np.random.default_rng(seed)
    items = _dichotomous_items(rng, n_items, lower, upper)
    theta = mean + sd * rng.standard_normal(n_persons)
    scores = np.empty((n_persons, n_items), np.int8)
    for start in range(0, n_persons, PERSONS_PER_BLOCK):
        rows = slice(start, start + PERSONS_PER_BLOCK)
        scores[rows] = _dichotomous_scores(items, theta[rows], rng)
    return DataSet(scores, items, theta)


def graded(n_persons: int, n_items: int, n_categories: int, seed: int) -> DataSet:
    """Complete responses to graded items, thresholds ~ N(0, 1.2^2), sorted and 0.3 apart."""
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0.2, 0.3, n_items)
    steps = np.sort(rng.normal(0.0, 1.2, (n_items, n_categories - 1)), axis=1)
    for step in range(1, n_categories - 1):
        steps[:, step] = np.maximum(steps[:, step], steps[:, step - 1] + _LEAST_GAP)
    items = _polytomous(Model.GRADED, a, steps)
    theta = rng.standard_normal(n_persons)
    return DataSet(_graded_scores(items, theta, rng), items, theta)


def partial_credit(n_persons: int, n_items: int, n_categories: int, seed: int) -> DataSet:
    """Complete responses to generalized partial credit items, steps ~ N(0, 1) in any order."""
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0.2, 0.3, n_items)
    items = _polytomous(Model.GPCM, a, rng.normal(0.0, 1.0, (n_items, n_categories - 1)))
    theta = rng.standard_normal(n_persons)
    return DataSet(simulate_responses(items, theta, rng).astype(np.int8), items, theta)


def mixed(n_persons: int, seed: int) -> DataSet:
    """Complete responses to 10 2PL, 10 3PL, 5 graded (4 categories) and 5 GPCM (3) items."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(n_persons)
    a, b = rng.lognormal(0.2, 0.3, 30), rng.normal(0.0, 1.0, 30)
    lower = np.zeros(20)
    lower[10:] = rng.uniform(0.1, 0.3, 10)
    models = [Model.TWO_PL] * 10 + [Model.THREE_PL] * 10
    binary = ItemParameters.from_rows(zip(models, a[:20], b[:20], lower, np.ones(20), strict=True))
    rated = _polytomous(Model.GRADED, a[20:25], b[20:25, None] + [-1.0, 0.0, 1.0])
    credited = _polytomous(Model.GPCM, a[25:], b[25:, None] + [-0.6, 0.6])
    scores = np.column_stack(
        [
            _dichotomous_scores(binary, theta, rng).astype(np.int8),
            _graded_scores(rated, theta, rng),
            simulate_responses(credited, theta, rng).astype(np.int8),
        ]
    )
    return DataSet(scores, concatenate([binary, rated, credited]), theta)


def missing_at_random(data: DataSet, share: float, seed: int) -> DataSet:
    """The same with that share of the responses missing, each independently of all else."""
    absent = np.random.default_rng(seed).random(data.scores.shape) < share
    return replace(data, scores=np.where(absent, np.int8(MISSING), data.scores))


def adaptive(
    n_persons: int,
    n_items: int,
    length: int,
    seed: int,
    *,
    n_random: int = 10,
    n_nearest: int = 40,
) -> DataSet:
    """Each person answers `length` of the 2PL items, missing at random given the answers.

    The first `n_random` are drawn from all, the others from the `n_nearest` unused ones with b
    nearest to the EAP after the answers so far.
    """
    rng = np.random.default_rng(seed)
    items = _dichotomous_items(rng, n_items, None, None)
    theta = rng.standard_normal(n_persons)
    prior = normal_grid(41, 4.0)
    log_probabilities = log_category_probabilities(items, prior.nodes)
    log_likelihood = np.zeros((n_persons, prior.n_nodes))
    scores = np.full((n_persons, n_items), MISSING, np.int8)
    persons = np.arange(n_persons)
    for step in range(length):
        used = scores != MISSING
        if step < n_random:
            item = np.where(used, np.inf, rng.random(used.shape)).argmin(axis=1)
        else:
            distance = np.abs(items.difficulty[:, 0] - eap(log_likelihood, prior).theta[:, None])
            nearest = np.where(used, np.inf, distance).argpartition(n_nearest, axis=1)
            candidates = np.sort(nearest[:, :n_nearest], axis=1)
            item = candidates[persons, rng.integers(0, n_nearest, n_persons)]
        score = _answers(items, item, theta, rng)
        scores[persons, item] = score
        log_likelihood = add_responses(log_likelihood, log_probabilities, item, score)
    return DataSet(scores, items, theta)


def _dichotomous_items(
    rng: np.random.Generator, n_items: int, lower: Bounds | None, upper: Bounds | None
) -> ItemParameters:
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.normal(0.0, 1.0, n_items)
    c = rng.uniform(*lower, n_items) if lower else np.zeros(n_items)
    d = rng.uniform(*upper, n_items) if upper else np.ones(n_items)
    model = Model.FOUR_PL if upper else Model.THREE_PL if lower else Model.TWO_PL
    return ItemParameters(np.full(n_items, model.value), a, b[:, None], c, d)


def _polytomous(model: Model, a: FloatArray, steps: FloatArray) -> ItemParameters:
    return ItemParameters(np.full(len(a), model.value), a, steps, np.zeros(len(a)), np.ones(len(a)))


def _dichotomous_scores(
    items: ItemParameters, theta: FloatArray, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """(N, J), drawn person by person."""
    correct = category_probabilities(items, theta)[:, 1].T
    return np.asarray(rng.random(correct.shape) < correct)


def _graded_scores(
    items: ItemParameters, theta: FloatArray, rng: np.random.Generator
) -> NDArray[np.int8]:
    """(N, J), drawn item by item: the number of thresholds that a uniform number stays under."""
    scores = np.empty((len(theta), items.n_items), np.int8)
    for item in range(items.n_items):
        probabilities = category_probabilities(items.take([item]), theta)[0]
        at_least = probabilities[::-1].cumsum(axis=0)[:-1]
        scores[:, item] = (rng.random(len(theta)) < at_least).sum(axis=0)
    return scores


def _answers(
    items: ItemParameters, item: IntArray, theta: FloatArray, rng: np.random.Generator
) -> IntArray:
    """(N,) the score of each person on an item of their own."""
    correct = category_probabilities(items.take(item), theta[:, None])[:, 1, 0]
    return (rng.random(len(theta)) < correct).astype(np.int64)


SETS: dict[str, tuple[Callable[[], DataSet], str]] = {
    "ref_3pl": (
        partial(dichotomous, 3000, 40, 202, lower=(0.10, 0.30)),
        "1dda5163ce1be0a5ea0833be619289fd6275f78ebf84e93df0aee1736dd269ab",
    ),
    "ref_anchor": (
        partial(dichotomous, 2000, 40, 203, mean=0.5, sd=1.2),
        "7b5f278cc2218ea899aa65c6426233690e1d2cf610b77afe90b10fb522732ac2",
    ),
    "ref_graded": (
        partial(graded, 2000, 20, 5, 205),
        "0fac86626aa6bec95bf6af4ac5b14eeee31c860ee9d78261e0ff78ac11a3a854",
    ),
    "bench_1k20": (
        partial(dichotomous, 1000, 20, 101),
        "a64c08de0486c96f98f3dd8836d27dde61b342c3ef49588568bbbe18f552427b",
    ),
    "bench_10k50": (
        partial(dichotomous, 10_000, 50, 102),
        "b41cecd54dfeb54fcb133b962d0f8ed638c7d4a24899d57f8d226d58815471b9",
    ),
    "bench_50k100": (
        partial(dichotomous, 50_000, 100, 103),
        "265b8c1ec68d6223722c55c52323f3a7d80f8e7a34b792e8d74d53ec0764c295",
    ),
    "bench_100k100": (
        partial(dichotomous, 100_000, 100, 104),
        "79d3976787c5bdf2a68e9399e421cdffdc6c2e675b42433c0aef55e752a4250d",
    ),
    "bench_sparse": (
        partial(adaptive, 10_000, 500, 30, 105),
        "b980d83809b16924468dd408d482fbdc2167dd1dc74c1abe1c3e2f45c3a45cbd",
    ),
    "bench_graded_10k40": (
        partial(graded, 10_000, 40, 5, 106),
        "2728657de77b5b8f56816c36dd4ba4d8dcfdc31e7eceed1dd4ddcaa3cd22a6f3",
    ),
    "bench_3pl_10k50": (
        partial(dichotomous, 10_000, 50, 107, lower=(0.10, 0.30)),
        "9c2436673bac8b6e11a4ce8343f75eafe7a86d666dff8d286a137351c8056c6e",
    ),
}
