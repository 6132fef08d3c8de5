"""How a test estimates, selects, controls exposure and stops: values, without any pool."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from irt.policy.blueprint import Blueprint
from irt.policy.stopping_rules import Stopping


class Estimator(StrEnum):
    """Ability estimators, interim or final."""

    EAP = "eap"
    MAP = "map"
    ML = "ml"
    WLE = "wle"


class Criterion(StrEnum):
    """What makes an item the most useful one."""

    MAXIMUM_INFORMATION = "maximum_information"
    KULLBACK_LEIBLER = "kullback_leibler"
    POSTERIOR_WEIGHTED_INFORMATION = "posterior_weighted"
    EXPECTED_POSTERIOR_VARIANCE = "expected_variance"
    A_STRATIFIED = "a_stratified"
    URRY = "urry"
    RANDOM = "random"


class Draw(StrEnum):
    """How chance enters on top of the criterion."""

    BEST = "best"
    RANDOMESQUE = "randomesque"
    PROGRESSIVE = "progressive"
    PROPORTIONAL = "proportional"


class FirstItem(StrEnum):
    """Where the first item is looked for."""

    PRIOR_MEAN = "prior_mean"
    SPREAD = "spread"
    FIXED = "fixed"
    CARRIED = "carried"


class ExposureMethod(StrEnum):
    NONE = "none"
    SYMPSON_HETTER = "sympson_hetter"
    ELIGIBILITY = "eligibility"


@dataclass(frozen=True)
class Estimation:
    """The estimator that steers the test and the one that is reported; theta within +-fence."""

    interim: Estimator = Estimator.EAP
    final: Estimator = Estimator.EAP
    prior_mean: float = 0.0
    prior_sd: float = 1.0
    fence: float = 4.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.prior_mean) and np.isfinite(self.prior_sd) and self.prior_sd > 0):
            raise ValueError("the prior needs a finite mean and a positive, finite sd")
        if not (np.isfinite(self.fence) and self.fence > 0):
            raise ValueError("the fence needs a positive, finite theta")


@dataclass(frozen=True)
class Selection:
    """criterion and draw; `among` the best for randomesque, `power` for progressive/proportional.

    a-stratified: number of `strata`, by b-blocks where `b_blocking`. The first item is looked for
    at the prior mean, at a theta drawn uniformly from prior mean +- `spread`, is `first_item` (an
    item id), or is looked for where an earlier session ended.
    """

    criterion: Criterion = Criterion.MAXIMUM_INFORMATION
    draw: Draw = Draw.BEST
    among: int = 1
    power: float = 1.0
    strata: int = 4
    b_blocking: bool = True
    first: FirstItem = FirstItem.PRIOR_MEAN
    spread: float = 0.5
    first_item: int | None = None

    def __post_init__(self) -> None:
        if self.among < 1:
            raise ValueError("randomesque must draw among at least 1 item")
        if not (np.isfinite(self.power) and self.power >= 0):
            raise ValueError("the power of a draw must be finite and not negative")
        if self.strata < 1:
            raise ValueError("a-stratified selection needs at least 1 stratum")
        if (self.first == FirstItem.FIXED) != (self.first_item is not None):
            raise ValueError("a fixed first item must be named, and only a fixed one")


@dataclass(frozen=True)
class Exposure:
    """Share of sessions `rate` that no item should exceed, and inner limits of theta bands."""

    method: ExposureMethod = ExposureMethod.NONE
    rate: float = 0.2
    bands: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise ValueError("the exposure rate must lie above 0 and be at most 1")
        if list(self.bands) != sorted(set(self.bands)):
            raise ValueError("the limits of the exposure bands must rise")


@dataclass(frozen=True)
class PretestSlots:
    """How many pretest items a session holds, and at which positions (from 1); () = drawn."""

    count: int = 0
    positions: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 0 or (self.positions and len(set(self.positions)) != self.count):
            raise ValueError("pretest needs one distinct position for each of its items, or none")
        if any(position < 1 for position in self.positions):
            raise ValueError("positions of pretest items count from 1")


@dataclass(frozen=True)
class Policy:
    """A test version's rules. `cuts`: rising cut scores (theta) between its levels."""

    estimation: Estimation = field(default_factory=Estimation)
    selection: Selection = field(default_factory=Selection)
    stopping: Stopping = field(default_factory=Stopping)
    blueprint: Blueprint = field(default_factory=Blueprint)
    exposure: Exposure = field(default_factory=Exposure)
    pretest: PretestSlots = field(default_factory=PretestSlots)
    cuts: tuple[float, ...] = ()
