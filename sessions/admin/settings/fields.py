"""The form of the settings that are one field each, made of their declarations."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from items.models import Bank
from sessions.models import Test, TestVersion
from sessions.rules.settings.groups import GROUPS

FIELDS = [setting for group in GROUPS for setting in group.fields]
FORGOTTEN = {field.name: field.when for field in FIELDS if field.when and field.when.forgets}


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Fields only: `create_test_version` holds the rules."""

    def _post_clean(self) -> None:
        """Nothing is built from these fields here, so there is no instance to check."""

    def clean(self) -> dict[str, Any]:
        """A leftover of a rule that is not chosen any more is none."""
        for name, when in FORGOTTEN.items():
            if name in self.cleaned_data and not when.holds(self.data):
                self.cleaned_data[name] = self.fields[name].clean("")
        return self.cleaned_data


def make_settings_form(request: HttpRequest, bank: Bank) -> Any:
    """The form with the admin's widgets, its choices those of the bank."""
    own_admin = admin.site.get_model_admin(Test)
    rows = {setting.name: setting.rows(bank) for setting in FIELDS if setting.rows}

    def make_field(field: Any, **options: Any) -> Any:
        if field.name in rows:
            return _make_choice(field, rows[field.name], **options)
        make = MAKERS.get(type(field))
        if make:
            return make(field, **options)
        return own_admin.formfield_for_dbfield(field, request, **options)

    made: Any = forms.modelform_factory(
        TestVersion,
        SettingsForm,
        fields=[setting.name for setting in FIELDS],
        formfield_callback=make_field,
        labels={setting.name: setting.label for setting in FIELDS if setting.label},  # type: ignore[misc]  # lazy texts are texts
        help_texts={setting.name: setting.help for setting in FIELDS},  # type: ignore[misc]  # likewise
    )
    return made


def _make_choice(field: Any, rows: models.QuerySet[Any], **options: Any) -> Any:
    return field.formfield(
        queryset=rows, widget=UnfoldAdminSelectWidget, empty_label=_("none"), **options
    )


def _make_moment(field: Any, **options: Any) -> Any:
    """A time as one input, which one label names."""
    looks = {"type": "datetime-local", "class": " ".join(BASE_INPUT_CLASSES)}
    widget = forms.DateTimeInput(looks, format="%Y-%m-%dT%H:%M")
    return field.formfield(widget=widget, **options)


def _make_list(field: Any, **options: Any) -> Any:
    return field.formfield(widget=UnfoldAdminTextInputWidget, **options)


MAKERS: dict[type[Any], Callable[..., Any]] = {
    models.DateTimeField: _make_moment,
    ArrayField: _make_list,
}
