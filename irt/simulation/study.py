"""What a simulation tells about a test: recovery of ability, levels, and use of the items."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.constraints.satisfaction import Violations, violations
from irt.policy.policy import Policy
from irt.simulation.classification import Classification, classification
from irt.simulation.exposure_statistics import ExposureStatistics, exposure_statistics
from irt.simulation.groups import Groups, group_by_band, group_by_point, one_group
from irt.simulation.recovery import Course, Recovery, course, recovery
from irt.simulation.sessions import Sessions

THETA_LIMITS = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)


@dataclass(frozen=True, eq=False)
class Study:
    """Statistics of N simulated sessions.

    policy, sessions     what the statistics were made of
    groups               of examinees by true ability, G of them
    overall, conditional recovery of ability by all (one group) and by the groups
    course               the interim estimates answer by answer
    classification       by the policy's cut scores, None without
    exposure             use of the pool's J items by answers that count, so none of pretest items
    conditional_rates    (J, G) exposure rates within the groups
    violations           of the blueprint
    """

    policy: Policy
    sessions: Sessions
    groups: Groups
    overall: Recovery
    conditional: Recovery
    course: Course
    classification: Classification | None
    exposure: ExposureStatistics
    conditional_rates: FloatArray
    violations: Violations


def study(
    policy: Policy, sessions: Sessions, limits: tuple[float, ...] | None = THETA_LIMITS
) -> Study:
    """Describe sessions that were simulated under the policy.

    `limits` are the inner limits of bands of true ability; None groups examinees of equal ability,
    which is the plan for abilities that repeat at chosen points.
    """
    true = sessions.true_theta
    groups = group_by_point(true) if limits is None else group_by_band(true, limits)
    counts = _counts(sessions, groups)
    return Study(
        policy=policy,
        sessions=sessions,
        groups=groups,
        overall=recovery(sessions, one_group(sessions.n_sessions)),
        conditional=recovery(sessions, groups),
        course=course(sessions),
        classification=classification(true, sessions.level, policy.cuts) if policy.cuts else None,
        exposure=exposure_statistics(counts.sum(axis=1), sessions.n_sessions),
        conditional_rates=counts / np.maximum(groups.n, 1),
        violations=violations(sessions.pool, policy, sessions.items),
    )


def _counts(sessions: Sessions, groups: Groups) -> IntArray:
    """(J, G) sessions of each group that were given each operational item."""
    counts = np.zeros((sessions.pool.n_items, groups.n_groups), dtype=np.int64)
    np.add.at(counts, (sessions.item, groups.index[sessions.person]), 1)
    return counts
