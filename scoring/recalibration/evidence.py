"""What a run leaves behind to be judged by: plain JSON in `CalibrationRun.evidence`.

{"window": {persons, responses, items}, "em": {…}, "link": {method, slope, slope_se, intercept,
 intercept_se, common_items, drifted: [{item, code, version, rmsd, p}]} | null,
 "group": {mean, sd}, "items": [{item, code, version, model, role, responses, a, b, c, d, se_*,
 old_a, old_b, old_c, old_d, shift}], "kept_out": [{item, code, version, reason, responses}],
 "ties": [{items, persons, common_items, common_persons, standard_error}],
 "duplicates": [{first, second, persons, alike, reversed}]}
"""

import math
from typing import Any

import numpy as np

from irt.calibration.result import Calibration
from irt.drift.purification import PurifiedLink, Removal
from irt.fit.duplicates import Duplicates
from items.models import ReleasedItem, Role
from scoring.recalibration.candidates import Candidates, KeptOut
from scoring.recalibration.refresh import LINKING_METHOD, Refresh


def window_evidence(candidates: Candidates) -> dict[str, Any]:
    window = candidates.window
    return {
        "persons": window.n_persons,
        "responses": window.n_responses,
        "items": len(window.version_ids),
    }


def em_evidence(calibration: Calibration, seconds: float) -> dict[str, Any]:
    return {
        "converged": bool(calibration.converged),
        "iterations": calibration.iterations,
        "nodes": len(calibration.nodes),
        "range": float(calibration.nodes[-1]),
        "max_gradient": _number(calibration.max_gradient),
        "log_likelihood": _number(calibration.log_likelihood),
        "log_posterior": _number(calibration.log_posterior),
        "seconds": round(seconds, 3),
        "history": [_number(value) for value in calibration.history],
    }


def em_so_far(iteration: int, log_posterior: float, max_gradient: float) -> dict[str, Any]:
    """What a running EM shows."""
    return {
        "iterations": iteration,
        "max_gradient": _number(max_gradient),
        "log_posterior": _number(log_posterior),
    }


def duplicates_evidence(candidates: Candidates, found: Duplicates) -> list[dict[str, Any]]:
    """Pairs that nearly everybody who answered both answered alike: one item twice, by code."""
    return [
        {
            "first": _code(candidates, found.first[pair]),
            "second": _code(candidates, found.second[pair]),
            "persons": int(found.n_persons[pair]),
            "alike": int(found.n_alike[pair]),
            "reversed": bool(found.reversed[pair]),
        }
        for pair in np.flatnonzero(found.is_sure).tolist()
    ]


def _code(candidates: Candidates, index: int) -> str:
    """By number where the version is in the release no longer."""
    row = candidates.released[index]
    return row.item.code if row else f"#{candidates.window.version_ids[index]}"


def refresh_evidence(result: Refresh) -> dict[str, Any]:
    """Link, group and the accepted items; the group is N(0, 1) where the sample is the scale."""
    link = result.link
    return {
        "link": result.linking and _link(result, result.linking),
        "group": {
            "mean": link.intercept if link else 0.0,
            "sd": link.slope * result.group_sd if link else 1.0,
        },
        "items": [_item(result, index) for index in result.accepted.tolist()],
    }


def _link(result: Refresh, linking: PurifiedLink) -> dict[str, Any]:
    """Which items linked, and which had drifted and did not, with the root of D^2 and its p."""
    slope_se, intercept_se = np.sqrt(np.diag(linking.covariance)).tolist()
    return {
        "method": LINKING_METHOD,
        "slope": linking.link.slope,
        "slope_se": slope_se,
        "intercept": linking.link.intercept,
        "intercept_se": intercept_se,
        "common_items": int(linking.link.used.sum()),
        "drifted": [_drifted(result, removal) for removal in linking.removals],
    }


def _drifted(result: Refresh, removal: Removal) -> dict[str, Any]:
    row = result.candidates.released[result.common[removal.item]]
    assert row is not None  # common items are in the standing release
    return {
        "item": row.item_id,
        "code": row.item.code,
        "version": row.item_version_id,
        "rmsd": removal.rmsd,
        "p": removal.distance_p,
    }


def kept_out_evidence(
    candidates: Candidates, pairs: list[tuple[ReleasedItem, KeptOut]]
) -> list[dict[str, Any]]:
    return [
        {
            "item": row.item_id,
            "code": row.item.code,
            "version": row.item_version_id,
            "role": row.role,
            "reason": reason.value,
            "responses": candidates.response_counts.get(row.item_version_id, 0),
        }
        for row, reason in pairs
    ]


def _item(result: Refresh, index: int) -> dict[str, Any]:
    row = result.candidates.released[index]
    assert row is not None  # accepted items are in the standing release
    parameters, errors = result.parameters, result.standard_errors
    steps = np.isfinite(parameters.difficulty[index])
    new_b = parameters.difficulty[index, steps].tolist()
    old = row.role == Role.OPERATIONAL
    return {
        "item": row.item_id,
        "code": row.item.code,
        "version": row.item_version_id,
        "model": row.model,
        "role": row.role,
        "responses": result.candidates.response_counts[row.item_version_id],
        "a": _number(parameters.discrimination[index]),
        "b": new_b,
        "c": _number(parameters.lower_asymptote[index]),
        "d": _number(parameters.upper_asymptote[index]),
        "se_a": _number(errors.discrimination[index]),
        "se_b": [_number(error) for error in errors.difficulty[index, steps]],
        "se_c": _number(errors.lower_asymptote[index]),
        "se_d": _number(errors.upper_asymptote[index]),
        "old_a": row.discrimination if old else None,
        "old_b": row.difficulty if old else None,
        "old_c": row.lower_asymptote if old else None,
        "old_d": row.upper_asymptote if old else None,
        "shift": _shift(row.difficulty, new_b) if old else None,
    }


def _shift(old: list[float] | None, new: list[float]) -> float | None:
    """Mean of new minus old b; None where the steps are not the same ones."""
    if old is None or len(old) != len(new):
        return None
    return float(np.mean(np.subtract(new, old)))


def _number(value: float) -> float | None:
    """JSON knows no NaN."""
    return float(value) if math.isfinite(value) else None
