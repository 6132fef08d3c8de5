"""How often an item may be seen."""

import math
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.policy.policy import ExposureMethod
from sessions.models import TestVersion
from sessions.rules.settings.declaration import Case, Group, Rule, Setting, When


def _find_too_small_rate(case: Case) -> Iterator[str]:
    exposure, needed = case.policy.exposure, _rate_that_works(case)
    if exposure.method != ExposureMethod.NONE and exposure.rate < needed["smallest"]:
        message = _(
            "An exposure rate of %(rate)g leaves no item: %(items)d operational items cannot fill "
            "tests of %(needed)d items at that rate. The smallest rate that works is %(smallest)g."
        )
        yield message % (needed | {"rate": exposure.rate})


def _find_too_small_cap(case: Case) -> Iterator[str]:
    cap, needed = case.version.cap_rate, _rate_that_works(case)
    if cap is not None and cap < needed["smallest"]:
        message = _(
            "A hard cap of %(rate)g leaves no item: %(items)d operational items cannot fill tests "
            "of %(needed)d items at that rate. The smallest rate that works is %(smallest)g."
        )
        yield message % (needed | {"rate": cap})


def _rate_that_works(case: Case) -> dict[str, float]:
    """The smallest rate that all items can keep and still fill a test, and what it follows from."""
    available = int(case.pool.operational.sum())
    needed = min(case.policy.stopping.max_items, available)
    # Rounded up to what people enter; 1e-9 takes away what a quotient has too much.
    smallest = math.ceil(1000 * needed / available - 1e-9) / 1000
    return {"items": available, "needed": needed, "smallest": smallest}


def _summarize_control(version: TestVersion) -> Iterator[str]:
    if version.exposure_method != ExposureMethod.NONE:
        values = {"method": version.get_exposure_method_display(), "rate": version.exposure_rate}
        yield _("%(method)s ≤ %(rate)g") % values


def _summarize_cap(version: TestVersion) -> Iterator[str]:
    if version.cap_rate is not None:
        yield _("cap %(rate)g") % {"rate": version.cap_rate}


EXPOSURE = Group(
    "exposure",
    gettext_lazy("Exposure"),
    gettext_lazy("How often an item may be seen, so that it does not become known."),
    (
        Setting(
            name="exposure_method",
            help=gettext_lazy("Sympson-Hetter needs a simulation of the saved version first."),
            summarize=_summarize_control,
            documentation="[Exposure control](adaptive-testing.md#exposure).",
        ),
        Setting(
            name="exposure_rate",
            help=gettext_lazy("The share of sessions that no item should exceed."),
            when=When(
                "exposure_method",
                (ExposureMethod.SYMPSON_HETTER.value, ExposureMethod.ELIGIBILITY.value),
            ),
            rules=(
                Rule(
                    "sessions_exposure_rate_share",
                    gettext_lazy("The largest exposure rate must lie above 0 and be at most 1."),
                ),
            ),
            find_contradictions=_find_too_small_rate,
        ),
        Setting(
            name="exposure_bands",
            help=gettext_lazy(
                "Separate rates for these bands of θ, such as -1, 1; empty = one band."
            ),
            when=When("exposure_method", (ExposureMethod.SYMPSON_HETTER.value,), forgets=True),
            rules=(
                Rule(
                    "sessions_exposure_bands_rise",
                    gettext_lazy("The limits of the θ bands must be finite numbers that rise."),
                ),
                Rule(
                    "sessions_eligibility_without_bands",
                    gettext_lazy(
                        "Item eligibility counts all examinees together: leave the limits of the "
                        "θ bands empty, or choose Sympson-Hetter."
                    ),
                ),
            ),
        ),
        Setting(
            name="cap_rate",
            help=gettext_lazy(
                "No item is ever given in more than this share of sessions; empty = no cap."
            ),
            rules=(
                Rule(
                    "sessions_cap_rate_share",
                    gettext_lazy("The hard cap must lie above 0 and be at most 1, or be empty."),
                ),
            ),
            find_contradictions=_find_too_small_cap,
            summarize=_summarize_cap,
        ),
        Setting(
            name="cap_minimum",
            help=gettext_lazy("So many sessions may have an item, whatever the share says."),
            when=When("cap_rate"),
        ),
    ),
)
