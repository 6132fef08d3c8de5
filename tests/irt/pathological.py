"""Response data that calibration must survive: each kind for every model and for a mixture.

A kind draws scores (N, J) from 0 to `top`, -1 where missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from irt.models.parameters import POLYTOMOUS, Model
from irt.responses import MISSING

MIXED = "mixed"


@dataclass(frozen=True, eq=False)
class PathologicalSet:
    """scores (N, J) with -1 where missing, and a model and number of categories for each item."""

    name: str
    scores: np.ndarray
    models: list[str]
    n_categories: list[int]


def pathological_sets() -> list[PathologicalSet]:
    """Every kind for each of the eight models and for a mixture of them."""
    return [_made(kind, model) for kind in KINDS for model in (*Model, MIXED)]


def _made(kind: Callable, model: str) -> PathologicalSet:
    seed = KINDS.index(kind)
    polytomous = model in POLYTOMOUS or model == MIXED
    top = TOPS.get(kind, 2) if polytomous else 1
    scores = kind(np.random.default_rng(seed), top)
    chosen = list(Model) if model == MIXED else [model]
    models = [str(own) for own in islice(cycle(chosen), scores.shape[1])]
    n_categories = [top + 1 if own in POLYTOMOUS else 2 for own in models]
    fitting = np.minimum(scores, np.array(n_categories) - 1)
    return PathologicalSet(f"{kind.__name__} {model}", fitting, models, n_categories)


def answers(rng, theta, difficulty, top):
    """(N, J) how many of an item's `top` steps, 0.8 apart, a person passes."""
    logits = np.asarray(theta)[:, None, None] - np.asarray(difficulty)[:, None]
    steps = 0.8 * (np.arange(top) - (top - 1) / 2)
    return (logits + rng.logistic(size=(*logits.shape[:2], 1)) > steps).sum(axis=2)


def ordinary(rng, top, n_persons=150, n_items=8):
    return answers(rng, rng.standard_normal(n_persons), np.linspace(-1, 1, n_items), top)


def a_perfect_column(rng, top):
    scores = ordinary(rng, top)
    scores[:, 2] = top
    return scores


def a_column_of_zeros(rng, top):
    scores = ordinary(rng, top)
    scores[:, 2] = 0
    return scores


def everybody_scores_zero(rng, top):
    return np.zeros((50, 8), dtype=int)


def everybody_scores_full(rng, top):
    return np.full((50, 8), top)


def no_person(rng, top):
    return np.empty((0, 8), dtype=int)


def one_person(rng, top):
    return ordinary(rng, top, n_persons=1)


def two_persons(rng, top):
    return np.array([np.arange(8) % (top + 1), (np.arange(8) + 1) % (top + 1)])


def one_item(rng, top):
    return ordinary(rng, top, n_items=1)


def two_items(rng, top):
    return ordinary(rng, top, n_items=2)


def a_column_twice(rng, top):
    scores = ordinary(rng, top)
    scores[:, 5] = scores[:, 4]
    return scores


def every_column_the_same(rng, top):
    return np.repeat(ordinary(rng, top, n_items=1), 8, axis=1)


def a_reversed_item(rng, top):
    scores = ordinary(rng, top, n_persons=300)
    scores[:, 3] = top - scores[:, 3]
    return scores


def half_of_the_items_reversed(rng, top):
    scores = ordinary(rng, top)
    scores[:, ::2] = top - scores[:, ::2]
    return scores


def items_that_one_or_two_answered(rng, top):
    scores = np.full((150, 16), MISSING)
    scores[:, :8] = ordinary(rng, top)
    for item in range(8, 16):
        persons = rng.integers(0, 150, 1 + item % 2)
        scores[persons, item] = rng.integers(0, top + 1, len(persons))
    return scores


def extreme_abilities(rng, top):
    theta = np.where(np.arange(150) % 2, 10.0, -10.0)
    theta[:40] = rng.standard_normal(40)
    return answers(rng, theta, np.linspace(-1, 1, 8), top)


def extreme_difficulties(rng, top):
    theta = rng.standard_normal(400)
    return answers(rng, theta, [-7.0, -5.0, 0.0, 0.2, 0.4, 0.6, 5.0, 7.0], top)


def only_one_column_answered(rng, top):
    scores = ordinary(rng, top)
    scores[:, np.arange(8) != 3] = MISSING
    return scores


def one_answer_a_person(rng, top):
    scores = ordinary(rng, top)
    scores[np.arange(8) != np.arange(150)[:, None] % 8] = MISSING
    return scores


def one_answer_in_all(rng, top):
    scores = np.full((50, 8), MISSING)
    scores[20, 4] = top
    return scores


def no_answer(rng, top):
    return np.full((50, 8), MISSING)


def guttman_patterns(rng, top):
    level = np.arange(8 * top + 1)[:, None]
    return np.clip(level - top * np.arange(8), 0, top).repeat(6, axis=0)


def a_category_that_nobody_chose(rng, top):
    scores = ordinary(rng, top)
    scores[scores[:, 3] == 1, 3] = top if top > 1 else 0
    scores[scores[:, 6] == top, 6] = top - 1
    return scores


def all_persons_identical(rng, top):
    return np.tile(np.arange(8) % (top + 1), (60, 1))


def one_person_unlike_the_rest(rng, top):
    scores = np.zeros((60, 8), dtype=int)
    scores[17] = top
    return scores


def two_forms_without_a_common_person(rng, top):
    scores = ordinary(rng, top)
    scores[:75, :4] = MISSING
    scores[75:, 4:] = MISSING
    return scores


def many_identical_rows(rng, top):
    return ordinary(rng, top, n_persons=12).repeat(500, axis=0)


def ten_categories_and_few_persons(rng, top):
    return ordinary(rng, top, n_persons=12, n_items=6)


def pure_noise(rng, top):
    return rng.integers(0, top + 1, (150, 8))


def empty_rows_and_columns(rng, top):
    scores = ordinary(rng, top)
    scores[::3] = MISSING
    scores[:, 5] = MISSING
    return scores


KINDS = (
    *(a_perfect_column, a_column_of_zeros, everybody_scores_zero, everybody_scores_full),
    *(no_person, one_person, two_persons, one_item, two_items, a_column_twice),
    *(every_column_the_same, a_reversed_item, half_of_the_items_reversed),
    *(items_that_one_or_two_answered, extreme_abilities, extreme_difficulties),
    *(only_one_column_answered, one_answer_a_person, one_answer_in_all, no_answer),
    *(guttman_patterns, a_category_that_nobody_chose, all_persons_identical),
    *(one_person_unlike_the_rest, two_forms_without_a_common_person, many_identical_rows),
    *(ten_categories_and_few_persons, pure_noise, empty_rows_and_columns),
)
TOPS = {ten_categories_and_few_persons: 9, many_identical_rows: 3}
