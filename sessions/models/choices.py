"""What the engine's rules are called: a value is written in irt, its label here."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from irt.policy.blueprint import Method
from irt.policy.policy import Criterion, Draw, Estimator, ExposureMethod, FirstItem

LABELS: dict[type[StrEnum], Mapping[StrEnum, Promise]] = {
    Estimator: {
        Estimator.EAP: _("EAP (expected a posteriori)"),
        Estimator.MAP: _("MAP (maximum a posteriori)"),
        Estimator.ML: _("ML (maximum likelihood)"),
        Estimator.WLE: _("WLE (Warm's weighted likelihood)"),
    },
    Criterion: {
        Criterion.MAXIMUM_INFORMATION: _("maximum information"),
        Criterion.KULLBACK_LEIBLER: _("Kullback-Leibler information"),
        Criterion.POSTERIOR_WEIGHTED_INFORMATION: _("posterior-weighted information"),
        Criterion.EXPECTED_POSTERIOR_VARIANCE: _("minimum expected posterior variance"),
        Criterion.A_STRATIFIED: _("a-stratified"),
        Criterion.URRY: _("nearest difficulty (Urry)"),
        Criterion.RANDOM: _("random"),
    },
    Draw: {
        Draw.BEST: _("the best item"),
        Draw.RANDOMESQUE: _("one of the best (randomesque)"),
        Draw.PROGRESSIVE: _("progressive"),
        Draw.PROPORTIONAL: _("proportional"),
    },
    FirstItem: {
        FirstItem.PRIOR_MEAN: _("at the prior mean"),
        FirstItem.SPREAD: _("around the prior mean"),
        FirstItem.FIXED: _("always the same item"),
        FirstItem.CARRIED: _("where the last session ended"),
    },
    Method: {
        Method.PRIORITY: _("maximum priority (fast)"),
        Method.SHADOW_TEST: _("shadow test (optimal)"),
    },
    ExposureMethod: {
        ExposureMethod.NONE: _("none"),
        ExposureMethod.SYMPSON_HETTER: _("Sympson-Hetter"),
        ExposureMethod.ELIGIBILITY: _("item eligibility"),
    },
}


def choices_of(kind: type[StrEnum]) -> list[tuple[str, Promise]]:
    """Value and label of each member, for a column; KeyError where one has no label."""
    return [(member.value, LABELS[kind][member]) for member in kind]
