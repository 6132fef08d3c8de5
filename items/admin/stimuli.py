"""Stimuli: a saved edit is the next number, what exists stays as it was."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter

from common.admin.base import KeptAdmin
from common.admin.localized import LocalizedTextField
from common.admin.seen import seen_by
from common.edits import Values
from items import stimuli
from items.models import Stimulus


class StimulusForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    body = LocalizedTextField(
        label=_("Body"), rows=8, help_text=_("Markdown and TeX, as in stems.")
    )

    class Meta:
        model = Stimulus
        fields = ("bank", "code", "body")

    def clean(self) -> dict[str, Any]:
        """A taken code is said here, where the text that was typed is not lost."""
        written = super().clean() or {}
        bank, code = written.get("bank"), written.get("code")
        if bank and code and bank.stimuli.filter(code=code).exists():
            self.add_error("code", _("There is a stimulus of this code already: edit that one."))
        return written


@admin.register(Stimulus)
class StimulusAdmin(KeptAdmin):
    form = StimulusForm
    list_display = ("code", "number", "bank")
    list_filter = (("bank", RelatedDropdownFilter),)
    search_fields = ("code",)
    ordering = ("bank", "code", "-number")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("bank", "code") if obj else ()

    def seen_values(self, row: Stimulus, form: Any) -> Values:
        return stimuli.shown_values(row)

    def save_model(self, request: HttpRequest, obj: Stimulus, form: Any, change: bool) -> None:
        """Writes the next number; `obj` becomes that row, so that the message names it."""
        body = form.cleaned_data["body"]
        if change:
            written = stimuli.revise_stimulus(obj, body, request.user, seen_by(form))
        else:
            written = stimuli.create_stimulus(obj.bank, obj.code, body, request.user)
        obj.pk, obj.number = written.pk, written.number
