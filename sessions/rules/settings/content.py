"""What every test must contain, and what no student sees twice."""

from collections.abc import Iterator

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.errors import InvalidInput
from irt.arrays import IntArray
from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.pool import Pool
from items.models import Item
from sessions.models import TestVersion
from sessions.rules.policies import blueprint_of
from sessions.rules.settings.declaration import Case, Group, Rule, Setting

# How many codes a sentence names before it only counts them.
NAMED = 5


def untimed_items(pool: Pool, policy: Policy) -> IntArray:
    """Operational items whose time nobody knows, where the blueprint limits the seconds."""
    if policy.blueprint.max_seconds is None:
        return pool.item_ids[:0]
    return pool.item_ids[pool.operational & ~np.isfinite(pool.seconds)]


def _find_wrong_blueprint(version: TestVersion) -> Iterator[str]:
    if not isinstance(version.blueprint, dict):
        return
    try:
        blueprint_of(version)
    except InvalidInput as error:
        yield error.message


def _find_untimed_items(case: Case) -> Iterator[str]:
    untimed = untimed_items(case.pool, case.policy)
    if not untimed.size:
        return
    message = ngettext(
        "%(count)d item has no expected time: %(codes)s. Write it on the item's page and publish, "
        "or take the limit of seconds out of the blueprint.",
        "%(count)d items have no expected time: %(codes)s. Write it on their pages and publish, "
        "or take the limit of seconds out of the blueprint.",
        len(untimed),
    )
    yield message % {"count": len(untimed), "codes": _list_codes(untimed)}


def _list_codes(item_ids: IntArray) -> str:
    codes = Item.objects.filter(pk__in=item_ids.tolist()).order_by("code")
    named = list(codes.values_list("code", flat=True)[:NAMED])
    return ", ".join([*named, "…"] if len(item_ids) > NAMED else named)


def _summarize_method(version: TestVersion) -> Iterator[str]:
    if version.content_method == Method.SHADOW_TEST:
        yield _("shadow test")


def _summarize_areas(version: TestVersion) -> Iterator[str]:
    areas = [_summarize_bound(bound) for bound in version.blueprint.get("areas") or []]
    if any(areas):
        yield ", ".join(filter(None, areas))


def _summarize_bound(bound: dict[str, object]) -> str:
    if bound.get("share") is not None:
        return f"{bound['area']} {100 * float(str(bound['share'])):g}%"
    least, most = bound.get("min"), bound.get("max")
    if least and most is not None:
        return f"{bound['area']} {least}–{most}"  # noqa: RUF001 - a range
    if least:
        return f"{bound['area']} ≥ {least}"
    return "" if most is None else f"{bound['area']} ≤ {most}"


CONTENT = Group(
    "content",
    gettext_lazy("Content"),
    gettext_lazy(
        "What every test must contain. Minimum and maximum are never violated; a share is a "
        "target. Enemy items never meet, whatever stands here."
    ),
    (
        Setting(
            name="blueprint",
            part="sessions/admin/parts/content.html",
            faults={
                "unknown_area": gettext_lazy(
                    "The bank has no content area %(area)s; it has: %(known)s."
                ),
                "unknown_set": gettext_lazy(
                    "Stimulus %(stimulus)s has no operational item in the bank: release some, or "
                    "take its bound out of the blueprint."
                ),
                "area_too_few_items": gettext_lazy(
                    "%(area)s needs %(needed)d operational items, the bank has %(available)d: "
                    "release more of them or ask for fewer."
                ),
                "area_too_few_together": gettext_lazy(
                    "%(area)s needs %(needed)d operational items; the bank has %(available)d, but "
                    "enemies and stimulus sets let at most %(together)d of them into one test: "
                    "release more of them or ask for fewer."
                ),
                "share_outside_bounds": gettext_lazy(
                    "%(area)s: %(percent)s of %(length)d items are %(wanted)g, which is not "
                    "between its minimum and maximum. Change the share or the bounds."
                ),
                "shares_above_one": gettext_lazy(
                    "The shares of the areas add up to %(percent)s; they may add up to 100%%."
                ),
                "set_too_small": gettext_lazy(
                    "Stimulus %(stimulus)s has %(available)d operational items, and a set that is "
                    "entered gives at least %(needed)d: release more items of it or lower the "
                    "minimum of sets."
                ),
                "set_longer_than_test": gettext_lazy(
                    "Stimulus %(stimulus)s gives at least %(needed)d items, and the test has at "
                    "most %(length)d: lower the minimum of sets or allow a longer test."
                ),
                "areas_cross": gettext_lazy(
                    "%(first)s and %(second)s share some items but neither holds the other, which "
                    "maximum priority cannot plan: choose shadow tests, or bound only one of them."
                ),
                "set_across_areas": gettext_lazy(
                    "The items of stimulus %(stimulus)s lie in areas with different bounds, which "
                    "maximum priority cannot plan: choose shadow tests, or bound only an area that "
                    "holds all of them."
                ),
                "nested_minimums_above_maximum": gettext_lazy(
                    "%(area)s may give at most %(maximum)d items, but the areas within it need "
                    "%(needed)d: raise the maximum or lower their minimums."
                ),
                "nested_maximums_below_minimum": gettext_lazy(
                    "%(area)s needs %(minimum)d items, but the maximums of the areas within it "
                    "allow %(allowed)d: raise them or lower the minimum."
                ),
                "minimums_above_length": gettext_lazy(
                    "The minimums of the areas need %(needed)d items, and the test has at most "
                    "%(length)d: lower them or allow a longer test."
                ),
                "maximums_below_length": gettext_lazy(
                    "Areas, enemies and stimulus sets allow at most %(allowed)d items, and the "
                    "test needs %(length)d: raise the maximums, shorten the test or release more "
                    "items."
                ),
                "too_many_words": gettext_lazy(
                    "The %(count)d items with the fewest words that make a test of the blueprint "
                    "have %(load)g words, the limit is %(limit)g: raise it or shorten the test."
                ),
                "too_many_seconds": gettext_lazy(
                    "The %(count)d shortest items that make a test of the blueprint take %(load)g "
                    "seconds, the limit is %(limit)g: raise it or shorten the test."
                ),
                "cannot_hold_together": gettext_lazy(
                    "No test from the bank keeps all of these together: %(constraints)s. Relax one "
                    "of them or release more items."
                ),
            },
            find_faults=_find_wrong_blueprint,
            find_contradictions=_find_untimed_items,
            summarize=_summarize_areas,
            documentation=(
                "How many items come from each content area and from each stimulus set, and how "
                "many words and seconds they have in all: [what each bound means]"
                "(adaptive-testing.md#content-blueprint-enemies-stimulus-sets). As JSON "
                '`{"areas": [{"area", "min", "max", "share"}], "sets": [{"stimulus", "min", '
                '"max"}], "max_words", "max_seconds"}`; all but `"area"` may be left out.'
            ),
        ),
        Setting(
            name="content_method",
            help=gettext_lazy(
                "Maximum priority is fast; a shadow test assembles the whole rest of the test at "
                "each step and takes longer."
            ),
            summarize=_summarize_method,
            documentation="[Two methods](adaptive-testing.md#two-methods).",
        ),
        Setting(
            name="seen_within_days",
            help=gettext_lazy(
                "Items that a student saw within so many days do not come again; empty = they may."
            ),
            rules=(
                Rule(
                    "sessions_seen_within_from_one_day",
                    gettext_lazy(
                        "The days within which no item is seen again must be at least 1, or empty."
                    ),
                ),
            ),
        ),
    ),
)
