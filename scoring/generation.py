"""Artificial tests with known abilities and items, for trying things out.

Files and conventions follow edu_irt: `Student_abilities`, the item columns `Difficulty,
Discrimination, Guessing`, responses `Q1, Q2, ...`, and D = 1.7 unless told otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.simulation import simulate_responses

METRICS = (1.7, 1.0)
_GRADED_STEPS = 4
_LEAST_GAP = 0.3


@dataclass(frozen=True, eq=False)
class GeneratedData:
    """responses (N, J), abilities (N,), and items whose discriminations are stated for `metric`."""

    responses: IntArray
    abilities: FloatArray
    items: ItemParameters
    metric: float

    @property
    def item_columns(self) -> list[str]:
        """Header of the items file."""
        if self.items.graded_items.size:
            return [*(f"Difficulty{k + 1}" for k in range(_GRADED_STEPS)), "Discrimination"]
        return ["Difficulty", "Discrimination", "Guessing"]

    @property
    def item_rows(self) -> Sequence[Sequence[float]]:
        """Rows of the items file, item Q1 first."""
        columns = [*self.items.difficulty.T, self.items.discrimination]
        if not self.items.graded_items.size:
            columns.append(self.items.lower_asymptote)
        rows: list[list[float]] = np.column_stack(columns).tolist()
        return rows


def generate(
    model: Model, *, n_students: int, n_items: int, seed: int, metric: float = 1.7
) -> GeneratedData:
    """Draw abilities N(0, 1), difficulties N(0, 1), a uniform on 0.5..2 and c on 0..0.2.

    P = c + (1 - c) / (1 + exp(-metric a (theta - b))); graded items have five categories with
    thresholds at least 0.3 apart. The same arguments give the same data. Raises ValueError for
    counts below 1 or a negative seed.
    """
    if n_students < 1 or n_items < 1:
        raise ValueError("at least one student and one item are needed")
    if seed < 0:
        raise ValueError("the seed must not be negative")
    rng = np.random.default_rng(seed)
    abilities = rng.standard_normal(n_students)
    items = _graded(n_items, rng) if model == Model.GRADED else _dichotomous(model, n_items, rng)
    logistic = replace(items, discrimination=metric * items.discrimination)
    return GeneratedData(simulate_responses(logistic, abilities, rng), abilities, items, metric)


def _dichotomous(model: Model, n_items: int, rng: np.random.Generator) -> ItemParameters:
    return ItemParameters(
        model=np.full(n_items, model.value),
        difficulty=rng.standard_normal((n_items, 1)),
        discrimination=rng.uniform(0.5, 2.0, n_items),
        lower_asymptote=rng.uniform(0.0, 0.2, n_items) * (model == Model.THREE_PL),
        upper_asymptote=np.ones(n_items),
    )


def _graded(n_items: int, rng: np.random.Generator) -> ItemParameters:
    steps = np.sort(rng.normal(0.0, 1.2, (n_items, _GRADED_STEPS)), axis=1)
    for step in range(1, _GRADED_STEPS):
        steps[:, step] = np.maximum(steps[:, step], steps[:, step - 1] + _LEAST_GAP)
    return ItemParameters(
        model=np.full(n_items, Model.GRADED.value),
        difficulty=steps,
        discrimination=rng.uniform(0.5, 2.0, n_items),
        lower_asymptote=np.zeros(n_items),
        upper_asymptote=np.ones(n_items),
    )
