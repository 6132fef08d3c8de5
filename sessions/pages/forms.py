"""What people send with forms: answers, filters, invitations."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from common.errors import InvalidInput
from items.answers import answer_from_form
from items.kinds.forms import whole_number
from items.models import in_language
from sessions.models import Examinee, ExamineeGroup, Session, Test


def given_answer(data: QueryDict) -> dict[str, Any]:
    """`position`, `item` and `answer` as `record_response` takes them.

    Raises InvalidInput for a form that holds no answer or was not ours.
    """
    return {
        "position": whole_number(data.get("position", "")),
        "item": whole_number(data.get("item", "")),
        "answer": _answer(data),
    }


def _answer(data: QueryDict) -> dict[str, Any]:
    if data.get("act") == "omit":
        return {"omit": True}
    answer = answer_from_form(data)
    if answer is None:
        raise InvalidInput("no_answer", _("Give an answer first."))
    return answer


class TestChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, obj: Any) -> str:
        return in_language(obj.title, get_language() or "en")


class SessionFilterForm(forms.Form):
    """Which sessions a list shows; empty fields do not narrow it."""

    group = forms.ModelChoiceField(
        ExamineeGroup.objects.none(),
        label=gettext_lazy("Group"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("All groups"),
    )
    test = TestChoice(
        Test.objects.order_by("slug"),
        label=gettext_lazy("Test"),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("All tests"),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[("", gettext_lazy("Any status")), *Session.Status.choices],
        required=False,
    )

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]  # a model choice

    def lookups(self) -> dict[str, Any]:
        """Filters for Session; a value that is not known does not narrow the list."""
        chosen = self.cleaned_data if self.is_valid() else {}
        names = {"group": "examinee__groups", "test": "test", "status": "status"}
        return {names[field]: value for field, value in chosen.items() if value}


class InvitationForm(forms.Form):
    """Whom to invite to which test, and for how long the link works."""

    examinee = forms.ModelChoiceField(
        Examinee.objects.none(),
        label=gettext_lazy("Student"),
        help_text=gettext_lazy("The id; type to search among the students of your groups."),
        to_field_name="external_id",
        widget=forms.TextInput(attrs={"list": "examinees", "autocomplete": "off"}),
        error_messages={
            "invalid_choice": gettext_lazy("None of your students has this id."),
        },
    )
    test = TestChoice(Test.objects.none(), label=gettext_lazy("Test"), to_field_name="slug")
    days = forms.TypedChoiceField(
        label=gettext_lazy("The link works for"),
        coerce=int,
        initial=7,
        choices=[
            (1, gettext_lazy("one day")),
            (7, gettext_lazy("one week")),
            (28, gettext_lazy("four weeks")),
        ],
    )

    def __init__(self, *args: Any, examinees: Any, tests: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["examinee"].queryset = examinees  # type: ignore[attr-defined]  # a model choice
        self.fields["test"].queryset = tests  # type: ignore[attr-defined]  # a model choice

    @property
    def valid_for(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
