"""The expected length of a test by θ while its settings are being written: a quick simulation."""

from collections import Counter
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Pool
from irt.simulation.sessions import Sessions, simulate_sessions
from items.models import BankRelease
from sessions.delivery.measurement import STOP_REASONS
from sessions.models import TestVersion
from sessions.rules.contradictions import pool_in_use
from sessions.rules.policies import policy_of

# θ in prior SDs from the prior mean; examinees at each.
POINTS = np.linspace(-2, 2, 9)
PER_POINT = 22
# A shadow test solves a program for each item: as many examinees as fit into this time.
SECONDS = 0.7


@dataclass(frozen=True)
class AtTheta:
    """Simulated sessions at one ability: scored items (mean, fewest, most), mean standard error,
    and why most of them ended (a value of Session.StopReason)."""

    theta: float
    length: float
    shortest: int
    longest: int
    standard_error: float
    stop_reason: str


@dataclass(frozen=True)
class Preview:
    """`is_rough` where time allowed fewer than PER_POINT examinees at each θ."""

    rows: list[AtTheta]
    per_point: int

    @property
    def is_rough(self) -> bool:
        return self.per_point < PER_POINT


def preview(version: TestVersion, release: BankRelease) -> Preview:
    """Simulate an unsaved version without faults, on `len(POINTS)` abilities; always alike.

    Without exposure control and hard cap, which the simulation of a saved version derives, and
    without pretest items, which do not change the length of the scored test.
    """
    policy, pool = policy_of(version), pool_in_use(release)
    theta = version.prior_mean + version.prior_sd * POINTS
    rounds = _simulate_rounds(pool, policy, theta)
    sessions = sum(part.n_sessions for part in rounds)
    return Preview([_row(at, rounds) for at in range(len(theta))], sessions // len(theta))


def _simulate_rounds(pool: Pool, policy: Policy, theta: np.ndarray) -> list[Sessions]:
    if policy.blueprint.method != Method.SHADOW_TEST:
        return [simulate_sessions(pool, policy, np.tile(theta, PER_POINT), 1)]
    rounds: list[Sessions] = []
    start = perf_counter()
    while len(rounds) < PER_POINT and (not rounds or perf_counter() - start < SECONDS):
        rounds.append(simulate_sessions(pool, policy, theta, len(rounds) + 1))
    return rounds


def _row(at: int, rounds: list[Sessions]) -> AtTheta:
    n_points = len(POINTS)
    length = np.concatenate([sessions.length[at::n_points] for sessions in rounds])
    errors = np.concatenate([sessions.standard_error[at::n_points] for sessions in rounds])
    stops = np.concatenate([sessions.stop[at::n_points] for sessions in rounds])
    ((reason, _count),) = Counter(stops.tolist()).most_common(1)
    return AtTheta(
        theta=float(rounds[0].true_theta[at]),
        length=float(length.mean()),
        shortest=int(length.min()),
        longest=int(length.max()),
        standard_error=float(errors.mean()),
        stop_reason=STOP_REASONS[StopReason(reason)],
    )
