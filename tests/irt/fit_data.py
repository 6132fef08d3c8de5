"""Responses, models and mirt's statistics for the tests of fit."""

import numpy as np

from irt.fit.fitted_model import fitted_model
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses
from tests.reference import reader as reference


def fitted(name):
    """Responses of a scored fit, and its model at the estimates that it was scored with."""
    parameters = reference.scored_parameters(name)
    mean, sd = reference.scored_population(name)
    anchored = name.startswith("ref_anchor")
    model = fitted_model(
        parameters,
        mean=mean,
        variance=sd**2,
        estimated=(np.arange(parameters.n_items) >= 30) | (not anchored),
        free_mean=anchored,
        free_variance=anchored or reference.SCORED_FITS[name] == "rasch",
    )
    scores = reference.responses_of(name.split("__")[0])
    return dense_responses(scores, parameters.n_categories), model


def statistics_of(name, statistic):
    """Columns of an itemfit file; NaN where R says NA."""
    return reference.table("itemfit", f"{name}__{statistic}")


def two_pl(n_items, seed=1):
    rng = np.random.default_rng(seed)
    slopes, difficulties = rng.lognormal(0.2, 0.3, n_items), rng.normal(0.0, 1.0, n_items)
    return ItemParameters.from_rows(
        (Model.TWO_PL, a, b, 0.0, 1.0) for a, b in zip(slopes, difficulties, strict=True)
    )


def mixed_items():
    return ItemParameters.from_rows(
        [
            (Model.TWO_PL, 1.2, -0.5, 0.0, 1.0),
            (Model.THREE_PL, 1.5, 0.3, 0.2, 1.0),
            (Model.FOUR_PL, 1.4, 0.0, 0.1, 0.95),
            (Model.GRADED, 1.3, [-1.0, 0.2, 1.1], 0.0, 1.0),
            (Model.GPCM, 0.9, [-0.4, 0.6], 0.0, 1.0),
            (Model.RASCH, 1.0, 0.8, 0.0, 1.0),
            (Model.ONE_PL, 1.1, -1.0, 0.0, 1.0),
            (Model.PCM, 1.0, [0.5, -0.3], 0.0, 1.0),
        ]
    )


def simulated(parameters, n_persons, seed=2):
    rng = np.random.default_rng(seed)
    scores = simulate_responses(parameters, rng.standard_normal(n_persons), rng)
    return dense_responses(scores, parameters.n_categories)
