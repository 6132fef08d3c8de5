"""Do the tests of fit reject as often as they say, and do they find what is wrong?

Under each condition responses are simulated, items calibrated and fit is tested, so many times.
Observed rates are over all items; the limits are those between which the rate over 1,000
simulations falls 95% of the time at the nominal level. What is known to lie outside is marked, its
cause is in docs/psychometrics.md. Power is the rate where the model is wrong as stated.
Usage: python -m benchmarks.error_rates_fit [--replications 1000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from irt.arrays import BoolArray, FloatArray
from irt.calibration.calibrate import calibrate
from irt.fit.fitted_model import FitError, FittedModel, fitted_model
from irt.fit.m2 import m2
from irt.fit.mean_squares import mean_squares
from irt.fit.q3 import q3
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.models.parameters import ItemParameters, Model
from irt.responses import Responses, dense_responses
from irt.simulation.responses import simulate_responses

LEVEL = 0.05
N_PERSONS, N_ITEMS = 1000, 20
LOWEST, HIGHEST = (float(stats.binom.ppf(tail, 1000, LEVEL)) / 1000 for tail in (0.025, 0.975))
DEVIATE = ("z infit, EAP", "z outfit, EAP", "RMSD interval, estimated", "S-X2 rasch")

Rates = dict[str, list[BoolArray]]
Condition = Callable[[np.random.Generator, Rates], None]


def items(model: Model, rng: np.random.Generator) -> ItemParameters:
    lower = 0.2 if model == Model.THREE_PL else 0.0
    slopes = np.ones(N_ITEMS) if model == Model.RASCH else rng.lognormal(0.2, 0.3, N_ITEMS)
    centres = rng.normal(0.0, 1.0, N_ITEMS)
    steps = np.array([-0.9, 0.0, 0.9]) if model == Model.GRADED else np.zeros(1)
    return ItemParameters.from_rows(
        (model, a, b + steps, lower, 1.0) for a, b in zip(slopes, centres, strict=True)
    )


def fitted(responses: Responses, model: Model) -> FittedModel:
    fit = calibrate(responses, [model] * N_ITEMS, with_standard_errors=False)
    return fitted_model(
        fit.parameters, variance=fit.group_variance[0], free_variance=model == Model.RASCH
    )


def rejected(p: FloatArray) -> BoolArray:
    return np.asarray(p[np.isfinite(p)] < LEVEL)


def under_the_model(model: Model, rng: np.random.Generator, rates: Rates) -> None:
    truth, theta = items(model, rng), rng.standard_normal(N_PERSONS)
    responses = dense_responses(simulate_responses(truth, theta, rng), truth.n_categories)
    known, estimated = fitted_model(truth), fitted(responses, model)
    if not estimated.has_parameters.all():
        return
    rates[f"S-X2 {model}"].append(rejected(s_x2(responses, estimated).p))
    try:
        rates[f"M2 {model}"].append(rejected(np.array([m2(responses, estimated).p])))
    except FitError:
        return
    if model == Model.TWO_PL:
        at_truth, at_eap = mean_squares(responses, known, theta), mean_squares(responses, estimated)
        beyond = -stats.norm.ppf(LEVEL / 2)
        rates["z infit, true ability"].append(np.abs(at_truth.z_infit) > beyond)
        rates["z outfit, true ability"].append(np.abs(at_truth.z_outfit) > beyond)
        rates["z infit, EAP"].append(np.abs(at_eap.z_infit) > beyond)
        rates["z outfit, EAP"].append(np.abs(at_eap.z_outfit) > beyond)
        rates["RMSD interval, known"].append(outside(responses, known))
        rates["RMSD interval, estimated"].append(outside(responses, estimated))
        pairs = q3(responses, estimated)
        rates["Q3 flags (no level)"].append(pairs.flagged[pairs.status == "ok"])


def outside(responses: Responses, model: FittedModel) -> BoolArray:
    """Whether each point's interval misses the curve."""
    points = rmsd(responses, model, min_persons=20.0).points
    shown = np.repeat(points.shown, np.diff(points.offsets), axis=0)
    miss = (points.expected < points.lower) | (points.expected > points.upper)
    return np.asarray(miss[shown])


def guessing(rng: np.random.Generator, rates: Rates) -> None:
    """One item of a 2PL test can be guessed."""
    truth = items(Model.TWO_PL, rng)
    truth.model[0], truth.lower_asymptote[0] = Model.THREE_PL, 0.3
    truth.discrimination[0], truth.difficulty[0, 0] = 2.0, 0.5
    responses = dense_responses(simulate_responses(truth, rng.standard_normal(2000), rng))
    result = s_x2(responses, fitted(responses, Model.TWO_PL))
    rates["S-X2: c = 0.3 left out, N = 2000"].append(rejected(result.p[:1]))


def equal_slopes(rng: np.random.Generator, rates: Rates) -> None:
    """One item of a Rasch test has slope 0.5."""
    truth = items(Model.RASCH, rng)
    truth.model[0], truth.discrimination[0], truth.difficulty[0, 0] = Model.TWO_PL, 0.5, 0.0
    responses = dense_responses(simulate_responses(truth, rng.standard_normal(N_PERSONS), rng))
    result = s_x2(responses, fitted(responses, Model.RASCH))
    rates["S-X2: slope 0.5 for 1, N = 1000"].append(rejected(result.p[:1]))


def two_dimensions(rng: np.random.Generator, rates: Rates) -> None:
    """Half of the items measure another ability, correlated 0.8."""
    truth, half = items(Model.TWO_PL, rng), N_ITEMS // 2
    first = rng.standard_normal(N_PERSONS)
    second = 0.8 * first + 0.6 * rng.standard_normal(N_PERSONS)
    scores = np.column_stack(
        [
            simulate_responses(truth.take(np.arange(half)), first, rng),
            simulate_responses(truth.take(np.arange(half, N_ITEMS)), second, rng),
        ]
    )
    responses = dense_responses(scores)
    result = m2(responses, fitted(responses, Model.TWO_PL))
    rates["M2: two dimensions, r = 0.8, N = 1000"].append(rejected(np.array([result.p])))


def copied_item(rng: np.random.Generator, rates: Rates) -> None:
    """Four in ten answer the second item as they answered the first."""
    truth = items(Model.TWO_PL, rng)
    scores = simulate_responses(truth, rng.standard_normal(N_PERSONS), rng)
    copies = rng.random(N_PERSONS) < 0.4
    scores[copies, 1] = scores[copies, 0]
    responses = dense_responses(scores)
    flagged = q3(responses, fitted(responses, Model.TWO_PL)).flagged
    rates["Q3: 40% copy the item before, N = 1000"].append(flagged[0, 1:2])


def repeat(replications: int, conditions: Sequence[Condition]) -> Rates:
    rates: Rates = defaultdict(list)
    for replication in range(replications):
        for number, condition in enumerate(conditions):
            condition(np.random.default_rng([replication, number]), rates)
    return rates


def under(model: Model) -> Condition:
    return lambda rng, rates: under_the_model(model, rng, rates)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=1000)
    n = parser.parse_args().replications
    models = (Model.RASCH, Model.TWO_PL, Model.THREE_PL, Model.GRADED)
    print(f"{'test':<28}{'nominal':>9}{'observed':>10}{'limits':>16}  verdict")
    for name, results in sorted(repeat(n, [under(model) for model in models]).items()):
        rate = float(np.concatenate(results).mean())
        within = LOWEST <= rate <= HIGHEST
        verdict = "within" if within else "known to deviate" if name in DEVIATE else "OUTSIDE"
        if "no level" in name:
            print(f"{name:<28}{'':>9}{rate:>10.4f}")
            continue
        print(f"{name:<28}{LEVEL:>9.3f}{rate:>10.4f}{LOWEST:>9.3f}-{HIGHEST:.3f}  {verdict}")
    print("\npower")
    wrong = [guessing, equal_slopes, two_dimensions, copied_item]
    for name, results in sorted(repeat(max(n // 5, 1), wrong).items()):
        print(f"{name:<42}{float(np.concatenate(results).mean()):>8.3f}")
