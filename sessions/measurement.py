"""The step between reading and writing an answer: score it, measure, choose the next item.

Pure functions of what was read and of what is in memory; the engine is called with a batch of one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import numpy as np
from django.utils.translation import gettext as _

from items.answers import check_and_score
from items.errors import InvalidInput
from scoring.irt import Step, StopReason, advance, examinees, restore_state
from scoring.irt.pool import Veto
from scoring.irt.state import LEFT_OUT
from sessions.models import Session, TestVersion
from sessions.snapshot import Plan, Snapshot, load_plan, load_snapshot, load_version
from sessions.store import Record

OMITTED = {"omit": True}
STOP_REASONS = {
    StopReason.STANDARD_ERROR: Session.StopReason.STANDARD_ERROR,
    StopReason.MAXIMUM_LENGTH: Session.StopReason.MAX_ITEMS,
    StopReason.NO_ITEM_LEFT: Session.StopReason.NO_ITEMS,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as it will be stored, and the session as it stands after it.

    A score of None: omitted and left out.
    """

    answer: dict[str, Any]
    score: int | None
    after: Record


def judge(record: Record, answer: dict[str, Any], received_at: datetime) -> Judged:
    """Take the answer to the due item. Raises InvalidInput for an answer that it cannot have."""
    snapshot, plan = load_snapshot(record.release_id), load_plan(record.test_version_id)
    version_id = cast(int, record.due_item_version_id)
    normalised, score = _score(plan, version_id, answer)
    item_id = snapshot.item_of[version_id]
    step = _step(record, snapshot, plan, item_id, score)
    status, stop_reason = _ending(record, StopReason(int(step.stop[0])), received_at)
    is_open = status == Session.Status.OPEN
    after = replace(
        record,
        status=status,
        stop_reason=stop_reason,
        finished_at=None if is_open else received_at,
        position=record.position + 1,
        due_item_version_id=snapshot.item_version_at(int(step.item[0])) if is_open else None,
        issued_at=received_at if is_open else None,
        theta=float(step.theta[0]),
        standard_error=float(step.standard_error[0]),
        log_likelihood=step.state.log_likelihood[0].tobytes(),
        administered_items=[*record.administered_items, item_id],
        scores=[*record.scores, score],
    )
    return Judged(normalised, score, after)


def normalise(item_version_id: int, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer in the form in which it is stored. Raises InvalidInput."""
    if answer == OMITTED:
        return answer
    return check_and_score(load_version(item_version_id).rule, answer)[0]


def _score(
    plan: Plan, version_id: int, answer: dict[str, Any]
) -> tuple[dict[str, Any], int | None]:
    if answer != OMITTED:
        return check_and_score(load_version(version_id).rule, answer)
    if not plan.may_omit:
        raise InvalidInput("omit_refused", _("This test does not allow omitting an item."))
    left_out = plan.omit_policy == TestVersion.OmitPolicy.LEFT_OUT
    return OMITTED, None if left_out else 0


def _step(record: Record, snapshot: Snapshot, plan: Plan, item_id: int, score: int | None) -> Step:
    """The engine's step."""
    pool, policy = snapshot.pool, plan.policy
    before = restore_state(
        pool,
        examinees(policy, record.seed),
        log_likelihood=np.frombuffer(record.log_likelihood),
        item_ids=record.administered_items,
        scores=record.scores,
        theta=record.theta,
        standard_error=record.standard_error,
    )
    withdrawn = pool.mask(record.withdrawn_items)
    return advance(
        pool,
        policy,
        before,
        pool.index_of(item_id),
        LEFT_OUT if score is None else score,
        vetoes=np.where(withdrawn, Veto.WITHDRAWN, Veto.NONE).astype(np.uint8),
    )


def _ending(record: Record, stop: StopReason, received_at: datetime) -> tuple[str, str]:
    """Status and stop reason after an answer; nothing is issued once the deadline has come."""
    if stop != StopReason.CONTINUE:
        return Session.Status.FINISHED.value, STOP_REASONS[stop].value
    if record.deadline is not None and received_at >= record.deadline:
        return Session.Status.EXPIRED.value, Session.StopReason.TIME.value
    return Session.Status.OPEN.value, ""
