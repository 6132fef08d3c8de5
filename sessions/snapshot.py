"""Releases, test versions and item versions in process memory: immutable, so never stale."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from items.answers import ScoringRule, scoring_rule
from items.models import BankRelease, ItemVersion
from items.parameters import load_release
from items.rendering import public_content
from scoring.irt import Policy, Pool, build_pool, normal_grid
from scoring.irt.policy import Draw, Estimation, Selection
from scoring.irt.stopping.rules import StandardError, Stopping
from sessions.models import TestVersion

# The grid of a session's log-likelihood: 61 nodes on ±6 (docs/psychometrics.md).
GRID = normal_grid(61, 6.0)
RELEASES_IN_MEMORY = 16
TEST_VERSIONS_IN_MEMORY = 256
ITEM_VERSIONS_IN_MEMORY = 20_000


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
    target = version.target_standard_error
    return Plan(
        policy=Policy(
            estimation=Estimation(prior_mean=version.prior_mean, prior_sd=version.prior_sd),
            selection=Selection(draw=Draw.RANDOMESQUE, among=version.randomesque),
            stopping=Stopping(
                version.min_items,
                version.max_items,
                None if target is None else StandardError(target),
            ),
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
class AdministeredVersion:
    """An item version as delivery needs it: how it scores, and what may be seen of it."""

    rule: ScoringRule
    _version: ItemVersion
    _content: dict[str, dict[str, Any]] = field(default_factory=dict)

    def content(self, language: str) -> dict[str, Any]:
        """What an examinee may see, in one language. Treat as read-only."""
        if language not in self._content:
            self._content[language] = dict(public_content(self._version, language))
        return self._content[language]


@lru_cache(maxsize=ITEM_VERSIONS_IN_MEMORY)
def load_version(version_id: int) -> AdministeredVersion:
    """An item version, whichever releases it is in; three queries the first time."""
    versions = ItemVersion.objects.select_related("stimulus")
    version = versions.prefetch_related("options", "numeric_rules").get(pk=version_id)
    return AdministeredVersion(scoring_rule(version), version)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The operational items of a published release.

    `pool` holds their arrays; `version_of` and `item_of` translate between items and versions.
    """

    pool: Pool
    version_of: dict[int, int]
    item_of: dict[int, int]

    def item_version_at(self, index: int) -> int:
        """The item version at an index of the pool."""
        return self.version_of[int(self.pool.item_ids[index])]


@lru_cache(maxsize=RELEASES_IN_MEMORY)
def load_snapshot(release_id: int) -> Snapshot:
    """The snapshot of a published release."""
    release = load_release(BankRelease.objects.get(pk=release_id))
    items, versions = release.item_ids.tolist(), release.version_ids.tolist()
    return Snapshot(
        pool=build_pool(items, release.parameters, GRID),
        version_of=dict(zip(items, versions, strict=True)),
        item_of=dict(zip(versions, items, strict=True)),
    )
