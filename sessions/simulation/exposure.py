"""The pool of a simulation, with exposure control derived where the version asks for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Conflict
from irt.policy.policy import ExposureMethod, Policy
from irt.pool import Pool
from irt.simulation.sympson_hetter import (
    SympsonHetter,
    abilities_in_bands,
    chance_of_rate,
    derive_exposure_parameters,
)
from items.models import BankRelease
from sessions.models import ExposureTable, Simulation, TestVersion
from sessions.rules.contradictions import pool_in_use
from sessions.simulation.results import Control
from sessions.snapshot import control_pool_exposure

# Examinees of each round in which exposure parameters are derived, and the most rounds.
EXAMINEES_A_BAND, MAX_ROUNDS = 1000, 30
# The share of the progress bar that deriving them takes.
DERIVED = 0.5


@dataclass(frozen=True, eq=False)
class Controlled:
    """A pool under exposure control; share: of the progress bar, spent on deriving it."""

    pool: Pool
    control: Control | None = None
    share: float = 0.0


def usable_pool(release: BankRelease) -> Pool:
    """The release without its withdrawn items. Raises Conflict `no_items` when nothing is left."""
    usable = pool_in_use(release)
    if not usable.operational.any():
        message = _(
            "%(release)s has no operational item: calibrate its pretest items, and publish a "
            "release in which they are operational."
        )
        raise Conflict("no_items", message % {"release": release})
    return usable


def control_exposure(
    version: TestVersion,
    release: BankRelease,
    pool: Pool,
    policy: Policy,
    seed: int,
    report: Callable[[Simulation.Phase, float], None],
    *,
    is_kept: bool = True,
) -> Controlled:
    """The pool with the exposure parameters of the version on the release.

    They are a fact of the pair: derived for the version's prior the first time, whatever population
    is simulated, and taken over from then on. Raises Conflict `exposure_impossible`.
    """
    if policy.exposure.method != ExposureMethod.SYMPSON_HETTER:
        return Controlled(pool)
    tables = version.exposure_tables.filter(release=release)
    table = tables.order_by("-pk").first()
    if table is not None:
        known = _control_of(table, policy)
        return Controlled(control_pool_exposure(pool, table.item_ids, table.probabilities), known)
    derived = _derive(pool, policy, seed, report)
    if is_kept:
        _keep(version, release, pool, derived)
    control = Control(
        rounds=len(derived.history),
        largest_rate=round(derived.maximum, 4),
        converged=derived.converged,
    )
    return Controlled(replace(pool, exposure=derived.k), control, DERIVED)


def _control_of(table: ExposureTable, policy: Policy) -> Control:
    rate, largest = policy.exposure.rate, table.largest_rate
    return Control(
        rounds=0,
        largest_rate=round(largest, 4),
        converged=largest <= rate + chance_of_rate(rate, EXAMINEES_A_BAND),
    )


def _derive(
    pool: Pool,
    policy: Policy,
    seed: int,
    report: Callable[[Simulation.Phase, float], None],
) -> SympsonHetter:
    n_bands = len(policy.exposure.bands) + 1
    theta = abilities_in_bands(EXAMINEES_A_BAND * n_bands, policy, np.random.default_rng(seed))

    def report_round(number: int, largest: float) -> None:
        report(Simulation.Phase.DERIVING, DERIVED * number / MAX_ROUNDS)

    try:
        return derive_exposure_parameters(
            pool,
            policy,
            theta,
            seed,
            max_rounds=MAX_ROUNDS,
            callback=report_round,
        )
    except ValueError as exc:
        message = _("The exposure control cannot be derived: %(reason)s.") % {"reason": exc}
        raise Conflict("exposure_impossible", message) from exc


@transaction.atomic
def _keep(version: TestVersion, release: BankRelease, pool: Pool, derived: SympsonHetter) -> None:
    """Write the table, unless another simulation was faster. Locks the test version."""
    locked = TestVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if locked.exposure_tables.filter(release=release).exists():
        return
    ExposureTable.objects.create(
        test_version=version,
        release=release,
        item_ids=pool.item_ids.tolist(),
        probabilities=derived.k.tolist(),
        largest_rate=derived.maximum,
    )
