"""What a measurement is called in a report: a scaled score, a level, a percentile."""

from bisect import bisect_right
from dataclasses import dataclass, field

from items.models import in_language

BELOW_FIRST, ABOVE_LAST = 0.0, 100.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Scores are mean + sd * theta, kept within floor and ceiling and rounded to `decimals`.

    None where there is none of these.
    """

    mean: float
    sd: float
    decimals: int | None = None
    floor: float | None = None
    ceiling: float | None = None

    def score(self, theta: float) -> float:
        """theta on the scale."""
        scaled = self.within(self.mean + self.sd * theta)
        return scaled if self.decimals is None else round(scaled, self.decimals)

    def within(self, scaled: float) -> float:
        """The score, or the limit of the scale that it lies beyond."""
        if self.floor is not None:
            scaled = max(scaled, self.floor)
        return scaled if self.ceiling is None else min(scaled, self.ceiling)

    def error(self, standard_error: float) -> float:
        """A standard error of theta on the scale; neither rounded nor limited."""
        return self.sd * standard_error


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a test version reports theta.

    level_names: a text per language for each level, () without levels. norms: theta at the 1st to
    99th percentile of the norm group, () without one.
    """

    scale: Scale
    level_names: tuple[dict[str, str], ...] = ()
    norms: tuple[float, ...] = ()
    norm_group: dict[str, str] = field(default_factory=dict)

    def level_name(self, level: int | None, language: str) -> str | None:
        """What a level is called; None without levels."""
        if level is None or not self.level_names:
            return None
        return in_language(self.level_names[level], language)

    @property
    def scaled_norms(self) -> list[float]:
        """The norms on the scale, neither rounded nor limited; empty without a norm group."""
        return [self.scale.mean + self.scale.sd * theta for theta in self.norms]

    def shown_percentile(self, theta: float) -> str:
        """The percentile as pages show it; "" without a norm group."""
        percentile = self.percentile(theta)
        if percentile is None:
            return ""
        if percentile == BELOW_FIRST:
            return "< 1"
        return "> 99" if percentile == ABOVE_LAST else str(int(percentile))

    def percentile(self, theta: float) -> float | None:
        """Percent of the norm group with less than theta, by linear interpolation; None without.

        BELOW_FIRST and ABOVE_LAST where theta lies beyond the 1st and the 99th percentile: the
        norms do not say more.
        """
        if not self.norms:
            return None
        if theta < self.norms[0]:
            return BELOW_FIRST
        if theta > self.norms[-1]:
            return ABOVE_LAST
        above = bisect_right(self.norms, theta)
        if above == len(self.norms):
            return float(above)
        lower, upper = self.norms[above - 1], self.norms[above]
        return above + (theta - lower) / (upper - lower)
