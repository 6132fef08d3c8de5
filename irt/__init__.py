"""Item response theory on NumPy and SciPy: fit, score, judge, link and simulate tests.

A first look, with the whole tour in docs/library.md:

    fit = irt.fit_model(responses, model)
    print(fit)
    fit.score().to_frame()

Discriminations are on the logistic metric (D = 1) everywhere. A name is loaded from its module when
it is first used, so that `import irt` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irt.adaptive import Step, advance, final_ability, next_step, start
    from irt.calibration.calibrate import calibrate
    from irt.calibration.priors import Beta, LogitNormal, LogNormal, Priors
    from irt.drift.cusum import cusum as drift_cusum
    from irt.drift.cusum import false_alarm_rate
    from irt.drift.purification import Criterion as DriftCriterion
    from irt.estimation.reliability import empirical_reliability, marginal_reliability
    from irt.estimation.summed_scores import summed_score_eap
    from irt.library.adaptive_tests import AdaptiveTest, simulate_adaptive_test
    from irt.library.faults import FitWarning, InputError
    from irt.library.fit import Fit
    from irt.library.fit_statistics import ItemFit, LocalDependence, ModelFit, PersonFit
    from irt.library.fitting import fit_model
    from irt.library.information import Information
    from irt.library.item_bank import ItemBank, item_bank
    from irt.library.links import Linkage, link
    from irt.library.reading import read_long, read_responses
    from irt.library.response_table import ResponseTable
    from irt.library.scores import Scores
    from irt.library.tables import PlainTable, Table
    from irt.models.curves import category_probabilities, expected_score
    from irt.models.information import item_information, test_information
    from irt.models.parameters import (
        ItemParameters,
        Model,
        ParameterError,
        to_logistic_metric,
        to_normal_metric,
    )
    from irt.person_fit.cusum import cusum as person_fit_cusum
    from irt.person_fit.cuts import CutScores, Tail, cut_scores, simulated_cuts
    from irt.policy.blueprint import AreaBound, Blueprint, SetBound
    from irt.policy.policy import (
        Criterion,
        Draw,
        Estimation,
        Estimator,
        Exposure,
        ExposureMethod,
        FirstItem,
        Policy,
        Selection,
    )
    from irt.policy.stopping_rules import (
        AllOf,
        AnyOf,
        Classified,
        Classifier,
        InformationLeft,
        StandardError,
        StandardErrorGain,
        Stopping,
        StopReason,
        ThetaChange,
        TimeSpent,
    )
    from irt.pool import Attributes, Pool, build_pool
    from irt.quadrature import Grid, normal_grid
    from irt.response_times.effort import response_time_effort
    from irt.response_times.lognormal import fit_lognormal
    from irt.response_times.speed import estimate_speed
    from irt.response_times.times import response_time_matrix
    from irt.response_times.times import response_times as long_response_times
    from irt.responses import dense_responses, sparse_responses
    from irt.simulation.comparison import compare
    from irt.simulation.responses import simulate_responses
    from irt.simulation.sequential import Cap, simulate_in_sequence
    from irt.simulation.sessions import Sessions, simulate_sessions
    from irt.simulation.study import Study, study
    from irt.state import Examinees, State, examinees, restore_state

__all__ = [
    "AdaptiveTest",
    "AllOf",
    "AnyOf",
    "AreaBound",
    "Attributes",
    "Beta",
    "Blueprint",
    "Cap",
    "Classified",
    "Classifier",
    "Criterion",
    "CutScores",
    "Draw",
    "DriftCriterion",
    "Estimation",
    "Estimator",
    "Examinees",
    "Exposure",
    "ExposureMethod",
    "FirstItem",
    "Fit",
    "FitWarning",
    "Grid",
    "Information",
    "InformationLeft",
    "InputError",
    "ItemBank",
    "ItemFit",
    "ItemParameters",
    "Linkage",
    "LocalDependence",
    "LogNormal",
    "LogitNormal",
    "Model",
    "ModelFit",
    "ParameterError",
    "PersonFit",
    "PlainTable",
    "Policy",
    "Pool",
    "Priors",
    "ResponseTable",
    "Scores",
    "Selection",
    "Sessions",
    "SetBound",
    "StandardError",
    "StandardErrorGain",
    "State",
    "Step",
    "StopReason",
    "Stopping",
    "Study",
    "Table",
    "Tail",
    "ThetaChange",
    "TimeSpent",
    "advance",
    "build_pool",
    "calibrate",
    "category_probabilities",
    "compare",
    "cut_scores",
    "dense_responses",
    "drift_cusum",
    "empirical_reliability",
    "estimate_speed",
    "examinees",
    "expected_score",
    "false_alarm_rate",
    "final_ability",
    "fit_lognormal",
    "fit_model",
    "item_bank",
    "item_information",
    "link",
    "long_response_times",
    "marginal_reliability",
    "next_step",
    "normal_grid",
    "person_fit_cusum",
    "read_long",
    "read_responses",
    "response_time_effort",
    "response_time_matrix",
    "restore_state",
    "simulate_adaptive_test",
    "simulate_in_sequence",
    "simulate_responses",
    "simulate_sessions",
    "simulated_cuts",
    "sparse_responses",
    "start",
    "study",
    "summed_score_eap",
    "test_information",
    "to_logistic_metric",
    "to_normal_metric",
]

# Which module gives each name; those that are called otherwise there stand in _HOMES.
_ROOMS: dict[str, tuple[str, ...]] = {
    "irt.adaptive": ("Step", "advance", "final_ability", "next_step", "start"),
    "irt.calibration.calibrate": ("calibrate",),
    "irt.calibration.priors": ("Beta", "LogitNormal", "LogNormal", "Priors"),
    "irt.drift.cusum": ("false_alarm_rate",),
    "irt.estimation.reliability": ("empirical_reliability", "marginal_reliability"),
    "irt.estimation.summed_scores": ("summed_score_eap",),
    "irt.library.adaptive_tests": ("AdaptiveTest", "simulate_adaptive_test"),
    "irt.library.faults": ("FitWarning", "InputError"),
    "irt.library.fit": ("Fit",),
    "irt.library.fit_statistics": ("ItemFit", "LocalDependence", "ModelFit", "PersonFit"),
    "irt.library.fitting": ("fit_model",),
    "irt.library.information": ("Information",),
    "irt.library.item_bank": ("ItemBank", "item_bank"),
    "irt.library.links": ("Linkage", "link"),
    "irt.library.reading": ("read_long", "read_responses"),
    "irt.library.response_table": ("ResponseTable",),
    "irt.library.scores": ("Scores",),
    "irt.library.tables": ("PlainTable", "Table"),
    "irt.models.curves": ("category_probabilities", "expected_score"),
    "irt.models.information": ("item_information", "test_information"),
    "irt.models.parameters": (
        "ItemParameters",
        "Model",
        "ParameterError",
        "to_logistic_metric",
        "to_normal_metric",
    ),
    "irt.person_fit.cuts": ("CutScores", "Tail", "cut_scores", "simulated_cuts"),
    "irt.policy.blueprint": ("AreaBound", "Blueprint", "SetBound"),
    "irt.policy.policy": (
        "Criterion",
        "Draw",
        "Estimation",
        "Estimator",
        "Exposure",
        "ExposureMethod",
        "FirstItem",
        "Policy",
        "Selection",
    ),
    "irt.policy.stopping_rules": (
        "AllOf",
        "AnyOf",
        "Classified",
        "Classifier",
        "InformationLeft",
        "StandardError",
        "StandardErrorGain",
        "Stopping",
        "StopReason",
        "ThetaChange",
        "TimeSpent",
    ),
    "irt.pool": ("Attributes", "Pool", "build_pool"),
    "irt.quadrature": ("Grid", "normal_grid"),
    "irt.response_times.effort": ("response_time_effort",),
    "irt.response_times.lognormal": ("fit_lognormal",),
    "irt.response_times.speed": ("estimate_speed",),
    "irt.response_times.times": ("response_time_matrix",),
    "irt.responses": ("dense_responses", "sparse_responses"),
    "irt.simulation.comparison": ("compare",),
    "irt.simulation.responses": ("simulate_responses",),
    "irt.simulation.sequential": ("Cap", "simulate_in_sequence"),
    "irt.simulation.sessions": ("Sessions", "simulate_sessions"),
    "irt.simulation.study": ("Study", "study"),
    "irt.state": ("Examinees", "State", "examinees", "restore_state"),
}
_HOMES = {name: (room, name) for room, names in _ROOMS.items() for name in names} | {
    "drift_cusum": ("irt.drift.cusum", "cusum"),
    "DriftCriterion": ("irt.drift.purification", "Criterion"),
    "person_fit_cusum": ("irt.person_fit.cusum", "cusum"),
    "long_response_times": ("irt.response_times.times", "response_times"),
}

if not TYPE_CHECKING:  # so that a type checker still refuses a name that does not exist

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'irt' has no attribute {name!r}")
        room, own = _HOMES[name]
        value = globals()[name] = getattr(import_module(room), own)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
