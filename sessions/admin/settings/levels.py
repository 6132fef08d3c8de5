"""Rows of two lists: the levels between cut scores, and the priors of examinee groups."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from common.admin.localized import LocalizedTextField
from items.admin.content_form import RowFormSet
from sessions.models import ExamineeGroup, TestVersion

MOST_LEVELS, MOST_PRIORS = 20, 200


class LevelForm(forms.Form):
    """A level by name, and the θ from which it is reached: none for the lowest."""

    cut = forms.FloatField(
        label=_("Reached from θ"), required=False, widget=UnfoldAdminDecimalFieldWidget
    )

    def __init__(self, *args: Any, languages: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"] = LocalizedTextField(
            label=_("Level"), languages=languages, rows=1, required=False
        )


class LevelFormSet(RowFormSet):
    def clean(self) -> None:
        """The lowest level comes first and has no cut; each other has one."""
        if any(self.errors):
            return
        for number, row in enumerate(self.filled):
            if number == 0 and row["cut"] is not None:
                raise forms.ValidationError(
                    gettext("The lowest level comes first, and its θ is left empty.")
                )
            if number and row["cut"] is None:
                raise forms.ValidationError(
                    gettext("Every level but the lowest needs the θ from which it is reached.")
                )


def make_level_rows(data: Any, version: TestVersion) -> Any:
    cuts = [None, *version.cut_scores]
    made: type[Any] = forms.formset_factory(
        LevelForm, LevelFormSet, extra=1, can_delete=True, max_num=MOST_LEVELS, validate_max=True
    )
    return made(
        data,
        prefix="levels",
        initial=[
            {"cut": cut, "name": name} for cut, name in zip(cuts, version.level_names, strict=False)
        ],
        form_kwargs={"languages": version.test.bank.languages or ["en"]},
    )


def levels_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cut_scores": [row["cut"] for row in rows[1:]],
        "level_names": [row["name"] or {} for row in rows],
    }


class PriorForm(forms.Form):
    group = forms.ModelChoiceField(
        ExamineeGroup.objects.order_by("code"),
        label=_("Examinee group"),
        required=False,
        to_field_name="code",
        empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )
    mean = forms.FloatField(
        label=_("Prior mean"), initial=0.0, widget=UnfoldAdminDecimalFieldWidget
    )
    sd = forms.FloatField(label=_("Prior SD"), initial=1.0, widget=UnfoldAdminDecimalFieldWidget)


def make_prior_rows(data: Any, priors: dict[str, Any]) -> Any:
    made: type[Any] = forms.formset_factory(
        PriorForm, RowFormSet, extra=1, can_delete=True, max_num=MOST_PRIORS, validate_max=True
    )
    return made(
        data,
        prefix="priors",
        initial=[{"group": code, **prior} for code, prior in priors.items()],
    )


def priors_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows without a group do not count; of two for one group, the last."""
    return {
        row["group"].code: {"mean": row["mean"], "sd": row["sd"]} for row in rows if row["group"]
    }
