"""Releases and item versions in process memory: immutable, so never stale."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from items.answers import ScoringRule, check_and_score, scoring_rule, shown_order
from items.models import BankRelease, ItemVersion, ReleasedItem
from items.release_rows import load_release
from items.rendering import PublicItem, arrange, public_content
from sessions.models import ExposureTable

# The grid of a session's log-likelihood: 61 nodes on ±6 (docs/psychometrics.md).
GRID = normal_grid(61, 6.0)
RELEASES_IN_MEMORY = 16
ITEM_VERSIONS_IN_MEMORY = 20_000


@dataclass(frozen=True, eq=False)
class AdministeredVersion:
    """An item version as delivery needs it: how it scores, and what may be seen of it."""

    rule: ScoringRule
    _version: ItemVersion
    _content: dict[str, PublicItem] = field(default_factory=dict)

    def content(self, language: str, seed: int) -> dict[str, Any]:
        """What the examinee of the session with this seed may see, in one language.

        Treat as read-only.
        """
        if language not in self._content:
            self._content[language] = public_content(self._version, language)
        return dict(arrange(self._content[language], self._shown(seed)))

    def check_and_score(self, answer: Any, seed: int) -> tuple[dict[str, Any], int]:
        """As `items.answers.check_and_score`, for the order that the session saw."""
        return check_and_score(self.rule, answer, self._shown(seed))

    def _shown(self, seed: int) -> tuple[int, ...] | None:
        return shown_order(self.rule, self._version.pk, seed)


@lru_cache(maxsize=ITEM_VERSIONS_IN_MEMORY)
def load_version(version_id: int) -> AdministeredVersion:
    """An item version, whichever releases it is in; three queries the first time."""
    versions = ItemVersion.objects.select_related("stimulus")
    version = versions.prefetch_related("options", "numeric_rules").get(pk=version_id)
    return AdministeredVersion(scoring_rule(version), version)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The items of a published release, pretest items among them.

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
        pool=build_pool(items, release.parameters, GRID, release.attributes),
        version_of=dict(zip(items, versions, strict=True)),
        item_of=dict(zip(versions, items, strict=True)),
    )


@lru_cache(maxsize=RELEASES_IN_MEMORY)
def load_pool(release_id: int, exposure_table_id: int | None) -> Pool:
    """The pool of a release, with the probabilities of an exposure table where there is one."""
    pool = load_snapshot(release_id).pool
    if exposure_table_id is None:
        return pool
    table = ExposureTable.objects.get(pk=exposure_table_id)
    return control_pool_exposure(pool, table.item_ids, table.probabilities)


def control_pool_exposure(
    pool: Pool, item_ids: Sequence[int], probabilities: Sequence[Sequence[float]]
) -> Pool:
    """The pool under exposure control: one row an item, one probability a theta band.

    Items of the pool that are not named pass always; named ones that it lacks are ignored.
    """
    rows = dict(zip(item_ids, probabilities, strict=True))
    always = [1.0] * len(next(iter(rows.values()), [1.0]))
    exposure = np.array([rows.get(int(item_id), always) for item_id in pool.item_ids])
    return replace(pool, exposure=exposure)


def withdrawn_items(release: BankRelease) -> list[int]:
    """Items whose version in the release was withdrawn."""
    released = ReleasedItem.objects.filter(
        release=release, item_version__withdrawn_at__isnull=False
    )
    return list(released.values_list("item_id", flat=True))
