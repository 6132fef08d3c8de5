"""The form of an item's content: text per language, options with their scores, numeric rules."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from common.admin.localized import LocalizedTextField
from items.content import Content, OptionContent, RuleContent
from items.kinds.parts import HIGHEST_SCORE, LONGEST_OPTION_NOTE, MOST_OPTIONS
from items.kinds.registry import KINDS, kind_of
from items.models import LONGEST_SECONDS, Bank, ContentArea, ItemVersion, ResponseKind, Stimulus


def languages_of(bank: Bank) -> Sequence[str]:
    return bank.languages or ["en"]


class NewItemForm(forms.Form):
    """What identifies an item and never changes."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Unique in the bank; it cannot be changed later."),
    )


class ContentForm(forms.Form):
    area = forms.ModelChoiceField(
        ContentArea.objects.none(), label=_("Content area"), widget=UnfoldAdminSelectWidget
    )
    response_kind = forms.ChoiceField(
        label=_("Kind"),
        choices=ResponseKind.choices,
        widget=UnfoldAdminSelectWidget({"x-model": "kind"}),
    )
    stimulus = forms.ModelChoiceField(
        Stimulus.objects.none(),
        label=_("Stimulus"),
        required=False,
        empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )

    expected_seconds = forms.IntegerField(
        label=_("Expected seconds"),
        required=False,
        min_value=1,
        max_value=LONGEST_SECONDS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("What a student is likely to need; tests that count time go by it."),
    )

    def __init__(self, *args: Any, bank: Bank, **options: Any) -> None:
        super().__init__(*args, **options)
        languages = languages_of(bank)
        self.fields["area"].queryset = bank.areas.order_by("code")  # type: ignore[attr-defined]
        stimuli = bank.stimuli.order_by("code", "-number")
        self.fields["stimulus"].queryset = stimuli  # type: ignore[attr-defined]
        self.fields["stem"] = LocalizedTextField(
            label=_("Stem"),
            languages=languages,
            rows=4,
            help_text=_("Markdown; mathematics between dollar signs, as in $x^2$."),
        )
        self.fields["rationale"] = LocalizedTextField(
            label=_("Rationale"), languages=languages, required=False
        )
        self.fields["note"] = forms.CharField(
            label=_("What changed and why"), max_length=500, widget=UnfoldAdminTextInputWidget
        )


class OptionForm(forms.Form):
    def __init__(self, *args: Any, languages: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["term"] = LocalizedTextField(
            label=_("Term"), languages=languages, required=False, rows=1
        )
        self.fields["text"] = LocalizedTextField(label=_("Text"), languages=languages, rows=1)
        self.fields["score"] = forms.IntegerField(
            label=_("Score"),
            min_value=0,
            max_value=HIGHEST_SCORE,
            initial=0,
            widget=UnfoldAdminIntegerFieldWidget,
        )
        self.fields["note"] = forms.CharField(
            label=_("Mistake behind it"),
            max_length=LONGEST_OPTION_NOTE,
            required=False,
            widget=UnfoldAdminTextInputWidget,
        )


class RuleForm(forms.Form):
    lower = forms.FloatField(label=_("From"), widget=UnfoldAdminDecimalFieldWidget)
    upper = forms.FloatField(label=_("To"), widget=UnfoldAdminDecimalFieldWidget)
    score = forms.IntegerField(
        label=_("Score"),
        min_value=1,
        max_value=HIGHEST_SCORE,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class RowFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # not generic at run time
    """Rows in the order of the page; empty rows and removed rows do not count."""

    deletion_widget = UnfoldBooleanWidget

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    @property
    def filled(self) -> list[dict[str, Any]]:
        """The cleaned values of the rows that stay."""
        given = self.initial_form_count()
        return [
            {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            for number, form in enumerate(self.forms)
            if (number < given or form.has_changed()) and form not in self.deleted_forms
        ]


class Rows:
    """The option rows and the rule rows of one page, as one thing."""

    def __init__(self, data: Any, *, bank: Bank, version: ItemVersion | None = None) -> None:
        options = list(version.options.all()) if version else []
        rules = list(version.numeric_rules.all()) if version else []
        self.options = _rows_of(OptionForm, 0 if options else 4)(
            data,
            prefix="options",
            initial=[
                {"term": o.term, "text": o.text, "score": o.score, "note": o.note} for o in options
            ],
            form_kwargs={"languages": languages_of(bank)},
        )
        self.rules = _rows_of(RuleForm, 0 if rules else 1)(
            data,
            prefix="rules",
            initial=[{"lower": r.lower, "upper": r.upper, "score": r.score} for r in rules],
        )

    def is_valid(self) -> bool:
        return all([self.options.is_valid(), self.rules.is_valid()])


def _rows_of(form: type[forms.Form], extra: int) -> type[RowFormSet]:
    made: type[Any] = forms.formset_factory(
        form, RowFormSet, extra=extra, can_delete=True, max_num=MOST_OPTIONS, validate_max=True
    )
    return made


def content_from(form: ContentForm, rows: Rows) -> Content:
    """What the page says; what does not fit the kind was hidden and does not count."""
    written = form.cleaned_data
    kind = kind_of(written["response_kind"])
    options = (
        OptionContent(**{part: row[part] for part in kind.option_parts})
        for row in (rows.options.filled if kind.option_parts else ())
    )
    rules = (RuleContent(**row) for row in (rows.rules.filled if kind.has_rules else ()))
    return Content(
        area=written["area"],
        response_kind=written["response_kind"],
        stem=written["stem"],
        options=tuple(options),
        rules=tuple(rules),
        rationale=written["rationale"] or {},
        stimulus=written["stimulus"],
        expected_seconds=written["expected_seconds"],
    )


def kinds_on_the_page() -> dict[str, dict[str, Any]]:
    """What each kind shows of the page, by its name, for the page's Alpine."""
    return {
        name: {
            "parts": [*kind.option_parts, *(["rules"] if kind.has_rules else [])],
            "title": str(kind.options_title),
            "help": str(kind.options_help),
        }
        for name, kind in KINDS.items()
    }


def content_initial(version: ItemVersion) -> dict[str, Any]:
    return {
        "area": version.area_id,
        "response_kind": version.response_kind,
        "stimulus": version.stimulus_id,
        "expected_seconds": version.expected_seconds,
        "stem": version.stem,
        "rationale": version.rationale,
    }
