"""Artificial tests with known abilities and items, for trying things out.

Files and conventions follow edu_irt: `Student_abilities`, the item columns `Difficulty,
Discrimination, Guessing`, responses `Q1, Q2, ...`, and D = 1.7 unless told otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.parameters import ItemParameters, Model, Slope
from irt.simulation.responses import simulate_responses

METRICS = (1.7, 1.0)
_STEPS = 4
_LEAST_GAP = 0.3


@dataclass(frozen=True, eq=False)
class GeneratedData:
    """responses (N, J), abilities (N,), and items whose discriminations are stated for `metric`."""

    model: Model
    responses: IntArray
    abilities: FloatArray
    items: ItemParameters
    metric: float

    @property
    def item_columns(self) -> list[str]:
        """Header of the items file."""
        if self.model.is_polytomous:
            return [*(f"Difficulty{k + 1}" for k in range(_STEPS)), "Discrimination"]
        columns = ["Difficulty", "Discrimination", "Guessing"]
        return [*columns, "Upper"] if self.model.has_upper_asymptote else columns

    @property
    def item_rows(self) -> Sequence[Sequence[float]]:
        """Rows of the items file, item Q1 first."""
        columns = [*self.items.difficulty.T, self.items.discrimination]
        if not self.model.is_polytomous:
            columns.append(self.items.lower_asymptote)
        if self.model.has_upper_asymptote:
            columns.append(self.items.upper_asymptote)
        rows: list[list[float]] = np.column_stack(columns).tolist()
        return rows


def generate(
    model: Model, *, n_students: int, n_items: int, seed: int, metric: float = 1.7
) -> GeneratedData:
    """Draw abilities N(0, 1), difficulties N(0, 1), a uniform on 0.5..2, c on 0..0.2, d on 0.8..1.

    P = c + (d - c) / (1 + exp(-metric a (theta - b))); polytomous items have five categories with
    steps at least 0.3 apart. 1PL items share one a, and that of Rasch and PCM items is 1 / metric,
    which is the slope 1 that these models are about. The same arguments give the same data. Raises
    ValueError for counts below 1 or a negative seed.
    """
    if n_students < 1 or n_items < 1:
        raise ValueError("at least one student and one item are needed")
    if seed < 0:
        raise ValueError("the seed must not be negative")
    rng = np.random.default_rng(seed)
    abilities = rng.standard_normal(n_students)
    draw = _draw_steps if model.is_polytomous else _draw_difficulties
    items = _equalize_slopes(model, draw(model, n_items, rng), metric)
    logistic = replace(items, discrimination=metric * items.discrimination)
    responses = simulate_responses(logistic, abilities, rng)
    return GeneratedData(model, responses, abilities, items, metric)


def _draw_difficulties(model: Model, n_items: int, rng: np.random.Generator) -> ItemParameters:
    items = ItemParameters(
        model=np.full(n_items, model.value),
        difficulty=rng.standard_normal((n_items, 1)),
        discrimination=rng.uniform(0.5, 2.0, n_items),
        lower_asymptote=rng.uniform(0.0, 0.2, n_items) * model.has_lower_asymptote,
        upper_asymptote=np.ones(n_items),
    )
    if not model.has_upper_asymptote:
        return items
    return replace(items, upper_asymptote=rng.uniform(0.8, 1.0, n_items))


def _draw_steps(model: Model, n_items: int, rng: np.random.Generator) -> ItemParameters:
    steps = np.sort(rng.normal(0.0, 1.2, (n_items, _STEPS)), axis=1)
    for step in range(1, _STEPS):
        steps[:, step] = np.maximum(steps[:, step], steps[:, step - 1] + _LEAST_GAP)
    return ItemParameters(
        model=np.full(n_items, model.value),
        difficulty=steps,
        discrimination=rng.uniform(0.5, 2.0, n_items),
        lower_asymptote=np.zeros(n_items),
        upper_asymptote=np.ones(n_items),
    )


def _equalize_slopes(model: Model, items: ItemParameters, metric: float) -> ItemParameters:
    if model.slope is Slope.UNIT:
        return replace(items, discrimination=np.full(items.n_items, 1.0 / metric))
    if model.slope is Slope.COMMON:
        return replace(items, discrimination=np.full(items.n_items, items.discrimination[0]))
    return items
