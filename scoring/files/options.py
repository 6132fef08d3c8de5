"""Types of options that the commands of calibration share."""

import argparse
from collections.abc import Callable

from common.commands.options import finite
from irt.calibration.priors import Beta, LogitNormal, LogNormal, Prior

# Far more than any integral over ability needs.
MOST_NODES = 10_001

_PRIORS: dict[str, tuple[type[LogNormal | Beta | LogitNormal], str]] = {
    "lognormal": (LogNormal, "M,S"),
    "beta": (Beta, "A,B"),
    "logit-normal": (LogitNormal, "M,S"),
}


def prior(*names: str) -> Callable[[str], Prior | None]:
    """One of the named families with its two numbers, or none."""
    usage = " or ".join(["none", *(f"{name}:{_PRIORS[name][1]}" for name in names)])

    def parse(text: str) -> Prior | None:
        if text == "none":
            return None
        name, _, rest = text.partition(":")
        if name not in names:
            raise argparse.ArgumentTypeError(f"must be {usage}, not {text!r}")
        try:
            first, second = map(finite, rest.split(","))
        except (ValueError, argparse.ArgumentTypeError):
            raise argparse.ArgumentTypeError(
                f"{name} takes two finite numbers, {name}:{_PRIORS[name][1]}, not {text!r}"
            ) from None
        if name == "beta" and min(first, second) < 1:
            raise argparse.ArgumentTypeError(
                f"beta needs A and B of at least 1, not {rest}: with less it has no highest point"
            )
        if second <= 0:
            raise argparse.ArgumentTypeError(f"S must be positive, not {second:g}")
        return _PRIORS[name][0](first, second)

    return parse
