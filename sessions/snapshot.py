"""Releases and test versions in process memory: both are immutable, so nothing here goes stale."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from items.answers import ScoringRule, scoring_rule
from items.models import BankRelease, ItemVersion
from items.parameters import load_release
from items.rendering import public_content
from scoring.irt import Policy, Pool, build_pool, normal_grid
from sessions.models import TestVersion

# The grid of a session's log-likelihood: 61 nodes on ±6 (docs/psychometrics.md).
GRID = normal_grid(61, 6.0)
RELEASES_IN_MEMORY = 16
TEST_VERSIONS_IN_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """A test version as delivery needs it."""

    policy: Policy
    omit_policy: str
    scale_mean: float
    scale_sd: float

    @property
    def may_omit(self) -> bool:
        return self.omit_policy != TestVersion.OmitPolicy.REFUSED

    def scaled(self, theta: float) -> float:
        """θ on the reporting scale."""
        return self.scale_mean + self.scale_sd * theta


def plan_of(version: TestVersion) -> Plan:
    return Plan(
        policy=Policy(
            prior_mean=version.prior_mean,
            prior_sd=version.prior_sd,
            randomesque=version.randomesque,
            min_items=version.min_items,
            max_items=version.max_items,
            target_standard_error=version.target_standard_error,
        ),
        omit_policy=version.omit_policy,
        scale_mean=version.scale_mean,
        scale_sd=version.scale_sd,
    )


@lru_cache(maxsize=TEST_VERSIONS_IN_MEMORY)
def load_plan(test_version_id: int) -> Plan:
    """The plan of a test version that a session uses; one query the first time."""
    return plan_of(TestVersion.objects.get(pk=test_version_id))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The operational items of a published release.

    `pool` holds their arrays; `version_of` and `item_of` translate between items and versions.
    Scoring rules and public content are loaded when an item is first used.
    """

    pool: Pool
    version_of: dict[int, int]
    item_of: dict[int, int]
    _rules: dict[int, ScoringRule] = field(default_factory=dict)
    _content: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)

    def item_version_at(self, index: int) -> int:
        """The item version at an index of the pool."""
        return self.version_of[int(self.pool.item_ids[index])]

    def rule(self, version_id: int) -> ScoringRule:
        if version_id not in self._rules:
            self._rules[version_id] = scoring_rule(_version(version_id))
        return self._rules[version_id]

    def content(self, version_id: int, language: str) -> dict[str, Any]:
        """What an examinee may see of an item version. Treat as read-only."""
        key = (version_id, language)
        if key not in self._content:
            self._content[key] = dict(public_content(_version(version_id), language))
        return self._content[key]


def _version(version_id: int) -> ItemVersion:
    versions = ItemVersion.objects.select_related("stimulus")
    return versions.prefetch_related("options", "numeric_rules").get(pk=version_id)


@lru_cache(maxsize=RELEASES_IN_MEMORY)
def load_snapshot(release_id: int) -> Snapshot:
    """The snapshot of a published release."""
    release = load_release(BankRelease.objects.get(pk=release_id))
    return Snapshot(
        pool=build_pool(release.item_ids, release.parameters, GRID),
        version_of=dict(zip(release.item_ids, release.version_ids, strict=True)),
        item_of=dict(zip(release.version_ids, release.item_ids, strict=True)),
    )
