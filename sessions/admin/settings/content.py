"""The editor of the blueprint: bounds of each content area, of stimulus sets, of words and time."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from items.admin.content_form import RowFormSet
from items.areas import AreaRow, BankAreas
from items.models import Bank

ANY_SET = "*"
LABELS = {"min": _("at least"), "max": _("at most"), "share": _("share in percent")}


class ContentForm(forms.Form):
    """Three fields for each content area of the bank, and the limits of the whole test."""

    max_words = forms.IntegerField(
        label=_("Words in all"),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Of stems and options together; empty = no limit."),
    )
    max_seconds = forms.FloatField(
        label=_("Expected seconds in all"),
        required=False,
        min_value=1,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("Every operational item needs an expected time then; empty = no limit."),
    )

    def __init__(self, data: Any, *, tree: BankAreas, blueprint: dict[str, Any]) -> None:
        self.tree = tree
        bounds = {bound["area"]: bound for bound in blueprint.get("areas") or []}
        initial = {name: blueprint.get(name) for name in ("max_words", "max_seconds")}
        super().__init__(data, prefix="content", initial=initial)
        for row in tree.rows:
            bound = bounds.get(row.area.code, {})
            for name, label in LABELS.items():
                self.fields[_name(row, name)] = _make_bound_field(
                    name, f"{row.area}: {label}", bound.get(name)
                )

    @property
    def areas(self) -> Iterator[tuple[AreaRow, list[Any]]]:
        """Each area with its three fields."""
        for row in self.tree.rows:
            yield row, [self[_name(row, name)] for name in LABELS]

    @property
    def area_faults(self) -> list[str]:
        """Errors of the table's fields, each with the label of its field."""
        return [
            f"{field.label}: {error}"
            for _row, fields in self.areas
            for field in fields
            for error in field.errors
        ]

    @property
    def blueprint(self) -> dict[str, Any]:
        """The cleaned blueprint, without what was left empty."""
        cleaned = self.cleaned_data
        areas = []
        for row in self.tree.rows:
            given = {name: cleaned[_name(row, name)] for name in LABELS}
            if given["share"] is not None:
                given["share"] = round(given["share"] / 100, 6)
            if bound := _drop_empty(given):
                areas.append({"area": row.area.code, **bound})
        limits = _drop_empty({name: cleaned[name] for name in ("max_words", "max_seconds")})
        return ({"areas": areas} if areas else {}) | limits


def _name(row: AreaRow, bound: str) -> str:
    return f"{bound}_{row.area.pk}"


def _make_bound_field(name: str, label: str, value: Any) -> forms.Field:
    attributes = {"aria-label": label}
    if name != "share":
        return forms.IntegerField(
            label=label,
            required=False,
            min_value=0,
            initial=value,
            widget=UnfoldAdminIntegerFieldWidget(attributes),
        )
    return forms.FloatField(
        label=label,
        required=False,
        min_value=0,
        max_value=100,
        initial=None if value is None else round(100 * value, 4),
        widget=UnfoldAdminDecimalFieldWidget(attributes),
    )


def _drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class SetForm(forms.Form):
    """How many items a stimulus set gives, once one of them is given."""

    minimum = forms.IntegerField(
        label=_("At least"),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    maximum = forms.IntegerField(
        label=_("At most"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )

    def __init__(self, *args: Any, codes: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            ("", gettext("none")),
            (ANY_SET, gettext("any set")),
            *zip(codes, codes, strict=True),
        ]
        self.fields["stimulus"] = forms.ChoiceField(
            label=_("Stimulus"), choices=choices, required=False, widget=UnfoldAdminSelectWidget
        )
        self.order_fields(["stimulus"])


def make_set_rows(data: Any, bank: Bank, blueprint: dict[str, Any]) -> Any:
    codes = sorted(set(bank.stimuli.values_list("code", flat=True)))
    made: type[Any] = forms.formset_factory(
        SetForm, RowFormSet, extra=1, can_delete=True, max_num=500, validate_max=True
    )
    initial = [
        {
            "stimulus": bound.get("stimulus") or ANY_SET,
            "minimum": bound.get("min"),
            "maximum": bound.get("max"),
        }
        for bound in blueprint.get("sets") or []
    ]
    return made(data, prefix="sets", initial=initial, form_kwargs={"codes": codes})


def sets_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cleaned rows as `TestVersion.blueprint` has them; rows without a stimulus do not count."""
    return [
        {"stimulus": None if row["stimulus"] == ANY_SET else row["stimulus"]}
        | _drop_empty({"min": row["minimum"], "max": row["maximum"]})
        for row in rows
        if row["stimulus"]
    ]
