"""The settings that are one field each, in the groups in which people read them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from items.models import Bank, Item, Role
from sessions.models import Test, TestVersion


@dataclass(frozen=True)
class Group:
    """Fields that are read together; `part` names the template of what is no single field."""

    key: str
    title: Any
    explanation: Any
    names: tuple[str, ...]
    part: str = ""


GROUPS = (
    Group(
        "stopping",
        _("Length and stopping"),
        _(
            "A test ends at the most items, and from the fewest items on as soon as the rules "
            "below say so. Without rules, everybody gets the most items."
        ),
        ("min_items", "max_items"),
        "rules",
    ),
    Group(
        "choice",
        _("Choice of items"),
        _("Which item comes next: how useful it is, how much chance there is, and the first one."),
        (
            *("selection", "strata", "b_blocking", "draw", "randomesque", "draw_power"),
            *("first_item_rule", "first_item_spread", "first_item", "omit_policy"),
        ),
    ),
    Group(
        "content",
        _("Content"),
        _(
            "What every test must contain. Minimum and maximum are never violated; a share is a "
            "target. Enemy items never meet, whatever stands here."
        ),
        ("content_method", "seen_within_days"),
        "content",
    ),
    Group(
        "exposure",
        _("Exposure"),
        _("How often an item may be seen, so that it does not become known."),
        ("exposure_method", "exposure_rate", "exposure_bands", "cap_rate", "cap_minimum"),
    ),
    Group(
        "ability",
        _("Ability"),
        _("How θ is estimated during the test and for the report, and what is assumed before."),
        ("estimator", "final_estimator", "fence", "prior_mean", "prior_sd"),
        "priors",
    ),
    Group(
        "pretest",
        _("Pretest"),
        _("New items that are tried out unseen: they never count, and nobody can tell them apart."),
        ("pretest_items", "pretest_positions"),
    ),
    Group(
        "time",
        _("Time (UTC)"),
        _("How long a session may take and when sessions may start."),
        ("time_limit", "window_start", "window_end"),
    ),
    Group(
        "reporting",
        _("Reporting"),
        _("What θ is called in a report: a score, a level, a percentile."),
        (
            *("scale_mean", "scale_sd", "scale_decimals", "scale_floor", "scale_ceiling"),
            "norm_group",
        ),
        "levels",
    ),
)
NAMES = [name for group in GROUPS for name in group.names]

# A field matters only where another one has one of these values; the page folds it away elsewhere.
WHEN = {
    "strata": "selection=a_stratified",
    "b_blocking": "selection=a_stratified",
    "randomesque": "draw=randomesque",
    "draw_power": "draw=progressive,proportional",
    "first_item_spread": "first_item_rule=spread",
    "first_item": "first_item_rule=fixed",
    "exposure_rate": "exposure_method=sympson_hetter,eligibility",
    "exposure_bands": "exposure_method=sympson_hetter",
    "cap_minimum": "cap_rate=*",
    "pretest_positions": "pretest_items=*",
}

HELP = {
    "min_items": _("No rule ends a test before so many scored items."),
    "max_items": _("Scored items after which every test ends."),
    "selection": _(
        "Maximum information gives the shortest tests; a-stratified spares the best items."
    ),
    "strata": _("Into how many parts the bank is cut, from flat items to steep ones."),
    "b_blocking": _("Every stratum then has easy and difficult items."),
    "draw": _("Chance keeps two students from getting the same items."),
    "randomesque": _("The next item is drawn from this many of the best; 1 = the best."),
    "draw_power": _("1 = chance gives way evenly; larger = it stays for longer."),
    "first_item_rule": _("θ at which the first item is looked for."),
    "first_item_spread": _("Each session begins at a θ drawn from the prior mean ± this."),
    "first_item": _("An operational item of the bank's current release."),
    "omit_policy": _("Whether an item may be left unanswered, and how it counts then."),
    "content_method": _(
        "Maximum priority is fast; a shadow test assembles the whole rest of the test at each "
        "step and takes longer."
    ),
    "seen_within_days": _(
        "Items that a student saw within so many days do not come again; empty = they may."
    ),
    "exposure_method": _("Sympson-Hetter needs a simulation of the saved version first."),
    "exposure_rate": _("The share of sessions that no item should exceed."),
    "exposure_bands": _("Separate rates for these bands of θ, such as -1, 1; empty = one band."),
    "cap_rate": _("No item is ever given in more than this share of sessions; empty = no cap."),
    "cap_minimum": _("So many sessions may have an item, whatever the share says."),
    "estimator": _("Steers the test."),
    "final_estimator": _("Is reported; it may differ."),
    "fence": _("For ML, MAP and WLE."),
    "prior_mean": _("The mean of θ that is assumed before the first answer."),
    "prior_sd": _("And its standard deviation."),
    "pretest_items": _("In each session, on top of the scored items."),
    "pretest_positions": _("Such as 3, 7; empty = drawn for each session."),
    "time_limit": _("In seconds; empty = no limit. Students with more time get theirs."),
    "window_start": _("Empty = at once."),
    "window_end": _("Empty = never; running sessions end then."),
    "scale_mean": _("The score at θ = 0."),
    "scale_sd": _("The score of one unit of θ."),
    "scale_decimals": _("Empty = not rounded."),
    "scale_floor": _("Scores below are reported as this one; empty = no limit."),
    "scale_ceiling": _("Scores above are reported as this one; empty = no limit."),
    "norm_group": _("Whom the percentile compares with; empty = no percentile."),
}


# A label begins with a capital, and Θ is not θ.
LABELS = {"fence": _("Fences of θ: ±")}


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Fields only: `create_test_version` holds the rules."""

    def _post_clean(self) -> None:
        """Nothing is built from these fields here, so there is no instance to check."""

    def clean_first_item(self) -> Item | None:
        """A leftover of a rule that is not chosen any more is none."""
        is_fixed = self.data.get("first_item_rule") == TestVersion.FirstItem.FIXED
        return self.cleaned_data["first_item"] if is_fixed else None

    def clean_exposure_bands(self) -> list[float]:
        by_band = self.data.get("exposure_method") == TestVersion.ExposureMethod.SYMPSON_HETTER
        return self.cleaned_data["exposure_bands"] if by_band else []

    def clean_pretest_positions(self) -> list[int]:
        return self.cleaned_data["pretest_positions"] if self.data.get("pretest_items") else []


def settings_form(request: HttpRequest, bank: Bank) -> Any:
    """The form with the admin's widgets, its choices those of the bank."""
    own_admin = admin.site.get_model_admin(Test)
    special = _special_fields(bank)

    def formfield(field: Any, **options: Any) -> Any:
        make = special.get(field.name) or special.get(field.get_internal_type())
        if make:
            return make(field, **options)
        return own_admin.formfield_for_dbfield(field, request, **options)

    made: Any = forms.modelform_factory(
        TestVersion,
        SettingsForm,
        fields=NAMES,
        formfield_callback=formfield,
        labels=LABELS,  # type: ignore[arg-type]  # lazy texts are texts
        help_texts=HELP,  # type: ignore[arg-type]  # likewise
    )
    return made


def _special_fields(bank: Bank) -> dict[str, Callable[..., Any]]:
    """Times as one input, which one label names; lists as text; choices within the bank."""
    looks = {"type": "datetime-local", "class": " ".join(BASE_INPUT_CLASSES)}

    def moment(field: Any, **options: Any) -> Any:
        return field.formfield(
            widget=forms.DateTimeInput(looks, format="%Y-%m-%dT%H:%M"), **options
        )

    def among(field: Any, rows: Any, **options: Any) -> Any:
        return field.formfield(
            queryset=rows, widget=UnfoldAdminSelectWidget, empty_label=_("none"), **options
        )

    def listed(field: Any, **options: Any) -> Any:
        return field.formfield(widget=UnfoldAdminTextInputWidget, **options)

    return {
        "DateTimeField": moment,
        "ArrayField": listed,
        "first_item": partial(among, rows=operational_items(bank)),
        "norm_group": partial(among, rows=bank.norm_groups.order_by("code")),
    }


def operational_items(bank: Bank) -> Any:
    """Items that are operational in the bank's current release, by code."""
    return bank.items.filter(
        released__release=bank.current_release, released__role=Role.OPERATIONAL
    ).order_by("code")
