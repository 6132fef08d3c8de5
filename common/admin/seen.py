"""Forms that know what they showed: the token of `common.edits`, handed out and taken back."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from common.edits import ChangedMeanwhile, Values, token_of

FIELD = "seen"


def hand_out(form: Any, values: Values) -> None:
    """Give the form a hidden field with the token of what it shows; a bound one keeps its own."""
    form.fields[FIELD] = forms.CharField(
        required=False, widget=forms.HiddenInput, initial=token_of(values)
    )


def seen_by(form: Any) -> str | None:
    """The token that came back with the form; None where the sender was shown none."""
    return form.cleaned_data.get(FIELD) or None


def take_notice(form: Any, error: ChangedMeanwhile) -> None:
    """Tell in the form what others changed. It keeps what was typed, and its token is the new one:
    whoever has read what stands now may save again."""
    form.add_error(None, error.message)
    for part in error.detail["changed"]:
        if part["now"]:
            form.add_error(None, _("%(part)s is now: “%(now)s”.") % part)
    form.add_error(
        None, _("What you typed is still here. To put it in the place of theirs, save again.")
    )
    form.data = form.data.copy()
    form.data[FIELD] = error.detail["token"]
