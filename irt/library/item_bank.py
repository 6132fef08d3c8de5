"""Items with labels and known parameters, from a fit or from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.calibration.result import Covariance, StandardErrors
from irt.estimation.reliability import marginal_reliability
from irt.library.faults import InputError, listed, naming_items
from irt.library.information import Information, information_of
from irt.library.reading import read_responses
from irt.library.response_table import (
    ResponseTable,
    labels_of_items,
    labels_of_persons,
    numbered_items,
    table_of_matrix,
)
from irt.library.scores import Scores, score_responses
from irt.library.tables import Columns, Table, texts
from irt.models.parameters import ItemParameters, Model, validate
from irt.quadrature import covering_grid
from irt.simulation.responses import simulate_responses


@dataclass(frozen=True, eq=False, repr=False)
class ItemBank(Table):
    """J items with known parameters on the metric D = 1. `item_bank` makes it, or a fit has it.

    items            labels
    parameters       as the numerics take them
    standard_errors  None where they are not known
    covariance       of all parameters, where a fit computed it
    """

    items: tuple[str, ...]
    parameters: ItemParameters
    standard_errors: StandardErrors | None = None
    covariance: Covariance | None = None

    @property
    def n_items(self) -> int:
        return len(self.items)

    def select(self, items: Iterable[object]) -> "ItemBank":
        """The named items alone, in that order. Raises `InputError` for an unknown name."""
        place = {label: index for index, label in enumerate(self.items)}
        labels = [str(label) for label in items]
        unknown = [label for label in labels if label not in place]
        if unknown:
            raise InputError(f"the bank has no item {listed(unknown)}")
        return self.take(np.array([place[label] for label in labels], dtype=np.int64))

    def take(self, index: IntArray) -> "ItemBank":
        """The items at these positions alone, in that order."""
        errors, covariance = self.standard_errors, self.covariance
        return ItemBank(
            tuple(self.items[item] for item in index),
            self.parameters.take(index),
            None if errors is None else errors.take(index),
            None if covariance is None else covariance.take(index),
        )

    def score(
        self,
        responses: Any,
        *,
        method: str = "eap",
        mean: float = 0.0,
        sd: float = 1.0,
        fences: tuple[float, float] | None = None,
    ) -> Scores:
        """Ability of each person: "eap", "map", "ml" or "wle", as in `Fit.score`.

        `responses` is whatever `read_responses` takes; its items are found by label, and all of
        them must be in the bank. mean and sd are of the normal prior of EAP and MAP. With `fences`
        ML stays finite for those who have everything right or wrong (Han 2016).
        """
        table = read_responses(responses)
        return score_responses(
            self.aligned(table), self.parameters, method, mean=mean, sd=sd, fences=fences
        )

    def aligned(self, table: ResponseTable) -> ResponseTable:
        """The responses with the items of the bank, in its order and with its categories.

        Items of the bank without responses are unanswered. Raises `InputError` for items that the
        bank lacks and for scores beyond an item's categories.
        """
        unknown = [label for label in table.items if label not in set(self.items)]
        if unknown:
            raise InputError(
                f"the bank has no parameters of {listed(unknown)}; leave them out by "
                "responses.select_items(...)"
            )
        return table.among(self.items, self.parameters.n_categories)

    def information(self, theta: ArrayLike | None = None) -> Information:
        """Information of the items and of the test at theta (Q,), by default -4, -3.75, ..., 4."""
        return information_of(self.items, self.parameters, theta)

    def reliability(self, *, mean: float = 0.0, sd: float = 1.0) -> float:
        """Marginal reliability of a test of all items among persons N(mean, sd^2)."""
        return marginal_reliability(self.parameters, covering_grid(mean, sd))

    def simulate(
        self, theta: ArrayLike, *, seed: int, persons: Iterable[Any] | None = None
    ) -> ResponseTable:
        """Responses of persons with abilities theta (N,) who answer by the model, all items."""
        abilities = np.asarray(theta, dtype=float)
        if abilities.ndim != 1 or not np.isfinite(abilities).all():
            raise InputError("theta must be a list of finite abilities")
        rng = np.random.default_rng(seed)
        scores = simulate_responses(self.parameters, abilities, rng).astype(np.int8)
        labels = labels_of_persons(persons, len(abilities))
        return table_of_matrix(scores, self.items, labels, self.parameters.n_categories)

    def to_columns(self) -> Columns:
        """item, model, discrimination, difficulty (or difficulty_1, ... of the steps), asymptotes
        where an item has one, and each with its `_se` where it is known."""
        return {"item": texts(self.items), **parameter_table(self.parameters, self.standard_errors)}

    def heading(self) -> list[str]:
        return [f"{self.n_items} items, D = 1"]


def item_bank(
    model: str | Iterable[str],
    *,
    difficulty: ArrayLike | Sequence[ArrayLike],
    discrimination: ArrayLike = 1.0,
    lower_asymptote: ArrayLike = 0.0,
    upper_asymptote: ArrayLike = 1.0,
    items: Iterable[object] | None = None,
) -> ItemBank:
    """Items whose parameters are known, on the logistic metric (D = 1).

    model is a name of `Model`, one for all or one an item. difficulty is one number an item, or,
    for a polytomous item, the list of its steps; the others are one
    number for all or one an item. Discriminations that are stated for D = 1.7 become those for
    D = 1 by `to_logistic_metric`. Raises `InputError`, which names the item.
    """
    steps = [np.atleast_1d(np.asarray(own, dtype=float)) for own in _rows(difficulty)]
    n_items = len(steps)
    labels = labels_of_items(numbered_items(n_items) if items is None else items, n_items)
    models = models_of(model, labels)
    columns = [
        _each(values, n_items, name)
        for values, name in (
            (discrimination, "discrimination"),
            (lower_asymptote, "lower_asymptote"),
            (upper_asymptote, "upper_asymptote"),
        )
    ]
    a, c, d = columns
    parameters = ItemParameters.from_rows(zip(models, a, steps, c, d, strict=True))
    with naming_items(labels):
        validate(parameters)
    return ItemBank(labels, parameters)


def models_of(model: str | Iterable[str] | Mapping[str, str], items: Sequence[str]) -> list[Model]:
    """The model of each item: one name for all, one an item, or by label."""
    if isinstance(model, str):
        names = [model] * len(items)
    elif isinstance(model, Mapping):
        lacking = [item for item in items if item not in model]
        if lacking:
            raise InputError(f"no model is named for {listed(lacking)}")
        names = [model[item] for item in items]
    else:
        names = list(model)
    if len(names) != len(items):
        raise InputError(f"{len(names)} models for {len(items)} items; give one, or one an item")
    known = {str(kind): kind for kind in Model}
    for name, item in zip(names, items, strict=True):
        if str(name).lower() not in known:
            raise InputError(f"item {item!r}: no model {name!r}; there are {', '.join(known)}")
    return [known[str(name).lower()] for name in names]


def parameter_table(parameters: ItemParameters, errors: StandardErrors | None) -> Columns:
    """The parameters by their full names, steps numbered, columns that no item needs left out."""
    columns: Columns = {"model": parameters.model}

    def add(name: str, values: FloatArray, own: FloatArray | None) -> None:
        columns[name] = values
        if own is not None:
            columns[f"{name}_se"] = own

    has_steps = parameters.n_categories > 2
    add(
        "discrimination",
        parameters.discrimination,
        None if errors is None else errors.discrimination,
    )
    b, b_errors = parameters.difficulty, None if errors is None else errors.difficulty
    if not has_steps.all():
        plain = np.where(has_steps, np.nan, b[:, 0])
        own = None if b_errors is None else np.where(has_steps, np.nan, b_errors[:, 0])
        add("difficulty", plain, own)
    for step in range(b.shape[1] if has_steps.any() else 0):
        value = np.where(has_steps, b[:, step], np.nan)
        own = None if b_errors is None else np.where(has_steps, b_errors[:, step], np.nan)
        add(f"difficulty_{step + 1}", value, own)
    c, d = parameters.lower_asymptote, parameters.upper_asymptote
    if (np.nan_to_num(c) != 0).any():
        add("lower_asymptote", c, None if errors is None else errors.lower_asymptote)
    if (np.nan_to_num(d, nan=1.0) != 1).any():
        add("upper_asymptote", d, None if errors is None else errors.upper_asymptote)
    return columns


def _rows(difficulty: Any) -> list[Any]:
    values = difficulty.tolist() if hasattr(difficulty, "tolist") else difficulty
    if not isinstance(values, Sequence) or not len(values):
        raise InputError("difficulty must be a list with one entry an item")
    # A rectangular array has NaN beyond an item's steps.
    return [
        [step for step in own if not np.isnan(step)] if isinstance(own, Sequence) else own
        for own in values
    ]


def _each(values: ArrayLike, n_items: int, name: str) -> list[float]:
    given = np.asarray(values, dtype=float)
    if given.shape not in ((), (n_items,)):
        raise InputError(f"{name} has {given.size} values for {n_items} items")
    return [float(value) for value in np.broadcast_to(given, (n_items,))]
