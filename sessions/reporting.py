"""What a measurement is called in a report: a scaled score, a level, a percentile."""

from bisect import bisect_right
from dataclasses import dataclass

from items.models import in_language

BELOW_FIRST, ABOVE_LAST = 0.0, 100.0


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a test version reports theta.

    Scores are mean + sd * theta, rounded to `decimals` and kept within floor and ceiling, None
    where there is none. cuts: rising thetas between levels; level_names: a text per language for
    each level, () without levels. norms: theta at the 1st to 99th percentile, () without norms.
    """

    mean: float
    sd: float
    decimals: int | None = None
    floor: float | None = None
    ceiling: float | None = None
    cuts: tuple[float, ...] = ()
    level_names: tuple[dict[str, str], ...] = ()
    norms: tuple[float, ...] = ()

    def score(self, theta: float) -> float:
        """theta on the reporting scale."""
        scaled = self.mean + self.sd * theta
        if self.floor is not None:
            scaled = max(scaled, self.floor)
        if self.ceiling is not None:
            scaled = min(scaled, self.ceiling)
        return self.rounded(scaled)

    def error(self, standard_error: float) -> float:
        """A standard error of theta on the reporting scale, not rounded."""
        return self.sd * standard_error

    def rounded(self, scaled: float) -> float:
        return scaled if self.decimals is None else round(scaled, self.decimals)

    def level(self, theta: float, language: str) -> str | None:
        """The name of the level that theta reaches (a cut score belongs to the level above it)."""
        if not self.level_names:
            return None
        return in_language(self.level_names[bisect_right(self.cuts, theta)], language)

    def percentile(self, theta: float) -> float | None:
        """The share in percent of the norm group that lies below theta, by linear interpolation.

        BELOW_FIRST and ABOVE_LAST where theta lies beyond the 1st and the 99th percentile: the
        norms do not say more. None without norms.
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
