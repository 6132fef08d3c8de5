"""Test versions in process memory, as delivery needs them: immutable, so never stale."""

from dataclasses import dataclass
from functools import lru_cache

from irt.policy.policy import ExposureMethod, Policy
from sessions.delivery.lengths import answers_for
from sessions.models import TestVersion
from sessions.models.reporting import Reporting
from sessions.rules.policies import policy_of

TEST_VERSIONS_IN_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """A test version as delivery needs it."""

    policy: Policy
    omit_policy: str
    reporting: Reporting
    counts_exposure: bool

    def shortest(self, pretest_items: int) -> int:
        """The fewest answers of a session that has so many pretest items to draw from."""
        return self._answers_for(self.policy.stopping.min_items, pretest_items)

    def longest(self, pretest_items: int) -> int:
        """The most answers of a session that has so many pretest items to draw from."""
        return self._answers_for(self.policy.stopping.max_items, pretest_items)

    def _answers_for(self, length: int, pretest_items: int) -> int:
        slots = self.policy.pretest
        return answers_for(length, slots.count, slots.positions, pretest_items)

    @property
    def may_omit(self) -> bool:
        return self.omit_policy != TestVersion.OmitPolicy.REFUSED


def plan_of(version: TestVersion) -> Plan:
    """The plan of a saved or unsaved version; raises as `policy_of`."""
    norms = version.norm_group
    policy = policy_of(version)
    return Plan(
        policy=policy,
        omit_policy=version.omit_policy,
        reporting=Reporting(
            scale=version.scale,
            level_names=tuple(version.level_names),
            norms=tuple(norms.percentiles) if norms else (),
            norm_group=norms.name if norms else {},
        ),
        counts_exposure=version.cap_rate is not None
        or policy.exposure.method == ExposureMethod.ELIGIBILITY,
    )


@lru_cache(maxsize=TEST_VERSIONS_IN_MEMORY)
def load_plan(test_version_id: int) -> Plan:
    """The plan of a test version that a session uses; at most two queries the first time."""
    versions = TestVersion.objects.select_related("test", "norm_group")
    return plan_of(versions.get(pk=test_version_id))
