"""What is wrong with the settings of a test, in a sentence that tells how to mend it.

Constraints of the database and faults that `irt` finds come as codes; here is what they
mean to the person who sets the test up, and the setting at which a page tells it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.faults import Fault


class SettingFault(NamedTuple):
    """A sentence, and the field of TestVersion that it is about."""

    field: str
    sentence: str


# Constraint of TestVersion -> field and sentence.
CONSTRAINTS: dict[str, tuple[str, Any]] = {
    "sessions_lengths_ordered": (
        "min_items",
        gettext_lazy("The lengths must satisfy 1 ≤ fewest items ≤ most items ≤ 500."),
    ),
    "sessions_randomesque_from_one": (
        "randomesque",
        gettext_lazy("Draw among at least 1 item; 1 = the best."),
    ),
    "sessions_draw_power_finite": (
        "draw_power",
        gettext_lazy("The acceleration must be a finite number from 0."),
    ),
    "sessions_strata_from_one": ("strata", gettext_lazy("Choose between 1 and 50 strata.")),
    "sessions_first_item_spread_range": (
        "first_item_spread",
        gettext_lazy("The spread of the first item must be a θ from 0 to 6."),
    ),
    "sessions_fixed_first_item_named": (
        "first_item",
        gettext_lazy(
            "Name the first item where it is always the same, and leave it empty otherwise."
        ),
    ),
    "sessions_prior_sd_on_grid": (
        "prior_sd",
        gettext_lazy("The prior SD must be a finite number of 0.2 or more."),
    ),
    "sessions_prior_mean_on_grid": (
        "prior_mean",
        gettext_lazy("The prior mean must lie within ±4."),
    ),
    "sessions_fence_range": (
        "fence",
        gettext_lazy("The fences of θ must lie above 0 and be at most 20."),
    ),
    "sessions_rules_have_their_form": (
        "stopping_rule",
        gettext_lazy(
            "Group priors, blueprint and stopping rule are JSON objects, the names of the levels "
            "a JSON list."
        ),
    ),
    "sessions_cut_scores_rise": (
        "cut_scores",
        gettext_lazy("The cut scores must be finite numbers that rise."),
    ),
    "sessions_levels_match_cut_scores": (
        "level_names",
        gettext_lazy("Name one level more than there are cut scores, and none without them."),
    ),
    "sessions_exposure_bands_rise": (
        "exposure_bands",
        gettext_lazy("The limits of the θ bands must be finite numbers that rise."),
    ),
    "sessions_eligibility_without_bands": (
        "exposure_bands",
        gettext_lazy(
            "Item eligibility counts all examinees together: leave the limits of the θ bands "
            "empty, or choose Sympson-Hetter."
        ),
    ),
    "sessions_seen_within_from_one_day": (
        "seen_within_days",
        gettext_lazy("The days within which no item is seen again must be at least 1, or empty."),
    ),
    "sessions_exposure_rate_share": (
        "exposure_rate",
        gettext_lazy("The largest exposure rate must lie above 0 and be at most 1."),
    ),
    "sessions_cap_rate_share": (
        "cap_rate",
        gettext_lazy("The hard cap must lie above 0 and be at most 1, or be empty."),
    ),
    "sessions_pretest_positions_match": (
        "pretest_positions",
        gettext_lazy(
            "There may be up to 50 pretest items; give each of them a position, or give none."
        ),
    ),
    "sessions_scale_finite": (
        "scale_sd",
        gettext_lazy("The reporting scale needs a finite mean and a positive, finite SD."),
    ),
    "sessions_scale_decimals_range": (
        "scale_decimals",
        gettext_lazy("Scores have at most 6 decimals; leave it empty where nothing is rounded."),
    ),
    "sessions_scale_limits_ordered": (
        "scale_floor",
        gettext_lazy("The lowest score must be finite and below the highest score."),
    ),
    "sessions_time_limit_at_least_30_s": (
        "time_limit",
        gettext_lazy("The time limit must be at least 30 seconds, or empty."),
    ),
    "sessions_window_ordered": (
        "window_end",
        gettext_lazy("The test must open before it closes."),
    ),
    "sessions_rules_known": (
        "estimator",
        gettext_lazy("The estimator, selection, control or omitting is not known."),
    ),
}

# Code of a fault of irt -> field and sentence.
FAULTS: dict[str, tuple[str, Any]] = {
    "too_few_items": (
        "min_items",
        gettext_lazy(
            "A test of at least %(needed)d items needs as many operational items, the bank has "
            "%(available)d: release more of them or lower the fewest items."
        ),
    ),
    "cuts_not_rising": (
        "cut_scores",
        gettext_lazy("The cut scores must be finite and rise, not %(cuts)s."),
    ),
    "unreachable_standard_error": (
        "stopping_rule",
        gettext_lazy(
            "A standard error of %(at_most)g is out of reach: it needs information %(needed).1f, "
            "and the %(count)d most informative items give at most %(given).1f, at θ = "
            "%(theta).1f. Allow a larger error or a longer test, or release more informative "
            "items."
        ),
    ),
    "information_never_left": (
        "stopping_rule",
        gettext_lazy(
            "No item has information %(below)g at any θ, the most is %(given).2f at θ = "
            "%(theta).1f, so that every test would end at once: lower the limit of the "
            "information left."
        ),
    ),
    "classification_without_cuts": (
        "cut_scores",
        gettext_lazy(
            "A test that ends when the level is certain needs a cut score: add one or choose "
            "another rule."
        ),
    ),
    "indifference_overlaps": (
        "stopping_rule",
        gettext_lazy(
            "The cut scores are only %(apart)g apart, so that their indifference regions of "
            "±%(indifference)g overlap: make the indifference %(limit)g at most."
        ),
    ),
    "unknown_area": (
        "blueprint",
        gettext_lazy("The bank has no content area %(area)s; it has: %(known)s."),
    ),
    "unknown_set": (
        "blueprint",
        gettext_lazy(
            "Stimulus %(stimulus)s has no operational item in the bank: release some, or take its "
            "bound out of the blueprint."
        ),
    ),
    "shadow_test_too_few_items": (
        "max_items",
        gettext_lazy(
            "A shadow test always holds the most items, %(needed)d, and the bank has "
            "%(available)d operational ones: lower the most items or release more."
        ),
    ),
    "area_too_few_items": (
        "blueprint",
        gettext_lazy(
            "%(area)s needs %(needed)d operational items, the bank has %(available)d: release "
            "more of them or ask for fewer."
        ),
    ),
    "area_too_few_together": (
        "blueprint",
        gettext_lazy(
            "%(area)s needs %(needed)d operational items; the bank has %(available)d, but enemies "
            "and stimulus sets let at most %(together)d of them into one test: release more of "
            "them or ask for fewer."
        ),
    ),
    "share_outside_bounds": (
        "blueprint",
        gettext_lazy(
            "%(area)s: %(percent)s of %(length)d items are %(wanted)g, which is not between its "
            "minimum and maximum. Change the share or the bounds."
        ),
    ),
    "shares_above_one": (
        "blueprint",
        gettext_lazy("The shares of the areas add up to %(percent)s; they may add up to 100%%."),
    ),
    "set_too_small": (
        "blueprint",
        gettext_lazy(
            "Stimulus %(stimulus)s has %(available)d operational items, and a set that is entered "
            "gives at least %(needed)d: release more items of it or lower the minimum of sets."
        ),
    ),
    "set_longer_than_test": (
        "blueprint",
        gettext_lazy(
            "Stimulus %(stimulus)s gives at least %(needed)d items, and the test has at most "
            "%(length)d: lower the minimum of sets or allow a longer test."
        ),
    ),
    "areas_cross": (
        "blueprint",
        gettext_lazy(
            "%(first)s and %(second)s share some items but neither holds the other, which maximum "
            "priority cannot plan: choose shadow tests, or bound only one of them."
        ),
    ),
    "set_across_areas": (
        "blueprint",
        gettext_lazy(
            "The items of stimulus %(stimulus)s lie in areas with different bounds, which maximum "
            "priority cannot plan: choose shadow tests, or bound only an area that holds all of "
            "them."
        ),
    ),
    "nested_minimums_above_maximum": (
        "blueprint",
        gettext_lazy(
            "%(area)s may give at most %(maximum)d items, but the areas within it need "
            "%(needed)d: raise the maximum or lower their minimums."
        ),
    ),
    "nested_maximums_below_minimum": (
        "blueprint",
        gettext_lazy(
            "%(area)s needs %(minimum)d items, but the maximums of the areas within it allow "
            "%(allowed)d: raise them or lower the minimum."
        ),
    ),
    "minimums_above_length": (
        "blueprint",
        gettext_lazy(
            "The minimums of the areas need %(needed)d items, and the test has at most "
            "%(length)d: lower them or allow a longer test."
        ),
    ),
    "maximums_below_length": (
        "blueprint",
        gettext_lazy(
            "Areas, enemies and stimulus sets allow at most %(allowed)d items, and the test needs "
            "%(length)d: raise the maximums, shorten the test or release more items."
        ),
    ),
    "too_many_words": (
        "blueprint",
        gettext_lazy(
            "The %(count)d items with the fewest words that make a test of the blueprint have "
            "%(load)g words, the limit is %(limit)g: raise it or shorten the test."
        ),
    ),
    "too_many_seconds": (
        "blueprint",
        gettext_lazy(
            "The %(count)d shortest items that make a test of the blueprint take %(load)g "
            "seconds, the limit is %(limit)g: raise it or shorten the test."
        ),
    ),
    "cannot_hold_together": (
        "blueprint",
        gettext_lazy(
            "No test from the bank keeps all of these together: %(constraints)s. Relax one of "
            "them or release more items."
        ),
    ),
}


def setting_fault(fault: Fault, stimuli: Mapping[int, str]) -> SettingFault:
    """What `irt` found, in words; stimuli: {id in the pool: code}.

    A fault that is not known here is told as code and values.
    """
    if fault.code not in FAULTS:
        return SettingFault("blueprint", str(fault))
    field, sentence = FAULTS[fault.code]
    values = dict(fault.values)
    if "stimulus" in values:
        values["stimulus"] = stimuli.get(int(str(values["stimulus"])), values["stimulus"])
    for name in ("share", "total"):
        if name in values:
            values["percent"] = f"{100 * float(str(values[name])):g}%"
    if "constraints" in values:
        values["constraints"] = _in_words(str(values["constraints"]))
    return SettingFault(field, str(sentence) % values)


def _in_words(constraints: str) -> str:
    """ "length <= 8, algebra >= 5" in the language of the page."""
    known = {"length": _("length"), "words": _("words"), "seconds": _("seconds")}
    parts = []
    for constraint in constraints.split(", "):
        name, _space, bound = constraint.partition(" ")
        parts.append(f"{known.get(name, name)} {bound.replace('<=', '≤').replace('>=', '≥')}")
    return ", ".join(parts)
