"""The form of an item's parameters: model, a, one b or one for each step, c, d."""

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from common.report.words import join_by_and
from irt.models.parameters import (
    WITH_LOWER_ASYMPTOTE,
    WITH_UPPER_ASYMPTOTE,
    Model,
    Slope,
    usual_model,
)
from items.item_parameters import Parameters, default_model, models_for
from items.models import ItemVersion, ReleasedItem


def _number(label: Any, **options: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label, widget=UnfoldAdminDecimalFieldWidget({"step": "any"}), **options
    )


class ParameterForm(forms.Form):
    """Cleaned, it offers the values as `parameters`, checked by the model's own rules."""

    model = forms.ChoiceField(
        label=_("Model"), widget=UnfoldAdminSelectWidget({"x-model": "model"})
    )
    discrimination = _number(_("Discrimination a"))

    def __init__(self, *args: Any, version: ItemVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        self.version = version
        has_steps = version.max_score > 1
        self.usual_model = default_model(version)
        self.fields["model"].initial = default_model(version)
        self.fields["model"].help_text = _about_steps() if has_steps else _about_slopes()
        choices = [(model.value, model.label) for model in models_for(version.max_score)]
        self.fields["model"].choices = choices  # type: ignore[attr-defined]
        steps = range(1, version.max_score + 1)
        self.steps = [f"step_{step}" for step in steps]
        self.fields |= {
            name: _number(_("Step b%(k)s") % {"k": k} if has_steps else _("Difficulty b"))
            for k, name in zip(steps, self.steps, strict=True)
        }
        if not has_steps:
            self.fields["lower_asymptote"] = _number(
                _("Lower asymptote c"),
                required=False,
                help_text=_("Success rate at the lowest θ; 0 if empty."),
            )
            self.fields["upper_asymptote"] = _number(
                _("Upper asymptote d"),
                required=False,
                help_text=_("Success rate at the highest θ; 1 if empty."),
            )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2})
        )

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return [self["discrimination"], *(self[name] for name in self.steps)]

    @property
    def models_with(self) -> dict[str, str]:
        """The models that have an asymptote, for the page's scripts to show its field by."""
        return {
            "lower": json.dumps(WITH_LOWER_ASYMPTOTE),
            "upper": json.dumps(WITH_UPPER_ASYMPTOTE),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = self.parameters
        fault = given and given.fault(self.version.max_score)
        if fault:
            parameter, reason = fault
            self.add_error(_field_of(parameter), reason)
        return cleaned

    @property
    def parameters(self) -> Parameters | None:
        """The values that were entered; None while a number is missing or malformed."""
        cleaned = self.cleaned_data
        if not {"model", "discrimination", *self.steps} <= cleaned.keys():
            return None
        model = cleaned["model"]
        lower = cleaned.get("lower_asymptote") if model in WITH_LOWER_ASYMPTOTE else None
        upper = cleaned.get("upper_asymptote") if model in WITH_UPPER_ASYMPTOTE else None
        steps = tuple(cleaned[name] for name in self.steps)
        return Parameters(
            model, cleaned["discrimination"], steps, lower or 0.0, 1.0 if upper is None else upper
        )


def _about_steps() -> str:
    steps = [model for model in Model if model.is_polytomous]
    return gettext(
        "Thresholds of %(rising)s rise; steps of %(others)s come in any order. Calibration "
        "gives all %(unit)s items one a."
    ) % {
        "rising": _labels(model for model in steps if model.steps_must_rise),
        "others": _labels(model for model in steps if not model.steps_must_rise),
        "unit": _labels(model for model in steps if model.slope is Slope.UNIT),
    }


def _about_slopes() -> str:
    steps = [model for model in Model if model.is_polytomous]
    return gettext(
        "Calibration gives all %(unit)s items one a, and all %(common)s items one. With a single "
        "step %(free_steps)s are the %(free)s, and %(unit_steps)s is the %(unit)s model."
    ) % {
        "unit": usual_model(slope=Slope.UNIT).label,
        "common": usual_model(slope=Slope.COMMON).label,
        "free": usual_model().label,
        "free_steps": _labels(model for model in steps if model.slope is Slope.FREE),
        "unit_steps": _labels(model for model in steps if model.slope is Slope.UNIT),
    }


def _labels(models: Iterable[Model]) -> str:
    return join_by_and([model.label for model in models])


def _field_of(parameter: str) -> str:
    """The field of a parameter as the domain names it: model, a, b1…, c, d."""
    named = {"model": "model", "a": "discrimination"}
    named |= {"c": "lower_asymptote", "d": "upper_asymptote"}
    return named.get(parameter) or f"step_{parameter.removeprefix('b')}"


def parameter_initial(released: ReleasedItem | None) -> dict[str, Any]:
    """What the form starts from: the values that stand."""
    if released is None or released.discrimination is None:
        return {}
    steps = {f"step_{k}": b for k, b in enumerate(released.difficulty or [], 1)}
    return {
        "model": released.model,
        "discrimination": released.discrimination,
        "lower_asymptote": released.lower_asymptote,
        "upper_asymptote": released.upper_asymptote,
        **steps,
    }
