"""New items that are tried out unseen."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions.models import TestVersion
from sessions.rules.settings.declaration import Group, Rule, Setting, When


def _find_wrong_positions(version: TestVersion) -> Iterator[str]:
    """Distinct, from 1, and early enough that no stopping rule ends the test before them."""
    positions = version.pretest_positions
    if len(set(positions)) < len(positions) or min(positions, default=1) < 1:
        yield _("The positions of pretest items count from 1, and each is used once.")
        return
    last = version.min_items + version.pretest_items - 1
    if not positions or max(positions) <= last:
        return
    message = _(
        "Position %(position)d of a pretest item may never be reached: with at least "
        "%(fewest)d scored and %(count)d pretest items, use positions up to %(last)d, or "
        "raise the fewest items."
    )
    yield message % {
        "position": max(positions),
        "fewest": version.min_items,
        "count": version.pretest_items,
        "last": last,
    }


def _summarize(version: TestVersion) -> Iterator[str]:
    if count := version.pretest_items:
        yield ngettext("%(count)d pretest item", "%(count)d pretest items", count) % {
            "count": count
        }


PRETEST = Group(
    "pretest",
    gettext_lazy("Pretest"),
    gettext_lazy(
        "New items that are tried out unseen: they never count, and nobody can tell them apart."
    ),
    (
        Setting(
            name="pretest_items",
            help=gettext_lazy("In each session, on top of the scored items."),
            summarize=_summarize,
            is_said_late=True,
            documentation="[Pretest items](adaptive-testing.md#pretest-items).",
        ),
        Setting(
            name="pretest_positions",
            help=gettext_lazy("Such as 3, 7; empty = drawn for each session."),
            when=When("pretest_items", forgets=True),
            rules=(
                Rule(
                    "sessions_pretest_positions_match",
                    gettext_lazy(
                        "There may be up to 50 pretest items; give each of them a position, or "
                        "give none."
                    ),
                ),
            ),
            find_faults=_find_wrong_positions,
        ),
    ),
)
