"""Carrying a calibration run out: claim, collect, estimate, link, judge, write one draft."""

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.runs.leases import Lease, StandingMoved, carry_out
from irt.arrays import FloatArray
from irt.calibration.calibrate import calibrate
from irt.calibration.progress import share_covered
from irt.calibration.result import Calibration
from irt.fit.duplicates import duplicates
from irt.quadrature import LIMIT, NODES, symmetric_nodes
from items.models import Bank, BankRelease, ReleasedItem
from items.release_rows import load_release, write_parameters
from items.releases import lock_bank, open_draft
from scoring.models import CalibrationRun
from scoring.recalibration.candidates import Candidates, choose_candidates
from scoring.recalibration.evidence import (
    duplicates_evidence,
    em_evidence,
    em_so_far,
    kept_out_evidence,
    refresh_evidence,
    window_evidence,
)
from scoring.recalibration.links import require_linked, weak_ties
from scoring.recalibration.refresh import Refresh, refresh, require_converged, require_estimable
from scoring.recalibration.window import collect_responses

Phase = CalibrationRun.Phase

# Shares of the progress bar at which the phases end.
MAX_ITERATIONS = 1000
COLLECTED, ESTIMATED, STANDARD_ERRORS_KNOWN = 0.1, 0.8, 0.95


def execute(run_id: int) -> None:
    """Carry the run out to its end, if nobody else does: one draft release when it succeeds."""
    carry_out(CalibrationRun, run_id, _work)


def _work(lease: Lease, found: dict[str, Any]) -> None:
    evidence: dict[str, Any] = {}
    found["evidence"] = evidence
    run = CalibrationRun.objects.select_related("bank").get(pk=lease.run_id)
    standing = current_release(run.bank)
    lease.renew(standing=standing)
    window = collect_responses(run.bank, run.window_start, run.window_end)
    candidates = choose_candidates(run, standing, window)
    evidence["window"] = window_evidence(candidates)
    evidence["kept_out"] = kept_out_evidence(candidates, candidates.kept_out)
    require_estimable(candidates, run.min_responses)
    require_linked(candidates)
    calibration = _estimate(run, candidates, lease, evidence)
    responses = candidates.window.as_responses(candidates.n_categories)
    evidence["duplicates"] = duplicates_evidence(candidates, duplicates(responses))
    require_converged(calibration, run.tolerance)
    evidence["ties"] = weak_ties(candidates, calibration)
    lease.renew(phase=Phase.LINKING, progress=STANDARD_ERRORS_KNOWN)
    result = refresh(candidates, calibration, load_release(standing))
    evidence |= refresh_evidence(result)
    evidence["kept_out"] += kept_out_evidence(candidates, result.kept_out)
    _write_draft(lease, run, standing, result, evidence)


def current_release(bank: Bank) -> BankRelease:
    """The bank's current release. Raises Conflict when it has none."""
    release = bank.current_release
    if release is None:
        raise Conflict(
            "no_release",
            _("Bank %(bank)s has no published release yet: publish its pretest items first.")
            % {"bank": bank.slug},
        )
    return release


def _estimate(
    run: CalibrationRun, candidates: Candidates, lease: Lease, evidence: dict[str, Any]
) -> Calibration:
    start = time.perf_counter()
    calibration = calibrate(
        candidates.window.as_responses(candidates.n_categories),
        candidates.models,
        nodes=_given_nodes(run),
        tolerance=run.tolerance,
        max_iterations=MAX_ITERATIONS,
        with_covariance=True,
        callback=_heartbeat(run, lease, evidence),
    )
    evidence["em"] = em_evidence(calibration, time.perf_counter() - start)
    return calibration


def _given_nodes(run: CalibrationRun) -> FloatArray | None:
    """(Q,) those that were asked for; None, so that they adapt, where the usual ones stand."""
    if (run.nodes, run.node_range) == (NODES, LIMIT):
        return None
    return symmetric_nodes(run.nodes, run.node_range)


def _heartbeat(
    run: CalibrationRun, lease: Lease, evidence: dict[str, Any]
) -> Callable[[int, float, float], None]:
    """After each E-step: renew the lease, show how far the gradient has come, notice a cancel."""
    first: list[float] = []

    def report(iteration: int, log_posterior: float, max_gradient: float) -> None:
        first.append(max_gradient)
        done = share_covered(first[0], max_gradient, run.tolerance)
        evidence["em"] = em_so_far(iteration, log_posterior, max_gradient)
        lease.renew(
            phase=Phase.STANDARD_ERRORS if max_gradient < run.tolerance else Phase.ESTIMATING,
            progress=COLLECTED + (ESTIMATED - COLLECTED) * done,
            evidence=evidence,
        )

    return report


@transaction.atomic
def _write_draft(
    lease: Lease,
    run: CalibrationRun,
    standing: BankRelease,
    result: Refresh,
    evidence: dict[str, Any],
) -> None:
    """Draft and end of the run in one transaction: an attempt that was given up leaves nothing.

    Locks the bank, as publishing does. Raises StandingMoved, RunCancelled, LeaseLost.
    """
    bank = lock_bank(run.bank_id)
    if bank.current_release != standing:
        raise StandingMoved
    lease.renew()
    draft = open_draft(bank, run.requested_by, origin=BankRelease.Origin.CALIBRATION)
    write_parameters(draft, result.estimates(), ReleasedItem.Provenance.CALIBRATION)
    lease.end(CalibrationRun.Status.SUCCEEDED, draft=draft, progress=1.0, evidence=evidence)
