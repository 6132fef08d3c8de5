"""The builder of stopping rules: rows joined by "or" and "and", where "and" binds closer.

That is a rule in disjunctive form. A rule that is nested deeper is shown as JSON and kept.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from irt.policy.stopping_rules import Classifier
from items.admin.content_form import RowFormSet

OR, AND = "or", "and"
CLASSIFIED = "classified"
# Kind of a rule with one number -> name of the number in JSON.
NUMBERS = {
    "standard_error": "at_most",
    "standard_error_gain": "below",
    "theta_change": "below",
    "information_left": "below",
    "time": "seconds",
}
KINDS = [
    ("", _("no rule")),
    ("standard_error", _("the standard error of θ is at most …")),
    ("standard_error_gain", _("the last answer changed the standard error by less than …")),
    ("theta_change", _("the last answer moved θ by less than …")),
    ("information_left", _("no item left has information … or more at θ")),
    (CLASSIFIED, _("the level is certain")),
    ("time", _("the student has worked for … seconds")),
]
METHODS = [
    (Classifier.SPRT.value, _("sequential probability ratio test (SPRT)")),
    (Classifier.GLR.value, _("generalized likelihood ratio (GLR)")),
    (Classifier.INTERVAL.value, _("confidence interval")),
]
# Numbers of a classification, and the methods that use them.
CLASSIFICATION = {
    "alpha": "sprt,glr",
    "beta": "sprt,glr",
    "indifference": "sprt,glr",
    "confidence": "interval",
}


def _make_number(label: Any, **options: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label, required=False, widget=UnfoldAdminDecimalFieldWidget, **options
    )


class RuleForm(forms.Form):
    joined = forms.ChoiceField(
        label=_("Joined by"),
        choices=[(OR, _("or")), (AND, _("and"))],
        initial=OR,
        widget=UnfoldAdminSelectWidget,
    )
    kind = forms.ChoiceField(
        label=_("Stop when"), choices=KINDS, required=False, widget=UnfoldAdminSelectWidget
    )
    value = _make_number(_("Limit"))
    method = forms.ChoiceField(
        label=_("Decided by"),
        choices=METHODS,
        initial=Classifier.SPRT.value,
        widget=UnfoldAdminSelectWidget,
    )
    alpha = _make_number(  # the Greek letter is the symbol
        _("Error rate α"),  # noqa: RUF001
        initial=0.05,
        min_value=0.0001,
        max_value=0.4999,
    )
    beta = _make_number(_("Error rate β"), initial=0.05, min_value=0.0001, max_value=0.4999)
    indifference = _make_number(_("Indifference around a cut, ± θ"), initial=0.2)
    confidence = _make_number(_("Confidence"), initial=0.95, min_value=0.0001, max_value=0.9999)

    def clean(self) -> None:
        kind = self.cleaned_data.get("kind")
        needed = ["value"] if kind in NUMBERS else ["indifference"] if kind == CLASSIFIED else []
        for name in needed:
            number = self.cleaned_data.get(name)
            if name not in self.errors and not (number is not None and number > 0):
                self.add_error(name, gettext("Enter a number above 0."))

    @property
    def numbers_of_levels(self) -> list[tuple[Any, str]]:
        """The fields of a classification, and the methods that use each."""
        return [(self[name], methods) for name, methods in CLASSIFICATION.items()]


def make_rule_rows(data: Any, rule: dict[str, Any]) -> Any:
    """The formset of the builder; bound to `data`, else showing the rule as far as it can."""
    rows = rows_of(rule) or []
    made: type[Any] = forms.formset_factory(
        RuleForm, RowFormSet, extra=1, can_delete=True, max_num=20, validate_max=True
    )
    return made(data, prefix="rules", initial=rows)


def rule_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Cleaned rows as JSON; rows without a kind do not count, {} without any."""
    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        if not row["kind"]:
            continue
        if row["joined"] == OR or not groups:
            groups.append([])
        groups[-1].append(_simple_rule(row))
    return _combine("any", [_combine("all", group) for group in groups]) if groups else {}


def _combine(name: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {name: parts}


def _simple_rule(row: dict[str, Any]) -> dict[str, Any]:
    kind = row["kind"]
    if kind != CLASSIFIED:
        return {kind: {NUMBERS[kind]: row["value"]}}
    given = {name: row[name] for name in CLASSIFICATION if row[name] is not None}
    return {CLASSIFIED: {"method": row["method"], **given}}


def rows_of(rule: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows that say the rule; None where it is nested deeper than rows can say."""
    if not rule:
        return []
    rows = []
    for group in rule.get("any", [rule]):
        for number, part in enumerate(group.get("all", [group])):
            ((kind, values),) = part.items()
            if kind not in NUMBERS and kind != CLASSIFIED:
                return None
            rows.append({"joined": AND if number else OR, "kind": kind, **_numbers(kind, values)})
    return rows


def _numbers(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    return dict(values) if kind == CLASSIFIED else {"value": values.get(NUMBERS[kind])}
